/**
 * Where everything stands on the map. On a plan: where the site file says. Where nobody has said anything yet, as a
 * scheme: areas in columns by how many doors lie between them and outside, doors on the gaps between them.
 * Positions are fractions of the plan, 0..1.
 */

import type { Area, Camera, CameraPlace, Door, Plan, Point, Thing } from "../api/types";
import { centre } from "../cameras/editor/polygon";

export interface PlacedArea {
  id: string;
  name: string;
  outline: Point[];
  /** Where its name stands. */
  label: Point;
}

export interface Placed {
  id: string;
  at: Point;
}

export interface PlacedCamera {
  id: string;
  place: CameraPlace;
}

export interface MapLayout {
  scheme: boolean;
  areas: PlacedArea[];
  doors: Placed[];
  cameras: PlacedCamera[];
  things: Placed[];
  /** What is not on the plan, as "doors/dock". */
  loose: string[];
}

export interface Premises {
  plan: Plan;
  areas: readonly Area[];
  doors: readonly Door[];
  cameras: readonly Pick<Camera, "id" | "name">[];
}

export const NOWHERE: Omit<CameraPlace, "position"> = { bearing_deg: null, view_deg: 70, range_m: 12 };

export function layOut(premises: Premises): MapLayout {
  return premises.plan.is_drawn_up ? onPlan(premises) : asScheme(premises);
}

/** So far from a sign a name has room, in fractions of the plan: names are wide, and a sign's own hangs below it. */
const ROOM = [0.14, 0.07] as const;

/** Where an area's name stands: at its upper edge, in the middle unless the signs `at` these places leave no room. */
export function labelOf(outline: readonly Point[], at: readonly Point[] = []): Point {
  const [x, y] = centre(outline);
  const [left, right] = [Math.min(...outline.map((p) => p[0])), Math.max(...outline.map((p) => p[0]))];
  const top = Math.min(y, Math.min(...outline.map((p) => p[1])) + 0.035);
  const quarter = (right - left) / 4;
  const room = (place: Point): number =>
    Math.min(
      1,
      ...at.map((sign) =>
        Math.max(Math.abs(place[0] - sign[0]) / ROOM[0], Math.abs(place[1] - sign[1]) / ROOM[1]),
      ),
    );
  const places: Point[] = [
    [x, top],
    [x - quarter, top],
    [x + quarter, top],
    [x, y],
  ];
  return places.reduce((best, place) => (room(place) > room(best) ? place : best));
}

function onPlan({ plan, areas, doors, cameras }: Premises): MapLayout {
  const places = new Map(plan.cameras.map((c) => [c.id, c.place]));
  const placedDoors = doors.flatMap(({ id, position }) => (position ? [{ id, at: position }] : []));
  const placedCameras = cameras.flatMap(({ id }) => {
    const place = places.get(id);
    return place ? [{ id, place }] : [];
  });
  const things = plan.things.flatMap(({ of, position }) => (position ? [{ id: of, at: position }] : []));
  const signs = [...placedDoors, ...things].map((one) => one.at);
  signs.push(...placedCameras.map((one) => one.place.position));
  const placedAreas = areas
    .filter((a) => a.outline.length >= 3)
    .map(({ id, name, outline }) => ({ id, name, outline, label: labelOf(outline, signs) }));
  const there = new Set([
    ...placedAreas.map((a) => `areas/${a.id}`),
    ...placedDoors.map((d) => `doors/${d.id}`),
    ...placedCameras.map((c) => `cameras/${c.id}`),
    ...things.map((t) => t.id),
  ]);
  const all = [
    ...areas.map((a) => `areas/${a.id}`),
    ...doors.map((d) => `doors/${d.id}`),
    ...cameras.map((c) => `cameras/${c.id}`),
    ...plan.things.map((t) => t.of),
  ];
  const loose = all.filter((one) => !there.has(one));
  return { scheme: false, areas: placedAreas, doors: placedDoors, cameras: placedCameras, things, loose };
}

/** How many doors lie between outside and each area; those that no door reaches come last. */
export function depths(areas: readonly Area[], doors: readonly Door[]): Map<string, number> {
  const outside = areas.filter((a) => a.outside).map((a) => a.id);
  const first = outside.length ? outside : areas.slice(0, 1).map((a) => a.id);
  const found = new Map(first.map((id) => [id, 0]));
  const queue = [...first];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const depth = found.get(id) ?? 0;
    for (const { areas: pair } of doors) {
      if (!pair.includes(id)) continue;
      const other = pair[0] === id ? pair[1] : pair[0];
      if (found.has(other)) continue;
      found.set(other, depth + 1);
      queue.push(other);
    }
  }
  const last = Math.max(0, ...found.values()) + 1;
  for (const { id } of areas) if (!found.has(id)) found.set(id, last);
  return found;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const MARGIN = 0.02;
const GAP = 0.045;

function boxes(areas: readonly Area[], depth: ReadonlyMap<string, number>): Map<string, Box> {
  const columns = [...new Set(depth.values())].sort((a, b) => a - b);
  const width = (1 - 2 * MARGIN - GAP * (columns.length - 1)) / Math.max(1, columns.length);
  const placed = new Map<string, Box>();
  for (const [i, column] of columns.entries()) {
    const its = areas.filter((a) => depth.get(a.id) === column);
    const height = (1 - 2 * MARGIN - GAP * (its.length - 1)) / Math.max(1, its.length);
    for (const [j, { id }] of its.entries()) {
      const left = MARGIN + i * (width + GAP);
      const top = MARGIN + j * (height + GAP);
      placed.set(id, { left, top, right: left + width, bottom: top + height });
    }
  }
  return placed;
}

/** Where the `n`th of `of` doors between two boxes stands: on the gap between them. */
function between(a: Box, b: Box, n: number, of: number): Point {
  const share = (n + 1) / (of + 1);
  if (a.left === b.left) {
    const [upper, lower] = a.top < b.top ? [a, b] : [b, a];
    // To the right of the middle, where the lower one's name stands.
    return [upper.left + (upper.right - upper.left) * (0.68 + 0.3 * share), (upper.bottom + lower.top) / 2];
  }
  const [first, second] = a.left < b.left ? [a, b] : [b, a];
  const top = Math.max(first.top, second.top);
  const bottom = Math.min(first.bottom, second.bottom);
  // Boxes that do not face each other are joined half-way between their middles.
  const [from, to] =
    top < bottom ? [top, bottom] : [(first.top + first.bottom) / 2, (second.top + second.bottom) / 2];
  return [(first.right + second.left) / 2, from + (to - from) * share];
}

function asScheme({ plan, areas, doors, cameras }: Premises): MapLayout {
  const placed = boxes(areas, depths(areas, doors));
  const pairs = new Map<string, string[]>();
  for (const { id, areas: pair } of doors) {
    const key = pair.toSorted().join(" ");
    pairs.set(key, [...(pairs.get(key) ?? []), id]);
  }
  const placedDoors = doors.flatMap(({ id, areas: pair }) => {
    const [a, b] = [placed.get(pair[0]), placed.get(pair[1])];
    const its = pairs.get(pair.toSorted().join(" ")) ?? [];
    return a && b ? [{ id, at: between(a, b, its.indexOf(id), its.length) }] : [];
  });
  const inAreas = new Map<string, string[]>();
  const home = (of: string, area: string | undefined) => {
    if (area !== undefined && placed.has(area)) inAreas.set(area, [...(inAreas.get(area) ?? []), of]);
    return area !== undefined && placed.has(area);
  };
  const loose = [
    ...cameras
      .filter(({ id }) => !home(`cameras/${id}`, areaOfCamera(id, areas, doors)))
      .map((c) => `cameras/${c.id}`),
    ...plan.things.filter((t) => !home(t.of, areaOfThing(t, areas, doors))).map((t) => t.of),
  ];
  const stands = new Map<string, Point>();
  for (const [area, its] of inAreas) {
    const box = placed.get(area);
    if (!box) continue;
    for (const [i, of] of its.entries()) {
      const x = box.left + ((box.right - box.left) * (i + 1)) / (its.length + 1);
      stands.set(of, [x, box.top + (box.bottom - box.top) * 0.74]);
    }
  }
  const at = (of: string) => stands.get(of);
  return {
    scheme: true,
    areas: areas.flatMap(({ id, name }) => {
      const box = placed.get(id);
      if (!box) return [];
      const outline = corners(box);
      return [{ id, name, outline, label: labelOf(outline) }];
    }),
    doors: placedDoors,
    cameras: cameras.flatMap(({ id }) => {
      const position = at(`cameras/${id}`);
      return position ? [{ id, place: { position, ...NOWHERE } }] : [];
    }),
    things: plan.things.flatMap(({ of }) => {
      const position = at(of);
      return position ? [{ id: of, at: position }] : [];
    }),
    loose,
  };
}

const corners = ({ left, top, right, bottom }: Box): Point[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];

/** The area whose people a camera sees, or else the one that a door it sees leads into. */
function areaOfCamera(id: string, areas: readonly Area[], doors: readonly Door[]): string | undefined {
  const seen = areas.find((a) => a.cameras.includes(id))?.id;
  return seen ?? doors.find((d) => d.cameras.includes(id))?.areas[1];
}

function areaOfThing(
  { cameras, zones }: Thing,
  areas: readonly Area[],
  doors: readonly Door[],
): string | undefined {
  const seenBy = [...cameras, ...zones.map((zone) => zone.split("/")[0] ?? "")];
  return seenBy.map((id) => areaOfCamera(id, areas, doors)).find((id) => id !== undefined);
}

/** The field of view of a camera as an SVG path in metres of a plan of this size. */
export function viewPath(
  { position, bearing_deg, view_deg, range_m }: CameraPlace,
  width_m: number,
  height_m: number,
): string {
  const [x, y] = [position[0] * width_m, position[1] * height_m];
  if (bearing_deg === null) return "";
  if (view_deg >= 360)
    return `M${x - range_m} ${y}a${range_m} ${range_m} 0 1 0 ${2 * range_m} 0a${range_m} ${range_m} 0 1 0 ${-2 * range_m} 0Z`;
  const edge = (turn: number): string => {
    const angle = ((bearing_deg + turn) * Math.PI) / 180;
    return `${round(x + Math.sin(angle) * range_m)} ${round(y - Math.cos(angle) * range_m)}`;
  };
  const large = view_deg > 180 ? 1 : 0;
  return `M${round(x)} ${round(y)}L${edge(-view_deg / 2)}A${range_m} ${range_m} 0 ${large} 1 ${edge(view_deg / 2)}Z`;
}

const round = (value: number) => Math.round(value * 1000) / 1000;
