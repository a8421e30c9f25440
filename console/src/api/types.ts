/** The values of the HTTP API v1. Times are ISO 8601 in UTC; coordinates are fractions of the picture, 0..1. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Point = [x: number, y: number];
export type Box = [left: number, top: number, right: number, bottom: number];

export interface FieldProblem {
  /** JSON pointer into the request, as "/zones/0/polygon". */
  pointer: string;
  detail: string;
}

/** RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string;
  errors?: FieldProblem[];
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Role = "administrator" | "operator" | "viewer";

export interface Session {
  user: { id: string; name: string; role: Role };
  expires_at: string;
}

export interface Token {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
}

export interface NewToken extends Token {
  secret: string;
}

export interface Site {
  id: string;
  name: string;
  time_zone: string;
  demo: boolean;
  version: string;
  detector: string | null;
  cameras: number;
  open_incidents: number;
  class_names: string[];
}

export type Link = "connecting" | "connected" | "lost" | "stalled" | "disabled" | "unserved";

export interface CameraState {
  state: Link;
  since: string;
  reason: string;
  codec: string;
  width_px: number;
  height_px: number;
  fps: number;
  kbps: number;
  detections_fps: number;
  wanted: number;
  dropped: number;
  damaged: number;
  latency_s: number | null;
  moving: boolean;
  tracks: number;
  clock: "camera" | "arrival" | "file";
}

export interface Zone {
  id: string;
  name: string;
  polygon: Point[];
  classes: string[];
  loiter_s: number | null;
  min_dwell_s: number;
}

export type Direction = "any" | "left" | "right";

export interface Line {
  id: string;
  name: string;
  points: [Point, Point];
  direction: Direction;
  classes: string[];
}

export type Transport = "tcp" | "udp";

/** A span of the day on some weekdays, 0 Monday to 6 Sunday; an end before the start lies in the next day. */
export interface Hours {
  weekdays: number[];
  start: string;
  end: string;
}

/** Something tracks may do in one camera's picture. */
export interface Behaviour {
  id: string;
  kind: string;
  name: string | null;
  zone: string | null;
  line: string | null;
  /** Empty: what the kind counts by itself. */
  classes: string[];
  /** Null: at all hours. */
  hours: Hours[] | null;
  sensitivity: number;
  direction: Direction | null;
  settings: { [name: string]: number };
}

export type Need = "no" | "may" | "must";

export interface BehaviourSetting {
  name: string;
  unit: string;
  default: number;
  low: number;
  high: number;
  meaning: string;
  stricter: "same" | "higher" | "lower";
}

export interface BehaviourKind {
  name: string;
  meaning: string;
  events: string[];
  onvif_rule: string | null;
  zone: Need;
  line: Need;
  ground: Need;
  directions: boolean;
  classes: string[];
  settings: BehaviourSetting[];
}

export type Four = [Point, Point, Point, Point];

/** Four points of the ground on the picture, going around, and their places in metres. */
export interface Ground {
  image: Four;
  metres: Four;
}

/** What a PUT may change; an empty `url` keeps the present one, and so does leaving out `behaviours` or `ground`. */
export interface CameraSettings {
  name: string;
  url: string;
  transport: Transport;
  loop: boolean;
  enabled: boolean;
  detect_fps: number;
  zones: Zone[];
  lines: Line[];
  behaviours?: Behaviour[];
  ground?: Ground | null;
}

export interface Camera extends CameraSettings {
  id: string;
  behaviours: Behaviour[];
  ground: Ground | null;
  state: CameraState;
}

export interface NewCamera {
  id?: string;
  name: string;
  url: string;
  transport?: Transport;
}

export type Severity = "low" | "medium" | "high";

export interface Rule {
  id: string;
  title: string;
  kind: "presence";
  zones: string[];
  expected: string | null;
  longer_than_s: number;
  severity: Severity;
  classes: string[];
}

/** CloudEvents 1.0. */
export interface CustosEvent {
  specversion: string;
  id: string;
  type: string;
  source: string;
  subject?: string | null;
  time: string;
  datacontenttype?: string;
  data: { [key: string]: Json };
}

export interface EventType {
  name: string;
  meaning: string;
  onvif_topic: string | null;
  sia: string | null;
  contact_id: string | null;
  fields: { name: string; kind: string; meaning: string; required: boolean }[];
}

export type IncidentState = "open" | "acknowledged" | "resolved";
export type Disposition = "real_threat" | "policy_breach" | "nuisance" | "false_alarm" | "test";

export interface Incident {
  id: string;
  number: number;
  title: string;
  severity: Severity;
  risk: number;
  state: IncidentState;
  opened_at: string;
  updated_at: string;
  resolved_at: string | null;
  rule_id: string;
  camera_id: string | null;
  zone_id: string | null;
  disposition: Disposition | null;
  assignee: string | null;
  version: number;
  reasons: string[];
  picture_id: string | null;
  event_count: number;
}

export interface TimelineEntry {
  at: string;
  kind: string;
  text: string;
  actor: string;
  event_id: string | null;
}

export interface TrackPath {
  subject: string;
  camera_id: string;
  class: string;
  points: Point[];
  started_at: string | null;
  ended_at: string | null;
}

export interface IncidentDetail extends Incident {
  timeline: TimelineEntry[];
  events: CustosEvent[];
  picture: { id: string; camera_id: string; at: string; box: Box | null } | null;
  paths: TrackPath[];
  zone: Zone | null;
}

export type IncidentChange = { version: number } & (
  | { action: "acknowledge" }
  | { action: "reopen" }
  | { action: "resolve"; disposition: Disposition; note?: string }
  | { action: "note"; note: string }
  | { action: "assign"; assignee: string }
);
