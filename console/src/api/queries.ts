/** Named reads and changes; components ask for these and know no addresses. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { API, ApiError, change, get, queryString } from "./client";
import type {
  Area,
  BehaviourKind,
  Camera,
  CameraSettings,
  Counts,
  CustosEvent,
  Device,
  Door,
  EventType,
  HeatMap,
  Holder,
  HolderName,
  Incident,
  IncidentChange,
  IncidentContext,
  IncidentDetail,
  IncidentState,
  Invitation,
  Invited,
  NewCamera,
  NewInvitation,
  NewToken,
  Page,
  Passing,
  Person,
  PersonRole,
  Placing,
  Plan,
  Rule,
  RuleFault,
  RuleFile,
  RuleReading,
  Session,
  Site,
  Till,
  Token,
  Trial,
} from "./types";

const CAMERAS_EVERY_MS = 2_000;
const SITE_EVERY_MS = 15_000;
const PAGE_SIZE = 50;

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await get<Session>("/session", signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => get<{ needed: boolean }>("/setup", signal),
});

export const siteQuery = queryOptions({
  queryKey: ["site"],
  queryFn: ({ signal }) => get<Site>("/site", signal),
  refetchInterval: SITE_EVERY_MS,
});

export const camerasQuery = queryOptions({
  queryKey: ["cameras"],
  queryFn: async ({ signal }) => (await get<Page<Camera>>("/cameras", signal)).items,
});

/** For pages that show how cameras fare: asked again and again while the page can be seen. */
export const faringCamerasQuery = queryOptions({ ...camerasQuery, refetchInterval: CAMERAS_EVERY_MS });

/** A camera as events and incidents speak of it; does not change while only its figures do. */
export type NamedCamera = Pick<Camera, "id" | "name" | "zones" | "lines">;

export const namedCamerasQuery = queryOptions({
  ...camerasQuery,
  select: (cameras: Camera[]): NamedCamera[] =>
    cameras.map(({ id, name, zones, lines }) => ({ id, name, zones, lines })),
  staleTime: 60_000,
});

const COUNTS_EVERY_MS = 30_000;

/** Of the last `span_s` seconds, in whole buckets, the present one included. */
export function countsQuery(cameraId: string, span_s: number, bucket_s: number) {
  return queryOptions({
    queryKey: ["counts", cameraId, span_s, bucket_s],
    queryFn: ({ signal }) => {
      const end_s = Math.ceil(Date.now() / 1000 / bucket_s) * bucket_s;
      const at = (time_s: number) => new Date(time_s * 1000).toISOString();
      const span = { since: at(end_s - span_s), until: at(end_s), bucket_s };
      return get<Counts>(`${camera(cameraId)}/counts${queryString(span)}`, signal);
    },
    refetchInterval: COUNTS_EVERY_MS,
  });
}

export function heatMapQuery(cameraId: string, span_s: number) {
  return queryOptions({
    queryKey: ["heatmap", cameraId, span_s],
    queryFn: ({ signal }) => {
      const since = new Date(Date.now() - span_s * 1000).toISOString();
      return get<HeatMap>(`${camera(cameraId)}/heatmap${queryString({ since })}`, signal);
    },
    refetchInterval: COUNTS_EVERY_MS,
  });
}

export const HISTORY_DAYS = 7;
const HISTORY_AT_MOST = 200;
const DAY_MS = 86_400_000;

/** What was said of the camera itself (attacks, its stream, overload) over the last days, newest first. */
export function cameraHistoryQuery(cameraId: string) {
  return queryOptions({
    queryKey: ["camera-history", cameraId],
    queryFn: ({ signal }) => {
      const since = new Date(Date.now() - HISTORY_DAYS * DAY_MS).toISOString();
      const asked = { type: "camera.", camera_id: cameraId, since, limit: HISTORY_AT_MOST };
      return get<Page<CustosEvent>>(`/events${queryString(asked)}`, signal);
    },
  });
}

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: async ({ signal }) => (await get<Page<Rule>>("/rules", signal)).items,
  staleTime: 60_000,
});

export const eventTypesQuery = queryOptions({
  queryKey: ["event-types"],
  queryFn: async ({ signal }) => (await get<Page<EventType>>("/event-types", signal)).items,
  staleTime: Number.POSITIVE_INFINITY,
});

export const behaviourKindsQuery = queryOptions({
  queryKey: ["behaviour-kinds"],
  queryFn: async ({ signal }) => (await get<Page<BehaviourKind>>("/behaviour-kinds", signal)).items,
  staleTime: Number.POSITIVE_INFINITY,
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: async ({ signal }) => (await get<Page<Token>>("/tokens", signal)).items,
});

export const peopleQuery = queryOptions({
  queryKey: ["users"],
  queryFn: async ({ signal }) => (await get<Page<Person>>("/users", signal)).items,
});

export const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: async ({ signal }) => (await get<Page<Invitation>>("/invitations", signal)).items,
});

export function invitedQuery(token: string) {
  return queryOptions({
    queryKey: ["invited", token],
    queryFn: () => change<Invited>("POST", "/invitation", { token }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const PREMISES_EVERY_MS = 5_000;

export const areasQuery = queryOptions({
  queryKey: ["areas"],
  queryFn: async ({ signal }) => (await get<Page<Area>>("/areas", signal)).items,
  refetchInterval: PREMISES_EVERY_MS,
});

/**
 * What areas are called: for sentences, which need not be read anew whenever somebody comes or goes. So its key does not
 * lie under that of `areasQuery`, which is made stale by everything that happens there.
 */
export const namedAreasQuery = queryOptions({
  queryKey: ["named-areas"],
  queryFn: async ({ signal }) => (await get<Page<Area>>("/areas", signal)).items,
  select: (areas: Area[]) => areas.map(({ id, name, outside }) => ({ id, name, outside })),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What doors are called, as with areas. */
export const namedDoorsQuery = queryOptions({
  queryKey: ["named-doors"],
  queryFn: async ({ signal }) => (await get<Page<Door>>("/doors", signal)).items,
  select: (doors: Door[]) => doors.map(({ id, name }) => ({ id, name })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const doorsQuery = queryOptions({
  queryKey: ["doors"],
  queryFn: async ({ signal }) => (await get<Page<Door>>("/doors", signal)).items,
  refetchInterval: PREMISES_EVERY_MS,
});

export function doorQuery(id: string) {
  return queryOptions({
    queryKey: ["doors", id],
    queryFn: ({ signal }) => get<Door>(door(id), signal),
    refetchInterval: PREMISES_EVERY_MS,
  });
}

/** Who may go through a door now. */
export function passingQuery(id: string) {
  return queryOptions({
    queryKey: ["passing", id],
    queryFn: ({ signal }) => get<Passing>(`${door(id)}/passing`, signal),
    refetchInterval: 60_000,
  });
}

/** The log of a door or holder: `of` is "doors/dock", "holders/ada". */
export function logQuery(of: string, since: string | null = null) {
  return infiniteQueryOptions({
    queryKey: ["log", of, since],
    queryFn: ({ signal, pageParam }) => {
      const [kind = "", id = ""] = of.split("/");
      const asked = queryString({ limit: PAGE_SIZE, since, cursor: pageParam });
      return get<Page<CustosEvent>>(`/${kind}/${encodeURIComponent(id)}/log${asked}`, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** What one source has said: "/sites/hq/tills/till-1". */
export function sourceQuery(source: string, types: string[]) {
  return infiniteQueryOptions({
    queryKey: ["log", source, types],
    queryFn: ({ signal, pageParam }) =>
      get<Page<CustosEvent>>(
        `/events${queryString({ source, type: types, limit: PAGE_SIZE, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function holdersQuery(words: string) {
  return infiniteQueryOptions({
    queryKey: ["holders", words],
    queryFn: ({ signal, pageParam }) =>
      get<Page<Holder>>(`/holders${queryString({ q: words, limit: PAGE_SIZE, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function holderQuery(id: string) {
  return queryOptions({
    queryKey: ["holder", id],
    queryFn: ({ signal }) => get<Holder>(`/holders/${encodeURIComponent(id)}`, signal),
  });
}

/** What holders are called whom events name as "holders/ada" or "credentials/1001". */
export async function holderNames(keys: readonly string[]): Promise<HolderName[]> {
  const after = (start: string) =>
    keys.filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  const asked = queryString({ id: after("holders/"), credential: after("credentials/") });
  return (await get<Page<HolderName>>(`/holder-names${asked}`)).items;
}

export const tillsQuery = queryOptions({
  queryKey: ["tills"],
  queryFn: async ({ signal }) => (await get<Page<Till>>("/tills", signal)).items,
  refetchInterval: 15_000,
});

/** Which tills there are, asked seldom: for its list, the server counts what all of them told in a week. */
export const namedTillsQuery = queryOptions({
  queryKey: ["named-tills"],
  queryFn: tillsQuery.queryFn,
  select: (tills: Till[]) => tills.map(({ id }) => ({ id })),
  staleTime: 10 * 60_000,
});

export const devicesQuery = queryOptions({
  queryKey: ["devices"],
  queryFn: async ({ signal }) => (await get<Page<Device>>("/devices", signal)).items,
  refetchInterval: PREMISES_EVERY_MS,
});

export const ruleFilesQuery = queryOptions({
  queryKey: ["rule-files"],
  queryFn: async ({ signal }) => (await get<Page<RuleFile>>("/rule-files", signal)).items,
  refetchInterval: 30_000,
});

/** Why rule files are not in force as they are now; for who may configure. */
export const ruleFaultsQuery = queryOptions({
  queryKey: ["rule-faults"],
  queryFn: async ({ signal }) => (await get<Page<RuleFault>>("/rule-faults", signal)).items,
  refetchInterval: SITE_EVERY_MS,
});

/** What a rule would have said to the last days; asked only when somebody wants it. */
export function trialQuery(ruleId: string, days: number) {
  return queryOptions({
    queryKey: ["trial", ruleId, days],
    queryFn: ({ signal }) =>
      get<Trial>(`/rule-files/${encodeURIComponent(ruleId)}/trial${queryString({ days })}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

export const planQuery = queryOptions({
  queryKey: ["plan"],
  queryFn: ({ signal }) => get<Plan>("/plan", signal),
  refetchInterval: PREMISES_EVERY_MS * 2,
});

export interface EventFilter {
  types: string[];
  camera: string | null;
  /** "/sites/hq/doors/dock": only what it says itself. */
  source?: string | null;
  subject: string | null;
  since: string | null;
  until: string | null;
}

export function eventsQuery(filter: EventFilter, limit = PAGE_SIZE) {
  return infiniteQueryOptions({
    queryKey: ["events", filter, limit],
    queryFn: ({ signal, pageParam }) =>
      get<Page<CustosEvent>>(
        `/events${queryString({
          type: filter.types,
          camera_id: filter.camera,
          source: filter.source ?? null,
          subject: filter.subject,
          since: filter.since,
          until: filter.until,
          limit,
          cursor: pageParam,
        })}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function eventQuery(id: string) {
  return queryOptions({
    queryKey: ["event", id],
    queryFn: ({ signal }) => get<CustosEvent>(`/events/${encodeURIComponent(id)}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function incidentsQuery(states: IncidentState[], limit = PAGE_SIZE) {
  return infiniteQueryOptions({
    queryKey: ["incidents", states, limit],
    queryFn: ({ signal, pageParam }) =>
      get<Page<Incident>>(`/incidents${queryString({ state: states, limit, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** Of a place or a holder ("doors/front", "holders/ada"): the newest in these states. */
export function incidentsAboutQuery(about: string, states: IncidentState[], limit: number) {
  return queryOptions({
    queryKey: ["incidents", "about", about, states, limit],
    queryFn: async ({ signal }) =>
      (await get<Page<Incident>>(`/incidents${queryString({ about, state: states, limit })}`, signal)).items,
  });
}

export function incidentQuery(id: string) {
  return queryOptions({
    queryKey: ["incident", id],
    queryFn: ({ signal }) => get<IncidentDetail>(`/incidents/${encodeURIComponent(id)}`, signal),
  });
}

const door = (id: string) => `/doors/${encodeURIComponent(id)}`;
const COLLECTING_EVERY_MS = 3_000;

/** Asked again while it is being collected; what is done does not change, but for the states of related incidents. */
export function incidentContextQuery(id: string) {
  return queryOptions({
    queryKey: ["incident", id, "context"],
    queryFn: ({ signal }) => get<IncidentContext>(`/incidents/${encodeURIComponent(id)}/context`, signal),
    refetchInterval: ({ state }) =>
      state.data?.state === "waiting" || state.data?.state === "begun" ? COLLECTING_EVERY_MS : false,
  });
}

const camera = (id: string) => `/cameras/${encodeURIComponent(id)}`;

export const changes = {
  setUp: (body: { token: string; name: string; password: string }) => change<Session>("POST", "/setup", body),
  signIn: (body: { name: string; password: string }) => change<Session>("POST", "/session", body),
  signOut: () => change<void>("DELETE", "/session"),
  password: (body: { current: string; new: string }) => change<void>("POST", "/session/password", body),
  addToken: (body: { name: string; expires_in_days: number | null }) =>
    change<NewToken>("POST", "/tokens", body),
  revokeToken: (id: string) => change<void>("DELETE", `/tokens/${encodeURIComponent(id)}`),
  putPerson: (id: string, body: { role: PersonRole; enabled: boolean }) =>
    change<Person>("PUT", `/users/${encodeURIComponent(id)}`, body),
  invite: (body: { name: string; role: PersonRole }) => change<NewInvitation>("POST", "/invitations", body),
  withdrawInvitation: (id: string) => change<void>("DELETE", `/invitations/${encodeURIComponent(id)}`),
  acceptInvitation: (body: { token: string; password: string }) =>
    change<Session>("POST", "/invitation/accept", body),
  addCamera: (body: NewCamera) => change<Camera>("POST", "/cameras", body),
  putCamera: (id: string, body: CameraSettings) => change<Camera>("PUT", camera(id), body),
  /** Says that what is drawn on a camera that was moved fits what it sees now. */
  recalibrate: (id: string) => change<Camera>("POST", `${camera(id)}/recalibration`),
  removeCamera: (id: string) => change<void>("DELETE", camera(id)),
  putRule: (id: string, body: { in_use: boolean }) =>
    change<RuleFile>("PUT", `/rule-files/${encodeURIComponent(id)}`, body),
  readRuleFiles: () => change<RuleReading>("POST", "/rule-files/reading"),
  putPlan: (body: Placing) => change<Plan>("PUT", "/plan", body),
  shunt: (doorId: string, body: { for_s: number; reason: string }) =>
    change<Door>("POST", `${door(doorId)}/shunt`, body),
  unshunt: (doorId: string) => change<Door>("DELETE", `${door(doorId)}/shunt`),
  incident: (id: string, body: IncidentChange) =>
    change<IncidentDetail>("POST", `/incidents/${encodeURIComponent(id)}/changes`, body),
};

export const snapshotPath = (cameraId: string) => `${camera(cameraId)}/snapshot.jpg`;
export const eventPictureUrl = (eventId: string) =>
  `${API}/events/${encodeURIComponent(eventId)}/picture.jpg`;
export const snapshotUrl = (incidentId: string, snapshotId: string) =>
  `${API}/incidents/${encodeURIComponent(incidentId)}/snapshots/${encodeURIComponent(snapshotId)}.jpg`;
export const livePath = (cameraId: string, mode: "auto" | "pictures") =>
  `${camera(cameraId)}/live?mode=${mode}`;
