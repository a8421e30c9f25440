/**
 * The values of the HTTP API v1, under the names the pages use. Times are ISO 8601 in UTC; coordinates are fractions of
 * the picture, 0..1. Their shapes are the server's own (`schema.ts` is made from its OpenAPI document).
 */

import type * as server from "./schema";

/** The server leaves nothing out of what it tells, also where it lets itself be asked with less. */
type Told<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };

export type Json = server.JsonValue;
export type Point = [x: number, y: number];
export type Box = NonNullable<server.PictureTold["box"]>;

/** RFC 9457. */
export type Problem = server.Problem;
export type FieldProblem = NonNullable<Problem["errors"]>[number];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Role = server.Role;
export type Session = server.SessionTold;
export type Person = server.PersonTold;
/** What an administrator may make of somebody. */
export type PersonRole = server.PersonAsked["role"];
export type Invitation = server.InvitationTold;
export type NewInvitation = server.IssuedInvitationTold;
export type Invited = server.InvitedTold;
export type Token = server.TokenTold;
export type NewToken = server.IssuedTokenTold;
export type Site = server.SiteTold;

export type CameraState = server.CameraStateTold;
export type Trouble = server.TroubleTold;
export type Link = CameraState["state"];
export type Zone = Told<server.ZoneTold>;
export type Line = Told<server.LineTold>;
export type Direction = server.Direction;
export type Transport = server.CameraTold["transport"];

export type Hours = server.HoursTold;
export type Behaviour = Told<server.BehaviourTold>;
export type Need = server.Need;
export type BehaviourSetting = server.SettingTold;
export type BehaviourKind = server.BehaviourKindTold;
export type Ground = server.GroundTold;
export type Four = Ground["image"];
/** Something upright of known height, against which people are measured. */
export type Height = server.HeightTold;

/** What a PUT may change; an empty `url` keeps the present one, and so does leaving out `behaviours`, `ground` or
 * `heights`. */
export interface CameraSettings extends server.CameraAsked {
  zones: Zone[];
  lines: Line[];
  behaviours?: Behaviour[];
}

export interface Camera extends server.CameraTold {
  zones: Zone[];
  lines: Line[];
  behaviours: Behaviour[];
}

export type Counts = server.CountsTold;
export type CountSeries = Counts["series"][number];
export type Bucket = CountSeries["buckets"][number];
export type HeatMap = server.HeatMapTold;

export type NewCamera = server.NewCameraAsked;
export type Severity = server.Severity;
export type Rule = server.RuleTold;

export type RuleFile = server.RuleFileTold;
export type RuleFault = server.RuleFaultTold;
export type RuleReading = server.RuleReadingTold;
export type Trial = server.TrialTold;

export type Area = server.AreaTold;
export type Door = server.DoorTold;
export type DoorState = server.DoorStateTold;
export type Passing = server.PassingTold;
export type Holder = server.HolderTold;
export type HolderName = server.HolderNameTold;
export type Till = server.TillTold;
export type Device = server.DeviceTold;
export type PanelFaring = server.PanelFaringTold;

export type CameraPlace = Told<server.PlaceTold>;
export type Risk = server.RiskTold;
export type Thing = server.ThingTold;
/** The site from above. */
export interface Plan extends server.PlanTold {
  cameras: { id: string; place: CameraPlace | null }[];
}
export type Placing = server.PlacingAsked;

/** CloudEvents 1.0. */
export type CustosEvent = server.CloudEventTold;
export type EventType = server.EventTypeTold;

export type IncidentState = server.IncidentState;
export type Disposition = server.Disposition;
export type Incident = server.IncidentTold;
export type TimelineEntry = server.TimelineTold;
export type TrackPath = server.PathTold;

export interface IncidentDetail extends server.IncidentDetailTold {
  zone: Zone | null;
}

/** What was collected of an incident when it opened. */
export type IncidentContext = server.ContextTold;
export type CameraStrip = server.CameraStripTold;
export type Shot = server.ShotTold;
export type Happened = server.HappenedTold;
export type Place = server.WhereTold;
export type LogExcerpt = server.LogTold;

/** As the server asks it, and besides: only what goes with the action. */
export type IncidentChange = { version: number } & (
  | { action: "acknowledge" }
  | { action: "reopen" }
  | { action: "resolve"; disposition: Disposition; note?: string }
  | { action: "note"; note: string }
  | { action: "assign"; assignee: string }
);
