/** What the events page shows: the same filter asked of the server and held against what comes live. */

import type { EventFilter } from "../api/queries";
import type { CustosEvent } from "../api/types";
import { nameFromId } from "../map/subjects";
import { cameraOf, typeName } from "./words";

export type Range = "15m" | "1h" | "24h" | "7d" | "between";

const SPAN_S: Record<Exclude<Range, "between">, number> = {
  "15m": 900,
  "1h": 3_600,
  "24h": 86_400,
  "7d": 604_800,
};

export interface EventSearch {
  type?: string[] | undefined;
  camera?: string | undefined;
  door?: string | undefined;
  till?: string | undefined;
  subject?: string | undefined;
  range?: Range | undefined;
  since?: string | undefined;
  until?: string | undefined;
  /** The event that is open beside the list. */
  event?: string | undefined;
}

const RANGES: readonly string[] = ["15m", "1h", "24h", "7d", "between"];

/** What of an address line makes sense; the rest is passed over. */
export function readSearch(search: Record<string, unknown>): EventSearch {
  const text = (value: unknown) => (typeof value === "string" && value ? value : undefined);
  // Somebody who writes ?till=7 means the till "7": the router reads a number.
  const id = (value: unknown) => text(typeof value === "number" ? String(value) : value);
  const types = [search.type].flat().filter((t): t is string => typeof t === "string" && t !== "");
  const range = text(search.range);
  return {
    type: types.length ? types : undefined,
    camera: id(search.camera),
    door: id(search.door),
    till: id(search.till),
    subject: text(search.subject),
    range: range && RANGES.includes(range) ? (range as Range) : undefined,
    since: text(search.since),
    until: text(search.until),
    event: text(search.event),
  };
}

/** Narrowed to no place. */
export const NOWHERE = { camera: undefined, door: undefined, till: undefined };

/** "camera/dock", "door/dock", "till/till-1", as the choice of a place is called; "" for everywhere. */
export function placeOf({ camera, door, till }: EventSearch): string {
  return camera ? `camera/${camera}` : door ? `door/${door}` : till ? `till/${till}` : "";
}

/** The part of the search that a choice stands for. */
export function atPlace(place: string): EventSearch {
  const [kind = "", ...id] = place.split("/");
  return kind in NOWHERE ? { ...NOWHERE, [kind]: id.join("/") } : NOWHERE;
}

/** The places of one kind that a search may be narrowed to. */
export interface PlacesOfKind {
  group: string;
  /** As the address calls it. */
  kind: keyof typeof NOWHERE;
  places: readonly { id: string; name: string }[];
}

/**
 * The choices of a place, a kind of which there is none left out. What is asked for is among them in any case: a camera
 * that was removed, whose events are still there, or what a link names that never was.
 */
export function placeChoices(kinds: readonly PlacesOfKind[], asked: string) {
  const groups = kinds.map(({ group, kind, places }) => ({
    group,
    items: places.map(({ id, name }) => ({ value: `${kind}/${id}`, label: name })),
  }));
  const isKnown = groups.some(({ items }) => items.some(({ value }) => value === asked));
  const label = nameFromId(asked.slice(asked.indexOf("/") + 1));
  const other = asked && !isKnown ? [{ group: "Others", items: [{ value: asked, label }] }] : [];
  const some = [...groups, ...other].filter(({ items }) => items.length > 0);
  return [{ value: "", label: "Every place" }, ...some];
}

function sourceOf({ camera, door, till }: EventSearch, site: string): string | null {
  if (camera) return null;
  return door ? `/sites/${site}/doors/${door}` : till ? `/sites/${site}/tills/${till}` : null;
}

export function filterOf(search: EventSearch, now_ms: number, site: string): EventFilter {
  const { range } = search;
  const between = range === "between";
  const span_s = range && !between ? SPAN_S[range] : null;
  return {
    types: search.type ?? [],
    camera: search.camera ?? null,
    source: sourceOf(search, site),
    subject: search.subject ?? null,
    since: between
      ? (search.since ?? null)
      : span_s === null
        ? null
        : new Date(now_ms - span_s * 1000).toISOString(),
    until: between ? (search.until ?? null) : null,
  };
}

/** Whether an event just heard belongs on the page. A type ending in "." stands for all below it. */
export function matches(filter: EventFilter, event: CustosEvent): boolean {
  const name = typeName(event);
  return (
    (filter.types.length === 0 ||
      filter.types.some((t) => (t.endsWith(".") ? name.startsWith(t) : name === t))) &&
    (filter.camera === null || cameraOf(event) === filter.camera) &&
    (!filter.source || event.source === filter.source) &&
    (filter.subject === null || event.subject === filter.subject) &&
    (filter.since === null || Date.parse(event.time) >= Date.parse(filter.since)) &&
    (filter.until === null || Date.parse(event.time) < Date.parse(filter.until))
  );
}

/** Both lists as one: newest first, every event once, at most `limit`. */
export function merge(
  fresh: readonly CustosEvent[],
  stored: readonly CustosEvent[],
  limit: number,
): CustosEvent[] {
  const byId = new Map([...stored, ...fresh].map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => Date.parse(b.time) - Date.parse(a.time)).slice(0, limit);
}
