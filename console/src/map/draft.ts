/** Things being moved on the plan: what was there, what is now, and what of it is to be saved. */

import type { CameraPlace, Placing, Point } from "../api/types";
import { type MapLayout, NOWHERE } from "./layout";
import { subjectOf } from "./subjects";

export interface PlanDraft {
  areas: Record<string, Point[]>;
  doors: Record<string, Point>;
  cameras: Record<string, CameraPlace>;
  things: Record<string, Point>;
}

const MIDDLE: Point = [0.5, 0.5];
const SQUARE: Point[] = [
  [0.4, 0.38],
  [0.6, 0.38],
  [0.6, 0.62],
  [0.4, 0.62],
];

export function draftOf({ areas, doors, cameras, things }: MapLayout): PlanDraft {
  return {
    areas: Object.fromEntries(areas.map((a) => [a.id, a.outline])),
    doors: Object.fromEntries(doors.map((d) => [d.id, d.at])),
    cameras: Object.fromEntries(cameras.map((c) => [c.id, c.place])),
    things: Object.fromEntries(things.map((t) => [t.id, t.at])),
  };
}

const inside = (v: number) => Math.round(Math.min(1, Math.max(0, v)) * 1e5) / 1e5;
export const onSheet = ([x, y]: Point): Point => [inside(x), inside(y)];

/** The points of what is chosen that can be moved: corners of an area, the place of anything else. */
export function pointsOf(draft: PlanDraft, of: string): Point[] {
  const { kind, id } = subjectOf(of);
  if (kind === "areas") return draft.areas[id] ?? [];
  const at =
    kind === "doors" ? draft.doors[id] : kind === "cameras" ? draft.cameras[id]?.position : draft.things[of];
  return at ? [at] : [];
}

/** The draft with point `index` of something elsewhere. */
export function moved(draft: PlanDraft, of: string, index: number, to: Point): PlanDraft {
  const { kind, id } = subjectOf(of);
  const at = onSheet(to);
  if (kind === "areas") {
    const outline = draft.areas[id] ?? [];
    return { ...draft, areas: { ...draft.areas, [id]: outline.map((p, i) => (i === index ? at : p)) } };
  }
  if (kind === "doors") return { ...draft, doors: { ...draft.doors, [id]: at } };
  if (kind === "cameras")
    return {
      ...draft,
      cameras: { ...draft.cameras, [id]: { ...(draft.cameras[id] ?? NOWHERE), position: at } },
    };
  return { ...draft, things: { ...draft.things, [of]: at } };
}

/** The outline with one more corner half-way after `index`. */
export function split(draft: PlanDraft, of: string, index: number): PlanDraft {
  const { id } = subjectOf(of);
  const outline = draft.areas[id] ?? [];
  const [a, b] = [outline[index], outline[(index + 1) % outline.length]];
  if (!a || !b) return draft;
  const corner = onSheet([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
  return { ...draft, areas: { ...draft.areas, [id]: outline.toSpliced(index + 1, 0, corner) } };
}

/** The outline with one corner less; three stay. */
export function unpoint(draft: PlanDraft, of: string, index: number): PlanDraft {
  const { id } = subjectOf(of);
  const outline = draft.areas[id] ?? [];
  if (outline.length <= 3) return draft;
  return { ...draft, areas: { ...draft.areas, [id]: outline.toSpliced(index, 1) } };
}

/** Puts something that was loose in the middle of the plan. */
export function put(draft: PlanDraft, of: string): PlanDraft {
  const { kind, id } = subjectOf(of);
  if (kind === "areas") return { ...draft, areas: { ...draft.areas, [id]: SQUARE } };
  return moved(draft, of, 0, MIDDLE);
}

/** Takes something off the plan. */
export function off(draft: PlanDraft, of: string): PlanDraft {
  const { kind, id } = subjectOf(of);
  const without = <T>(record: Record<string, T>, key: string) =>
    Object.fromEntries(Object.entries(record).filter(([one]) => one !== key)) as Record<string, T>;
  if (kind === "areas") return { ...draft, areas: without(draft.areas, id) };
  if (kind === "doors") return { ...draft, doors: without(draft.doors, id) };
  if (kind === "cameras") return { ...draft, cameras: without(draft.cameras, id) };
  return { ...draft, things: without(draft.things, of) };
}

const metres = (from: Point, to: Point, width_m: number, height_m: number) =>
  [(to[0] - from[0]) * width_m, (to[1] - from[1]) * height_m] as const;

/** A camera that looks towards a point of the plan, as far as there. */
export function lookingAt(place: CameraPlace, to: Point, width_m: number, height_m: number): CameraPlace {
  const [dx, dy] = metres(place.position, to, width_m, height_m);
  const bearing = (Math.atan2(dx, -dy) * 180) / Math.PI;
  const range_m = Math.max(1, Math.round(Math.hypot(dx, dy) * 10) / 10);
  return { ...place, bearing_deg: Math.round((bearing + 360) % 360), range_m };
}

/** The point a camera looks at; a little to its right where nobody knows. */
export function aimOf(
  { position, bearing_deg, range_m }: CameraPlace,
  width_m: number,
  height_m: number,
): Point {
  const angle = ((bearing_deg ?? 90) * Math.PI) / 180;
  return [
    position[0] + (Math.sin(angle) * range_m) / width_m,
    position[1] - (Math.cos(angle) * range_m) / height_m,
  ];
}

function changed<T>(
  before: Record<string, T>,
  now: Record<string, T>,
  gone: null | [],
): Record<string, T | null | []> {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return Object.fromEntries(
    [...names]
      .filter((one) => JSON.stringify(before[one]) !== JSON.stringify(now[one]))
      .map((one) => [one, now[one] ?? gone]),
  );
}

/** What is to be saved: only what is other than in the file, null for what was taken off. */
export function placingOf(inFile: PlanDraft, draft: PlanDraft): Required<Placing> {
  return {
    areas: changed(inFile.areas, draft.areas, []) as Required<Placing>["areas"],
    doors: changed(inFile.doors, draft.doors, null) as Required<Placing>["doors"],
    cameras: changed(inFile.cameras, draft.cameras, null) as Required<Placing>["cameras"],
    things: changed(inFile.things, draft.things, null) as Required<Placing>["things"],
  };
}

export function isNothing(placing: Required<Placing>): boolean {
  return Object.values(placing).every((part) => Object.keys(part).length === 0);
}
