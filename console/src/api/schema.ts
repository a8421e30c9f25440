// Made by `npm run types` from the server's OpenAPI document: change that, not this file.

export type Action = "acknowledge" | "resolve" | "reopen" | "note" | "assign";
/**
 * Whether a behaviour is given something: it has no use for it, may have it, or must.
 */
export type Need = "no" | "may" | "must";
/**
 * How a setting moves when a behaviour is made less sensitive.
 */
export type Stricter = "same" | "higher" | "lower";
/**
 * Which way over a line, looking from its first point to its second (ONVIF LineDetector).
 */
export type Direction = "any" | "left" | "right";
/**
 * How an incident ended.
 */
export type Disposition = "real_threat" | "policy_breach" | "nuisance" | "false_alarm" | "test";
export type JsonValue = null | boolean | number | string | JsonValue[] | {[key: string]: JsonValue};
export type IncidentState = "open" | "acknowledged" | "resolved";
export type Severity = "low" | "medium" | "high";
/**
 * What a user may do; of people, each may all that the one before it may.
 */
export type Role = "viewer" | "operator" | "administrator" | "device";

export interface Schemas {
  AcceptAsked: AcceptAsked;
  Action: Action;
  AreaTold: AreaTold;
  BehaviourKindTold: BehaviourKindTold;
  BehaviourTold: BehaviourTold;
  BucketTold: BucketTold;
  CameraAsked: CameraAsked;
  CameraPlaceTold: CameraPlaceTold;
  CameraStateTold: CameraStateTold;
  CameraStripTold: CameraStripTold;
  CameraTold: CameraTold;
  CauseTold: CauseTold;
  ChangeAsked: ChangeAsked;
  CloudEventTold: CloudEventTold;
  ContextTold: ContextTold;
  CountsTold: CountsTold;
  CredentialTold: CredentialTold;
  DataFieldTold: DataFieldTold;
  DeviceTold: DeviceTold;
  Direction: Direction;
  Disposition: Disposition;
  DoorStateTold: DoorStateTold;
  DoorTold: DoorTold;
  DoorWeekTold: DoorWeekTold;
  DoubtTold: DoubtTold;
  EventTypeTold: EventTypeTold;
  GroundTold: GroundTold;
  HappenedTold: HappenedTold;
  Health: Health;
  HeatMapTold: HeatMapTold;
  HeightTold: HeightTold;
  HolderNameTold: HolderNameTold;
  HolderTold: HolderTold;
  HoursTold: HoursTold;
  IncidentDetailTold: IncidentDetailTold;
  IncidentState: IncidentState;
  IncidentTold: IncidentTold;
  InsideTold: InsideTold;
  InvitationAsked: InvitationAsked;
  InvitationTold: InvitationTold;
  InvitedAsked: InvitedAsked;
  InvitedTold: InvitedTold;
  IssuedInvitationTold: IssuedInvitationTold;
  IssuedTokenTold: IssuedTokenTold;
  JsonValue: JsonValue;
  LineTold: LineTold;
  LogTold: LogTold;
  MayTold: MayTold;
  NamedTold: NamedTold;
  Need: Need;
  NewCameraAsked: NewCameraAsked;
  OccupancyTold: OccupancyTold;
  OpenHereTold: OpenHereTold;
  OrderTold: OrderTold;
  Page_AreaTold_: Page_AreaTold_;
  Page_BehaviourKindTold_: Page_BehaviourKindTold_;
  Page_CameraTold_: Page_CameraTold_;
  Page_CloudEventTold_: Page_CloudEventTold_;
  Page_DeviceTold_: Page_DeviceTold_;
  Page_DoorTold_: Page_DoorTold_;
  Page_EventTypeTold_: Page_EventTypeTold_;
  Page_HolderNameTold_: Page_HolderNameTold_;
  Page_HolderTold_: Page_HolderTold_;
  Page_IncidentTold_: Page_IncidentTold_;
  Page_InvitationTold_: Page_InvitationTold_;
  Page_PersonTold_: Page_PersonTold_;
  Page_RuleFaultTold_: Page_RuleFaultTold_;
  Page_RuleFileTold_: Page_RuleFileTold_;
  Page_RuleTold_: Page_RuleTold_;
  Page_TillTold_: Page_TillTold_;
  Page_TokenTold_: Page_TokenTold_;
  PanelFaringTold: PanelFaringTold;
  PassingTold: PassingTold;
  PasswordAsked: PasswordAsked;
  PathTold: PathTold;
  PermittedTold: PermittedTold;
  PersonAsked: PersonAsked;
  PersonTold: PersonTold;
  PictureTold: PictureTold;
  PlaceTold: PlaceTold;
  PlacingAsked: PlacingAsked;
  PlanTold: PlanTold;
  Problem: Problem;
  ReaderTold: ReaderTold;
  RelatedTold: RelatedTold;
  RiskTold: RiskTold;
  Role: Role;
  RuleFaultTold: RuleFaultTold;
  RuleFileTold: RuleFileTold;
  RuleReadingTold: RuleReadingTold;
  RuleSwitchAsked: RuleSwitchAsked;
  RuleTold: RuleTold;
  SeriesTold: SeriesTold;
  SessionTold: SessionTold;
  SettingTold: SettingTold;
  SetupAsked: SetupAsked;
  SetupNeed: SetupNeed;
  Severity: Severity;
  ShotTold: ShotTold;
  ShuntAsked: ShuntAsked;
  SignInAsked: SignInAsked;
  SiteTold: SiteTold;
  Stricter: Stricter;
  TakenTold: TakenTold;
  ThingTold: ThingTold;
  ThresholdTold: ThresholdTold;
  TillTold: TillTold;
  TillWeekTold: TillWeekTold;
  TimelineTold: TimelineTold;
  TimesTold: TimesTold;
  TokenAsked: TokenAsked;
  TokenTold: TokenTold;
  TrialIncidentTold: TrialIncidentTold;
  TrialSignalTold: TrialSignalTold;
  TrialTold: TrialTold;
  TroubleTold: TroubleTold;
  UserTold: UserTold;
  WayTold: WayTold;
  WhereTold: WhereTold;
  ZoneTold: ZoneTold;
}
export interface AcceptAsked {
  token: string;
  /**
   * 12 characters or more
   */
  password: string;
}
/**
 * An area. `people`: by their credentials; `seen`: by cameras, null where none looks; `cameras`: those that look.
 * `disagreed_since`: since when cameras have seen more people than credentials say (`area.disagreed`), null while the
 * two agree. `inside`: who they are, null for those who may not see people.
 */
export interface AreaTold {
  id: string;
  name: string;
  outside: boolean;
  passback: "none" | "soft" | "hard" | "timed";
  max_people: number | null;
  outline: [number, number][];
  doors: string[];
  cameras: string[];
  people: number;
  seen: number | null;
  disagreed_since: string | null;
  inside: InsideTold[] | null;
}
/**
 * Somebody in an area, by their credential. `holder_id` is null for a credential nobody is known to hold.
 */
export interface InsideTold {
  holder_id: string | null;
  name: string | null;
  credential: string | null;
  since: string;
}
/**
 * One thing tracks may do. `zone`, `line`, `ground`: whether it needs one.
 */
export interface BehaviourKindTold {
  name: string;
  meaning: string;
  events: string[];
  onvif_rule: string | null;
  zone: Need;
  line: Need;
  ground: Need;
  directions: boolean;
  classes: string[];
  settings: SettingTold[];
  orders: OrderTold[];
}
/**
 * A number of a behaviour. `stricter`: how it moves when the behaviour is made less sensitive.
 */
export interface SettingTold {
  name: string;
  unit: string;
  default: number;
  low: number;
  high: number;
  meaning: string;
  stricter: Stricter;
}
/**
 * Two settings, by name: `less` must not be more than `more`.
 */
export interface OrderTold {
  less: string;
  more: string;
}
/**
 * Something tracks may do here; `GET /behaviour-kinds` lists the kinds and their settings. Both told and asked.
 */
export interface BehaviourTold {
  id: string;
  kind: string;
  name?: string | null;
  zone?: string | null;
  line?: string | null;
  classes?: string[];
  hours?: HoursTold[] | null;
  sensitivity?: number;
  direction?: Direction | null;
  settings?: {
    [k: string]: number;
  };
}
/**
 * A span of the day on some weekdays (0 Monday .. 6 Sunday); "24:00" ends a day, an end before the start lies in
 * the next one.
 */
export interface HoursTold {
  weekdays: number[];
  start: string;
  end: string;
}
/**
 * One span of time: how many events, and the sums and the highest values of their numbers, by field.
 */
export interface BucketTold {
  since: string;
  count: number;
  sums: {
    [k: string]: number;
  };
  peaks: {
    [k: string]: number;
  };
}
/**
 * The whole camera; `url` "" keeps the present one, and so does leaving out `behaviours`, `ground` or
 * `heights`.
 */
export interface CameraAsked {
  name: string;
  url: string;
  transport: "tcp" | "udp";
  loop: boolean;
  enabled: boolean;
  detect_fps: number;
  zones: ZoneTold[];
  lines: LineTold[];
  behaviours?: BehaviourTold[];
  ground?: GroundTold | null;
  heights?: HeightTold[];
}
/**
 * A polygon on the picture; coordinates 0..1, origin top left. Both told and asked.
 */
export interface ZoneTold {
  id: string;
  name: string;
  polygon: [number, number][];
  classes?: string[];
  loiter_s?: number | null;
  min_dwell_s?: number;
  hours?: HoursTold[] | null;
  sensitivity?: number;
}
/**
 * A directed line; `left` and `right` as seen going from its first point to its second.
 */
export interface LineTold {
  id: string;
  name: string;
  /**
   * @minItems 2
   * @maxItems 2
   */
  points: [[number, number], [number, number]];
  /**
   * Which way over a line, looking from its first point to its second (ONVIF LineDetector).
   */
  direction?: "any" | "left" | "right";
  classes?: string[];
  hours?: HoursTold[] | null;
  sensitivity?: number;
}
/**
 * Four points of the ground on the picture, going around, and their places in metres. Both told and asked.
 */
export interface GroundTold {
  /**
   * @minItems 4
   * @maxItems 4
   */
  image: [[number, number], [number, number], [number, number], [number, number]];
  /**
   * @minItems 4
   * @maxItems 4
   */
  metres: [[number, number], [number, number], [number, number], [number, number]];
}
/**
 * Something upright of known height that stands on the ground people walk on. Both told and asked.
 */
export interface HeightTold {
  /**
   * @minItems 2
   * @maxItems 2
   */
  bottom: [number, number];
  /**
   * @minItems 2
   * @maxItems 2
   */
  top: [number, number];
  height_m: number;
}
/**
 * A camera on the plan; `place` null where it has none.
 */
export interface CameraPlaceTold {
  id: string;
  place: PlaceTold | null;
}
/**
 * Where a camera stands and what it overlooks; `bearing_deg` clockwise from the plan's upper edge, null: unknown.
 * Both told and asked.
 */
export interface PlaceTold {
  /**
   * @minItems 2
   * @maxItems 2
   */
  position: [number, number];
  bearing_deg?: number | null;
  view_deg?: number;
  range_m?: number;
}
/**
 * How a camera fares, over the last few seconds.
 *
 * `needs_recalibration`: it was moved, and nobody has confirmed or redrawn its zones since.
 * `speeds_refused`: impossible speeds that were dropped in the last hour, all of them above `speeds_above_mps`.
 */
export interface CameraStateTold {
  state: "connecting" | "connected" | "lost" | "stalled" | "disabled" | "unserved";
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
  behind_s: number | null;
  awake: boolean;
  passed_over: number;
  integrity: TroubleTold[];
  needs_recalibration: boolean;
  recalibration_reason: string;
  speeds_refused: number;
  speeds_above_mps: number;
}
/**
 * What is wrong with a camera itself now; `words` for an operator. See docs/integrity.md.
 */
export interface TroubleTold {
  what: "blinded" | "covered" | "defocused" | "degraded" | "frozen" | "moved" | "obstructed" | "replayed";
  since: string;
  words: string;
}
/**
 * What a camera that sees the place showed, the oldest first; `missing` says why there is nothing.
 */
export interface CameraStripTold {
  camera_id: string;
  name: string;
  shots: ShotTold[];
  missing: string;
}
/**
 * A picture at /api/v1/incidents/{incident_id}/snapshots/{id}.jpg; `offset_s`: from when the incident opened.
 */
export interface ShotTold {
  id: string;
  at: string;
  offset_s: number;
}
/**
 * A camera; `url` without its credentials.
 */
export interface CameraTold {
  id: string;
  name: string;
  url: string;
  transport: "tcp" | "udp";
  loop: boolean;
  enabled: boolean;
  detect_fps: number;
  zones: ZoneTold[];
  lines: LineTold[];
  behaviours: BehaviourTold[];
  ground: GroundTold | null;
  heights: HeightTold[];
  state: CameraStateTold;
}
/**
 * The rule that fired, as it stood then: what it looks for, and what else may look like this.
 */
export interface CauseTold {
  rule_id: string;
  title: string;
  description: string;
  falsepositives: string[];
}
/**
 * `version`: as last seen. `resolve` needs a disposition, `note` a note; `assign` null takes it away.
 */
export interface ChangeAsked {
  version: number;
  action: Action;
  disposition?: Disposition | null;
  note?: string | null;
  assignee?: string | null;
}
/**
 * CloudEvents 1.0; `subject` is absent when there is none.
 */
export interface CloudEventTold {
  specversion: "1.0";
  id: string;
  type: string;
  source: string;
  subject?: string | null;
  time: string;
  datacontenttype: "application/json";
  data: {
    [k: string]: JsonValue;
  };
}
/**
 * The whole picture of an incident as it was when it opened; it does not change once `state` is `done`.
 *
 * `state`: `waiting` to be collected, `begun` (what comes after it opened is still awaited), `done`, or `none` for an
 * incident older than this. `because`: the events it rests on. `map_at`: the place to open the site's map at.
 * `recorded`: whether there are clips. `pictures_deleted`: that the incident's pictures have been kept for long enough
 * and are gone, in words; "" otherwise. `people` and `related` are as of `known_at`. `holders`: whom it is about, null
 * for those who may not see people, who get no log of a holder either.
 */
export interface ContextTold {
  incident_id: string;
  state: "none" | "waiting" | "begun" | "done";
  at: string;
  known_at: string | null;
  cause: CauseTold | null;
  because: HappenedTold[];
  places: WhereTold[];
  map_at: string | null;
  cameras: CameraStripTold[];
  recorded: boolean;
  pictures_deleted: string;
  logs: LogTold[];
  people: OccupancyTold[];
  holders: NamedTold[] | null;
  related: RelatedTold[];
  related_within_s: number;
}
/**
 * An event in plain words. `place` and `place_name`: where, null when it is not told; `offset_s`: from when the
 * incident opened; `pictured`: whether it has a picture; `holder`: whom it is about, for those who may see people.
 */
export interface HappenedTold {
  event_id: string;
  type: string;
  at: string;
  offset_s: number;
  words: string;
  place: string | null;
  place_name: string | null;
  pictured: boolean;
  holder: NamedTold | null;
}
export interface NamedTold {
  id: string;
  name: string;
}
/**
 * `place`: "doors/front", "areas/office", "cameras/lobby", ...; `position`: on the site's plan, null when it is not
 * drawn there.
 */
export interface WhereTold {
  place: string;
  name: string;
  position: [number, number] | null;
}
/**
 * What a door's or a holder's log had, the newest first. `of`: "doors/front" or "holders/ada".
 */
export interface LogTold {
  of: string;
  name: string;
  events: HappenedTold[];
}
/**
 * Who was in an area. `people`: by their credentials; `seen`: by cameras, null where none looks; `inside`: who they
 * were, null for those who may not see people.
 */
export interface OccupancyTold {
  area_id: string;
  name: string;
  people: number;
  seen: number | null;
  inside: InsideTold[] | null;
}
/**
 * An earlier incident; `state`: its state now; `shared`: the places and holders that both are about.
 */
export interface RelatedTold {
  id: string;
  number: number;
  title: string;
  opened_at: string;
  state: IncidentState;
  shared: WhereTold[];
}
/**
 * Buckets of `bucket_s` seconds, the first from `since`. `doubtful`: what was counted then may not be so.
 */
export interface CountsTold {
  since: string;
  until: string;
  bucket_s: number;
  series: SeriesTold[];
  doubtful: DoubtTold[];
}
/**
 * Events of one type and of one thing; `of` says which: {"line_id": "gate", "direction": "left"}. Buckets without
 * an event are left out.
 */
export interface SeriesTold {
  type: string;
  of: {
    [k: string]: string;
  };
  buckets: BucketTold[];
}
/**
 * From when to when zones and lines were in doubt, as the camera had been moved; no `until` while nobody has
 * confirmed or redrawn them.
 */
export interface DoubtTold {
  since: string;
  until: string | null;
  reason: string;
}
/**
 * A credential. Its duress mark is told to nobody: who reads over a shoulder must not learn of it.
 */
export interface CredentialTold {
  number: string;
  state: "active" | "lost" | "stolen" | "blocked";
  valid_from: string | null;
  valid_until: string | null;
}
export interface DataFieldTold {
  name: string;
  kind: "text" | "number" | "integer" | "flag" | "box" | "points" | "texts" | "numbers" | "object";
  meaning: string;
  required: boolean;
}
/**
 * A device of the site file; `clock_offset_s` is its clock less ours, null while unknown.
 */
export interface DeviceTold {
  id: string;
  name: string;
  kind: string;
  enabled: boolean;
  state: "disabled" | "waiting" | "connecting" | "connected" | "lost";
  since: string;
  reason: string;
  heard_at: string | null;
  events: number;
  duplicates: number;
  late: number;
  misunderstood: number;
  last_misunderstood: string;
  clock_offset_s: number | null;
  clock_limit_s: number;
  details: {
    [k: string]: string;
  };
  panels: PanelFaringTold[];
}
/**
 * A panel of a receiver; `heard_at` is null if not since the server started, `supervised_s` if it may be silent.
 */
export interface PanelFaringTold {
  id: string;
  heard_at: string | null;
  silent_since: string | null;
  supervised_s: number | null;
}
/**
 * A door now, in ONVIF's terms. `people_in`, `people_out`: in the present opening, null while it is closed or
 * nobody counts; `uncounted` says why nobody does, "" when somebody does.
 */
export interface DoorStateTold {
  contact: "open" | "closed" | "unknown";
  lock: "locked" | "unlocked";
  alarm: "normal" | "forced" | "held" | "propped";
  own_alarm: string;
  mode: string;
  online: boolean;
  tampered: boolean;
  shunted: boolean;
  free: boolean;
  opened_at: string | null;
  changed_at: string | null;
  people_in: number | null;
  people_out: number | null;
  uncounted: string;
}
/**
 * A door. `areas`: going in leads from the first to the second. `state`: null until the hub knows of the door.
 * `last_event`: the newest in its log.
 */
export interface DoorTold {
  id: string;
  name: string;
  /**
   * @minItems 2
   * @maxItems 2
   */
  areas: [string, string];
  readers: ReaderTold[];
  sensor: boolean;
  release_time_s: number;
  open_time_s: number;
  extended_open_time_s: number;
  pre_alarm_time_s: number;
  propped_after_s: number;
  cameras: string[];
  threshold: ThresholdTold | null;
  free: string | null;
  interlock: string[];
  position: [number, number] | null;
  device: string | null;
  state: DoorStateTold | null;
  week: DoorWeekTold;
  last_event: CloudEventTold | null;
}
export interface ReaderTold {
  id: string;
  into: string;
}
/**
 * `inward`: the crossing that leads into the door's second area.
 */
export interface ThresholdTold {
  camera_id: string;
  line_id: string;
  inward: "left" | "right";
}
/**
 * How often it happened at a door in the last seven days.
 */
export interface DoorWeekTold {
  forced: number;
  held: number;
  propped: number;
  tailgated: number;
  denied: number;
  used: number;
}
/**
 * A kind of fact, with its ONVIF topic and alarm codes where there are some.
 */
export interface EventTypeTold {
  name: string;
  meaning: string;
  onvif_topic: string | null;
  sia: string | null;
  contact_id: string | null;
  fields: DataFieldTold[];
}
export interface Health {
  status?: string;
}
/**
 * A grid over the picture, row by row from its top left. `seconds`: object seconds in each cell; `ways`: the sum of
 * the moves that began in it, [x, y] in fractions of the picture; `covered_s`: how long there was something to map;
 * `moved_at`: from when in this span the camera has had the view that is mapped, null when from its beginning; nothing
 * that was mapped while it showed another is in it.
 */
export interface HeatMapTold {
  behaviour_id: string | null;
  since: string;
  until: string;
  columns: number;
  rows: number;
  covered_s: number;
  maps: number;
  moved_at: string | null;
  seconds: number[];
  ways: number[][];
}
/**
 * `of`: as it was asked, "holders/ada" or "credentials/1001".
 */
export interface HolderNameTold {
  of: string;
  id: string;
  name: string;
}
/**
 * Somebody to whom credentials belong. `role_names`: of their `roles`, in the same order. `may`: where these let
 * them go, with a credential that may be used then. `needs_escort`: they go nowhere without somebody who may escort.
 * `area_id`: where they went last, by their credentials; null when unknown. `last_event`: the newest in their log.
 */
export interface HolderTold {
  id: string;
  name: string;
  roles: string[];
  role_names: string[];
  may: MayTold[];
  needs_escort: boolean;
  needs_longer: boolean;
  credentials: CredentialTold[];
  area_id: string | null;
  area_since: string | null;
  last_event: CloudEventTold | null;
}
/**
 * Where a role lets its holders go: by these doors and by all doors into these areas. `when`: null for always;
 * `now`: whether that is so at this moment.
 */
export interface MayTold {
  role: string;
  areas: string[];
  doors: string[];
  when: TimesTold | null;
  now: boolean;
}
/**
 * A schedule of the site file: weekly hours, and those on holidays, of which there are none when it is not in force
 * then.
 */
export interface TimesTold {
  name: string;
  hours: HoursTold[];
  on_holidays: HoursTold[];
}
/**
 * Everything there is to know of it.
 */
export interface IncidentDetailTold {
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
  timeline: TimelineTold[];
  events: CloudEventTold[];
  picture: PictureTold | null;
  paths: PathTold[];
  zone: ZoneTold | null;
}
/**
 * One line of the history. `kind`: "signal", "event", "state", "note".
 */
export interface TimelineTold {
  at: string;
  kind: string;
  text: string;
  actor: string;
  event_id: string | null;
}
/**
 * The picture at /api/v1/events/{id}/picture.jpg; `box` left, top, right, bottom in 0..1.
 */
export interface PictureTold {
  id: string;
  camera_id: string;
  at: string;
  box: [number, number, number, number] | null;
}
/**
 * Where a subject's foot point has been, oldest first, in 0..1 of the camera's picture.
 */
export interface PathTold {
  subject: string;
  camera_id: string | null;
  class: string;
  points: [number, number][];
  started_at: string | null;
  ended_at: string | null;
}
/**
 * A case a person handles. `version` goes into the next change; `risk` 0..100.
 */
export interface IncidentTold {
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
/**
 * `name`: what they will type to sign in.
 */
export interface InvitationAsked {
  name: string;
  role: "viewer" | "operator" | "administrator";
}
export interface InvitationTold {
  id: string;
  name: string;
  role: Role;
  created_at: string;
  expires_at: string;
}
export interface InvitedAsked {
  token: string;
}
/**
 * Whom a link invites, and as what.
 */
export interface InvitedTold {
  name: string;
  role: Role;
  expires_at: string;
}
/**
 * `token` is told once and never again: the link is `/invited?token=...` of this console.
 */
export interface IssuedInvitationTold {
  id: string;
  name: string;
  role: Role;
  created_at: string;
  expires_at: string;
  token: string;
}
/**
 * `secret` is told once and never again.
 */
export interface IssuedTokenTold {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
  secret: string;
}
/**
 * `id` is made from the name when it is absent.
 */
export interface NewCameraAsked {
  id?: string | null;
  name: string;
  url: string;
  transport?: "tcp" | "udp";
  detect_fps?: number;
  zones?: ZoneTold[];
  lines?: LineTold[];
  behaviours?: BehaviourTold[];
  ground?: GroundTold | null;
  heights?: HeightTold[];
}
/**
 * An incident that is not resolved.
 */
export interface OpenHereTold {
  id: string;
  number: number;
  title: string;
  severity: Severity;
  risk: number;
  state: IncidentState;
}
export interface Page_AreaTold_ {
  items: AreaTold[];
  next_cursor: string | null;
}
export interface Page_BehaviourKindTold_ {
  items: BehaviourKindTold[];
  next_cursor: string | null;
}
export interface Page_CameraTold_ {
  items: CameraTold[];
  next_cursor: string | null;
}
export interface Page_CloudEventTold_ {
  items: CloudEventTold[];
  next_cursor: string | null;
}
export interface Page_DeviceTold_ {
  items: DeviceTold[];
  next_cursor: string | null;
}
export interface Page_DoorTold_ {
  items: DoorTold[];
  next_cursor: string | null;
}
export interface Page_EventTypeTold_ {
  items: EventTypeTold[];
  next_cursor: string | null;
}
export interface Page_HolderNameTold_ {
  items: HolderNameTold[];
  next_cursor: string | null;
}
export interface Page_HolderTold_ {
  items: HolderTold[];
  next_cursor: string | null;
}
export interface Page_IncidentTold_ {
  items: IncidentTold[];
  next_cursor: string | null;
}
export interface Page_InvitationTold_ {
  items: InvitationTold[];
  next_cursor: string | null;
}
export interface Page_PersonTold_ {
  items: PersonTold[];
  next_cursor: string | null;
}
/**
 * A user, for administrators; `disabled_at` while they may not sign in.
 */
export interface PersonTold {
  id: string;
  name: string;
  role: Role;
  created_at: string;
  disabled_at: string | null;
}
export interface Page_RuleFaultTold_ {
  items: RuleFaultTold[];
  next_cursor: string | null;
}
/**
 * Why a rule file is not in force as it is now. `line` counts from 1; 0 when the file as a whole is meant.
 */
export interface RuleFaultTold {
  file: string;
  line: number;
  what: string;
  remedy: string;
}
export interface Page_RuleFileTold_ {
  items: RuleFileTold[];
  next_cursor: string | null;
}
/**
 * A rule from a file. `hits`: how often it has spoken in the last seven days; `in_use`: not in `rules_off`.
 */
export interface RuleFileTold {
  id: string;
  title: string;
  level: string;
  status: string;
  description: string;
  operator: string;
  falsepositives: string[];
  types: string[];
  in_use: boolean;
  hits: number;
}
export interface Page_RuleTold_ {
  items: RuleTold[];
  next_cursor: string | null;
}
/**
 * Someone in one of these zones ("camera/zone") outside the `expected` hours; null: never expected.
 */
export interface RuleTold {
  id: string;
  title: string;
  kind?: "presence";
  zones: string[];
  expected: string | null;
  longer_than_s: number;
  severity: Severity;
  classes: string[];
}
export interface Page_TillTold_ {
  items: TillTold[];
  next_cursor: string | null;
}
/**
 * A till: one that the site file names in a view, or that has spoken in the last seven days. `zones`: in front of
 * it, as "camera/zone"; `cameras`: which see it, by its zones too.
 */
export interface TillTold {
  id: string;
  cameras: string[];
  zones: string[];
  week: TillWeekTold;
  last_event: CloudEventTold | null;
}
/**
 * What a till did in the last seven days. `no_sales`: its drawer was opened without a sale.
 */
export interface TillWeekTold {
  sales: number;
  refunds: number;
  voids: number;
  no_sales: number;
  overrides: number;
}
export interface Page_TokenTold_ {
  items: TokenTold[];
  next_cursor: string | null;
}
export interface TokenTold {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
}
/**
 * Who may go through a door at `at`, each way.
 */
export interface PassingTold {
  at: string;
  ways: WayTold[];
}
/**
 * One way through a door. `free`: nobody needs a credential now, and `free_because` says why. Otherwise `count`
 * holders may pass now, of whom `holders` are the first 200.
 */
export interface WayTold {
  into: string;
  free: boolean;
  free_because: string;
  count: number;
  holders: PermittedTold[];
}
/**
 * Somebody who may go through a door now.
 */
export interface PermittedTold {
  id: string;
  name: string;
  roles: string[];
}
export interface PasswordAsked {
  current: string;
  /**
   * 12 characters or more
   */
  new: string;
}
/**
 * The whole of what an administrator may change of a user.
 */
export interface PersonAsked {
  role: "viewer" | "operator" | "administrator";
  enabled: boolean;
}
/**
 * Where things are to stand from now on, by their ids; what is not named stays where it is. null, or an outline
 * without corners, takes something off the plan.
 */
export interface PlacingAsked {
  areas?: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^[a-z0-9][a-z0-9-]{0,62}$".
     */
    [k: string]: [number, number][];
  };
  doors?: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^[a-z0-9][a-z0-9-]{0,62}$".
     */
    [k: string]: [number, number] | null;
  };
  cameras?: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^[a-z0-9][a-z0-9-]{0,62}$".
     */
    [k: string]: PlaceTold | null;
  };
  things?: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^((tills|panels|sensors|devices)/[a-z0-9][a-z0-9-]{0,62}|panels/[a-z0-9][a-z0-9-]{0,62}/[A-Za-z0-9-]{1,16})$".
     */
    [k: string]: [number, number] | null;
  };
}
/**
 * The site from above. `image`: the address of its picture, null where there is none; `is_drawn_up`: the site file
 * says something of where things are. `risks`: of every place where something is not resolved.
 */
export interface PlanTold {
  image: string | null;
  width_m: number;
  height_m: number;
  is_drawn_up: boolean;
  cameras: CameraPlaceTold[];
  things: ThingTold[];
  risks: RiskTold[];
}
/**
 * A till, a panel, a panel's zone or a sensor that a view of the site file names: `of` is "tills/till-1",
 * "panels/main/01". `trouble`: what is the matter with a panel or its zone since `trouble_since`; null for nothing.
 */
export interface ThingTold {
  of: string;
  position: [number, number] | null;
  cameras: string[];
  zones: string[];
  trouble: ("alarm" | "tamper" | "silent") | null;
  trouble_since: string | null;
}
/**
 * The risk of a place ("areas/office", "doors/dock"): that of the gravest incident there which is not resolved.
 * `incidents`: those, the gravest first.
 */
export interface RiskTold {
  of: string;
  risk: number;
  severity: Severity;
  incidents: OpenHereTold[];
}
/**
 * RFC 9457. `type` names the kind of problem; `errors` point into the request.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string;
  errors?: {
    pointer: string;
    detail: string;
  }[];
}
/**
 * What reading the rule files has brought. `changed`: other rules are in force from now on; `rules`: how many.
 */
export interface RuleReadingTold {
  changed: boolean;
  rules: number;
  faults: RuleFaultTold[];
}
/**
 * Whether a rule is to be used at this site.
 */
export interface RuleSwitchAsked {
  in_use: boolean;
}
/**
 * Who is signed in, and until when; null for an API token that does not expire.
 */
export interface SessionTold {
  user: UserTold;
  expires_at: string | null;
}
export interface UserTold {
  id: string;
  name: string;
  role: Role;
}
export interface SetupAsked {
  token: string;
  name: string;
  /**
   * 12 characters or more
   */
  password: string;
}
/**
 * Whether the first administrator is still to be created.
 */
export interface SetupNeed {
  needed: boolean;
}
/**
 * For how long a door's alarms are to be suspended, and why.
 */
export interface ShuntAsked {
  for_s: number;
  reason: string;
}
export interface SignInAsked {
  name: string;
  password: string;
}
/**
 * The site in numbers. `class_names`: what zones, lines and rules may name. `problem`: why what was saved last is
 * not in force, for those who may change the site; "" when it is.
 */
export interface SiteTold {
  id: string;
  name: string;
  time_zone: string;
  demo: boolean;
  version: string;
  detector: string | null;
  cameras: number;
  open_incidents: number;
  class_names: string[];
  problem: string;
}
/**
 * What became of events that were sent: all are stored, `new` of them for the first time.
 */
export interface TakenTold {
  accepted: number;
  new: number;
  duplicates: number;
}
export interface TokenAsked {
  name: string;
  expires_in_days?: number | null;
}
/**
 * An incident that the rule would have opened. `signals`: how often the rule spoke of it.
 */
export interface TrialIncidentTold {
  title: string;
  severity: Severity;
  risk: number;
  opened_at: string;
  updated_at: string;
  signals: number;
  reasons: string[];
  event_ids: string[];
  camera_id: string | null;
}
export interface TrialSignalTold {
  at: string;
  reasons: string[];
  event_ids: string[];
  camera_id: string | null;
}
/**
 * `fired`: how often; `signals`: the first 200 of them; `incidents`: what these would have opened, the newest 200;
 * `words`: why, or what was missing; `is_cut`: there were more events than a trial hears; `took_s`: reading the events
 * and hearing them again.
 */
export interface TrialTold {
  rule_id: string;
  since: string;
  heard: number;
  is_cut: boolean;
  fired: number;
  words: string[];
  signals: TrialSignalTold[];
  opened: number;
  incidents: TrialIncidentTold[];
  took_s: number;
}
