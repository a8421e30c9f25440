/** Where a flat ground lies in a picture: the projective map given by four pairs of points, there and back. */

import type { Four, Ground, Point } from "../../api/types";

/** Three by three, row by row; the last coordinate of what it maps is positive on this side of the horizon. */
export type Homography = readonly number[];

const AS_GOOD_AS_ZERO = 1e-9;

/** The map that takes each `from` to its `to`, or null where three of either lie on one line. */
export function solve(from: Four, to: Four): Homography | null {
  const [start, end] = [basis(from), basis(to)];
  if (!start || !end) return null;
  const map = times(end, adjugate(start));
  const [, , w] = image(map, from[0]);
  return w < 0 ? map.map((v) => -v) : map;
}

/** The map that takes the three unit points and (1, 1, 1) to the four points. */
function basis(points: Four): number[] | null {
  const [[x1, y1], [x2, y2], [x3, y3], fourth] = points;
  const corners = [x1, x2, x3, y1, y2, y3, 1, 1, 1];
  const scale = image(adjugate(corners), fourth);
  // Twice the areas of the four triangles; that of the first three points is the sum of the others.
  const areas = [...scale, scale[0] + scale[1] + scale[2]];
  if (areas.some((v) => Math.abs(v) < AS_GOOD_AS_ZERO)) return null;
  return corners.map((v, i) => v * (scale[i % 3] ?? 0));
}

function adjugate(m: readonly number[]): number[] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = m;
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
}

function times(a: readonly number[], b: readonly number[]): number[] {
  const cell = (row: number, column: number) =>
    [0, 1, 2].reduce((sum, k) => sum + (a[row * 3 + k] ?? 0) * (b[k * 3 + column] ?? 0), 0);
  return Array.from({ length: 9 }, (_, i) => cell(Math.floor(i / 3), i % 3));
}

function image(m: readonly number[], [x, y]: Point): [number, number, number] {
  const row = (i: number) => (m[i] ?? 0) * x + (m[i + 1] ?? 0) * y + (m[i + 2] ?? 0);
  return [row(0), row(3), row(6)];
}

/** The point's image, or null for one on or beyond the horizon. */
export function apply(map: Homography, point: Point): Point | null {
  const [x, y, w] = image(map, point);
  return w > AS_GOOD_AS_ZERO ? [x / w, y / w] : null;
}

/** Metres between two points of the picture, or null where the ground does not reach. */
export function distance_m(ground: Ground, a: Point, b: Point): number | null {
  const map = solve(ground.image, ground.metres);
  const [from, to] = [map && apply(map, a), map && apply(map, b)];
  return from && to ? Math.hypot(to[0] - from[0], to[1] - from[1]) : null;
}

/** A line of the grid on the picture. */
export type GridLine = [from: Point, to: Point];

const LINES_AT_MOST = 40;
const STEPS_M = [0.5, 1, 2, 5, 10, 20, 50, 100];

/** A grid over the calibrated quadrangle with its step in metres: what it looks like if the calibration is right. */
export function grid(ground: Ground): { step_m: number; lines: GridLine[] } {
  const map = solve(ground.metres, ground.image);
  const xs = ground.metres.map(([x]) => x);
  const ys = ground.metres.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const span_m = right - left + bottom - top;
  const step_m = STEPS_M.find((step) => span_m / step <= LINES_AT_MOST) ?? span_m / LINES_AT_MOST;
  const lines: GridLine[] = [];
  const add = (a: Point, b: Point) => {
    const [from, to] = [map && apply(map, a), map && apply(map, b)];
    if (from && to) lines.push([from, to]);
  };
  for (let x = left; x <= right + step_m / 1000; x += step_m) add([x, top], [x, bottom]);
  for (let y = top; y <= bottom + step_m / 1000; y += step_m) add([left, y], [right, y]);
  return { step_m, lines };
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function convex(points: Four): boolean {
  const turns = points.map((p, i) => turn(p, points[(i + 1) % 4] as Point, points[(i + 2) % 4] as Point) > 0);
  return turns.every(Boolean) || !turns.some(Boolean);
}

/** The server's limits: three points nearer to one line than this are on it. */
const FLAT_IMAGE = 0.0005;

/** Why these four pairs are no calibration, in words, or null when they are. */
export function groundProblem({ image, metres }: Ground): string | null {
  const triples = [0, 1, 2, 3].map((skipped) => image.filter((_, i) => i !== skipped)) as Point[][];
  const flat = triples.some(
    ([a, b, c]) => Math.abs(turn(a as Point, b as Point, c as Point)) / 2 < FLAT_IMAGE,
  );
  if (flat) return "Three of the points lie on one line. Spread them: the corners of a bay or a mat do well.";
  if (!convex(image))
    return "The points do not go around a quadrangle. Place 1 to 4 in the order in which you would walk around it.";
  if (!convex(metres) || !solve(image, metres))
    return "The places in metres do not go around a quadrangle in the order of the points 1 to 4.";
  return null;
}

const MILLIMETRES = 1000;

/** Width (1 to 2) and depth (2 to 3) in metres, where the four are a rectangle that lies along the axes; else null. */
export function rectangleOf({ metres }: Ground): [number, number] | null {
  const [[x1, y1], [x2, y2], [x3, y3], [x4, y4]] = metres;
  const isRectangle = y2 === y1 && x3 === x2 && x4 === x1 && y4 === y3 && x2 > x1 && y3 > y1;
  const length = (from: number, to: number) => Math.round((to - from) * MILLIMETRES) / MILLIMETRES;
  return isRectangle ? [length(x1, x2), length(y2, y3)] : null;
}

/** A rectangle of this size whose first point stays where it is. */
export function rectangleAt([x, y]: Point, width_m: number, depth_m: number): Four {
  return [
    [x, y],
    [x + width_m, y],
    [x + width_m, y + depth_m],
    [x, y + depth_m],
  ];
}
