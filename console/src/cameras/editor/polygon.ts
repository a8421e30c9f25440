/** Polygons and lines on a picture: fractions 0..1, y grows downwards. The server's rules, so that its "no" never comes late. */

import type { Point } from "../../api/types";

export const MIN_POINTS = 3;
/** Shares of the picture, as in `custos.model.places`. */
const LEAST_AREA = 0.0002;
const LEAST_BREADTH = 0.004;
const LEAST_LENGTH = 0.02;
/** From 0.1 to 0.12 it is 0.01999...: what is at a limit is not under it. */
const ROUNDING = 1e-9;

/** Positive when `p` lies to the right of a to b as seen on the screen, 0 on it. */
export function side(a: Point, b: Point, p: Point): number {
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

function within(a: Point, b: Point, p: Point): boolean {
  return (
    Math.min(a[0], b[0]) <= p[0] &&
    p[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= p[1] &&
    p[1] <= Math.max(a[1], b[1])
  );
}

/** Whether segment ab meets segment cd, end points and overlaps included. */
export function segmentsMeet(a: Point, b: Point, c: Point, d: Point): boolean {
  const d1 = side(a, b, c);
  const d2 = side(a, b, d);
  const d3 = side(c, d, a);
  const d4 = side(c, d, b);
  if (d1 * d2 < 0 && d3 * d4 < 0) return true;
  return (
    (d1 === 0 && within(a, b, c)) ||
    (d2 === 0 && within(a, b, d)) ||
    (d3 === 0 && within(c, d, a)) ||
    (d4 === 0 && within(c, d, b))
  );
}

/** Indices of the first two edges that meet and should not (edge i runs from point i to the next), or null. */
export function firstSelfCrossing(polygon: readonly Point[]): [number, number] | null {
  const n = polygon.length;
  const at = (i: number) => polygon[i % n] as Point;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 2; j < n; j += 1) {
      if (i === 0 && j === n - 1) continue;
      if (segmentsMeet(at(i), at(i + 1), at(j), at(j + 1))) return [i, j];
    }
  }
  return null;
}

/** Why the polygon cannot be a zone, in words, or null when it can. */
export function polygonProblem(polygon: readonly Point[]): string | null {
  const different = new Set(polygon.map((p) => p.join())).size;
  if (different < MIN_POINTS)
    return `A zone needs ${MIN_POINTS} different points or more; this has ${different}.`;
  const crossing = firstSelfCrossing(polygon);
  if (!crossing) return sizeProblem(polygon);
  const edge = (i: number) => `${i + 1}–${((i + 1) % polygon.length) + 1}`;
  return `The outline crosses itself: side ${edge(crossing[0])} meets side ${edge(crossing[1])}. Move a point so that they do not meet.`;
}

function sizeProblem(polygon: readonly Point[]): string | null {
  let doubled = 0;
  let around = 0;
  for (const [i, a] of polygon.entries()) {
    const b = polygon[(i + 1) % polygon.length] as Point;
    doubled += a[0] * b[1] - b[0] * a[1];
    around += Math.hypot(b[0] - a[0], b[1] - a[1]);
  }
  const area = Math.abs(doubled) / 2;
  if (area >= LEAST_AREA - ROUNDING && (2 * area) / around >= LEAST_BREADTH - ROUNDING) return null;
  return "The outline is a sliver in which nobody can stand. Move its corners further apart, off one line.";
}

/** Why the line cannot be crossed, in words, or null when it can. */
export function lineProblem([a, b]: readonly [Point, Point]): string | null {
  if (Math.hypot(b[0] - a[0], b[1] - a[1]) >= LEAST_LENGTH - ROUNDING) return null;
  return "The line is too short for anybody to cross it. Move its two points further apart.";
}

/** The point, held within the picture and rounded to a ten-thousandth (a tenth of a pixel of a usual picture). */
export function settle([x, y]: Point): Point {
  const hold = (v: number) => Math.round(Math.min(1, Math.max(0, v)) * 10_000) / 10_000;
  return [hold(x), hold(y)];
}

export function movePoint(points: readonly Point[], index: number, to: Point): Point[] {
  return points.map((p, i) => (i === index ? settle(to) : p));
}

/** A new point halfway along the side from point `index` to the next. */
export function splitSide(points: readonly Point[], index: number): Point[] {
  const a = points[index];
  const b = points[(index + 1) % points.length];
  if (!a || !b) return [...points];
  const middle = settle([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
  return [...points.slice(0, index + 1), middle, ...points.slice(index + 1)];
}

/** Without point `index`; unchanged when a zone would have too few. */
export function removePoint(points: readonly Point[], index: number): Point[] {
  return points.length <= MIN_POINTS ? [...points] : points.filter((_, i) => i !== index);
}

export function centre(points: readonly Point[]): Point {
  const sum = points.reduce<Point>((s, p) => [s[0] + p[0], s[1] + p[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

/** Unit vector to the left or right of a line from its first point to its second, on a picture `aspect` wide per high. */
export function normalOf(
  [a, b]: readonly [Point, Point],
  direction: "left" | "right",
  aspect: number,
): Point {
  const dx = (b[0] - a[0]) * aspect;
  const dy = b[1] - a[1];
  const length = Math.hypot(dx, dy) || 1;
  const sign = direction === "right" ? 1 : -1;
  return [(sign * -dy) / length, (sign * dx) / length];
}

/** An id of a name, as the server takes them: lower-case letters, digits and "-"; `taken` are in use. */
export function idOf(name: string, fallback: string, taken: ReadonlySet<string>): string {
  const stem =
    name
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 56) || fallback;
  let id = stem;
  for (let n = 2; taken.has(id); n += 1) id = `${stem}-${n}`;
  return id;
}
