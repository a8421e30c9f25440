/** What the zone editor edits: zones and lines being changed, what is chosen, what is being drawn, and the way back. */

import type { Line, Point, Zone } from "../../api/types";
import {
  idOf,
  lineProblem,
  MIN_POINTS,
  movePoint,
  polygonProblem,
  removePoint,
  settle,
  splitSide,
} from "./polygon";

export interface Shapes {
  zones: Zone[];
  lines: Line[];
}

export type ShapeKind = "zone" | "line";
export interface Chosen {
  kind: ShapeKind;
  id: string;
}

export interface Draft {
  shapes: Shapes;
  chosen: Chosen | null;
  drawing: { kind: ShapeKind; points: Point[] } | null;
  past: Shapes[];
}

export type DraftAction =
  | { do: "choose"; chosen: Chosen | null }
  | { do: "draw"; kind: ShapeKind }
  | { do: "point"; at: Point }
  | { do: "finish" }
  | { do: "cancel" }
  /** Remembers where things are, before a drag that will move in many small steps. */
  | { do: "hold" }
  | { do: "drag"; index: number; to: Point }
  | { do: "move"; index: number; to: Point }
  | { do: "split"; index: number }
  | { do: "unpoint"; index: number }
  | { do: "zone"; id: string; change: Partial<Omit<Zone, "id">> }
  | { do: "line"; id: string; change: Partial<Omit<Line, "id">> }
  | { do: "remove"; shape: Chosen }
  | { do: "undo" }
  | { do: "load"; shapes: Shapes };

const PAST_AT_MOST = 100;
/** What a finished drawing becomes when nothing was drawn: a start for those who place points by keyboard. */
const PLAIN_ZONE: Point[] = [
  [0.35, 0.4],
  [0.65, 0.4],
  [0.65, 0.75],
  [0.35, 0.75],
];
const PLAIN_LINE: [Point, Point] = [
  [0.35, 0.6],
  [0.65, 0.6],
];
/** A click this near the first point closes the outline. */
const CLOSE_TO_FIRST = 0.02;

export function draftOf(shapes: Shapes): Draft {
  return { shapes, chosen: null, drawing: null, past: [] };
}

export function pointsOf(shapes: Shapes, chosen: Chosen | null): readonly Point[] {
  if (!chosen) return [];
  return chosen.kind === "zone"
    ? (shapes.zones.find((z) => z.id === chosen.id)?.polygon ?? [])
    : (shapes.lines.find((l) => l.id === chosen.id)?.points ?? []);
}

export interface ShapeProblem extends Chosen {
  /** JSON pointer to what is wrong, as the server's. */
  at: string;
  problem: string;
}

/** Why the shapes cannot be saved. One that is where it is `stored` may stay, however small. */
export function problemsOf(shapes: Shapes, stored: Shapes): ShapeProblem[] {
  const problems: ShapeProblem[] = [];
  const outlines = new Map(stored.zones.map((zone) => [zone.id, zone.polygon.join()]));
  const segments = new Map(stored.lines.map((line) => [line.id, line.points.join()]));
  for (const [i, { id, polygon }] of shapes.zones.entries()) {
    const problem = outlines.get(id) === polygon.join() ? null : polygonProblem(polygon);
    if (problem) problems.push({ kind: "zone", id, at: `/zones/${i}/polygon`, problem });
  }
  for (const [i, { id, points }] of shapes.lines.entries()) {
    const problem = segments.get(id) === points.join() ? null : lineProblem(points);
    if (problem) problems.push({ kind: "line", id, at: `/lines/${i}/points`, problem });
  }
  return problems;
}

function withPast(draft: Draft, shapes: Shapes): Draft {
  return { ...draft, shapes, past: [...draft.past, draft.shapes].slice(-PAST_AT_MOST) };
}

function withPoints(shapes: Shapes, chosen: Chosen, change: (points: readonly Point[]) => Point[]): Shapes {
  if (chosen.kind === "zone") {
    return {
      ...shapes,
      zones: shapes.zones.map((z) => (z.id === chosen.id ? { ...z, polygon: change(z.polygon) } : z)),
    };
  }
  const lines = shapes.lines.map((line) => {
    if (line.id !== chosen.id) return line;
    const [a, b] = change(line.points);
    return a && b ? { ...line, points: [a, b] as [Point, Point] } : line;
  });
  return { ...shapes, lines };
}

function add(draft: Draft, kind: ShapeKind, points: Point[]): Draft {
  const { zones, lines } = draft.shapes;
  const number = (kind === "zone" ? zones.length : lines.length) + 1;
  const taken = new Set([...zones, ...lines].map((shape) => shape.id));
  const name = kind === "zone" ? `Zone ${number}` : `Line ${number}`;
  const id = idOf(name, kind, taken);
  const [a, b] = points;
  const shapes: Shapes =
    kind === "zone"
      ? {
          ...draft.shapes,
          zones: [
            ...zones,
            {
              id,
              name,
              polygon: points,
              classes: ["person"],
              loiter_s: null,
              min_dwell_s: 0.3,
              hours: null,
              sensitivity: 0.5,
            },
          ],
        }
      : {
          ...draft.shapes,
          lines: [
            ...lines,
            {
              id,
              name,
              points: a && b ? [a, b] : PLAIN_LINE,
              direction: "any",
              classes: ["person"],
              hours: null,
              sensitivity: 0.5,
            },
          ],
        };
  return { ...withPast(draft, shapes), chosen: { kind, id }, drawing: null };
}

function finish(draft: Draft): Draft {
  if (!draft.drawing) return draft;
  const { kind, points } = draft.drawing;
  if (points.length === 0) return add(draft, kind, kind === "zone" ? PLAIN_ZONE : PLAIN_LINE);
  const enough = kind === "zone" ? points.length >= MIN_POINTS : points.length === 2;
  return enough ? add(draft, kind, points) : draft;
}

function addPoint(draft: Draft, at: Point): Draft {
  if (!draft.drawing) return draft;
  const { kind, points } = draft.drawing;
  const first = points[0];
  const closes =
    kind === "zone" &&
    points.length >= MIN_POINTS &&
    first &&
    Math.hypot(first[0] - at[0], first[1] - at[1]) < CLOSE_TO_FIRST;
  if (closes) return finish(draft);
  const settled = settle(at);
  const last = points.at(-1);
  // The second click of a double click lands where the first one did.
  if (last && last[0] === settled[0] && last[1] === settled[1]) return draft;
  const next: Draft = { ...draft, drawing: { kind, points: [...points, settled] } };
  return kind === "line" && next.drawing?.points.length === 2 ? finish(next) : next;
}

function remove(draft: Draft, { kind, id }: Chosen): Draft {
  const { zones, lines } = draft.shapes;
  const shapes =
    kind === "zone"
      ? { zones: zones.filter((z) => z.id !== id), lines }
      : { zones, lines: lines.filter((l) => l.id !== id) };
  return { ...withPast(draft, shapes), chosen: null };
}

function undo(draft: Draft): Draft {
  if (draft.drawing) {
    const points = draft.drawing.points.slice(0, -1);
    return { ...draft, drawing: { ...draft.drawing, points } };
  }
  const shapes = draft.past.at(-1);
  if (!shapes) return draft;
  const { chosen } = draft;
  const still = chosen && pointsOf(shapes, chosen).length > 0;
  return { ...draft, shapes, past: draft.past.slice(0, -1), chosen: still ? chosen : null };
}

export function reduce(draft: Draft, action: DraftAction): Draft {
  const { shapes, chosen } = draft;
  switch (action.do) {
    case "choose":
      return { ...draft, chosen: action.chosen, drawing: null };
    case "draw":
      return { ...draft, chosen: null, drawing: { kind: action.kind, points: [] } };
    case "point":
      return addPoint(draft, action.at);
    case "finish":
      return finish(draft);
    case "cancel":
      return { ...draft, drawing: null };
    case "hold":
      return withPast(draft, shapes);
    case "drag":
      return chosen
        ? { ...draft, shapes: withPoints(shapes, chosen, (p) => movePoint(p, action.index, action.to)) }
        : draft;
    case "move":
      return chosen
        ? withPast(
            draft,
            withPoints(shapes, chosen, (p) => movePoint(p, action.index, action.to)),
          )
        : draft;
    case "split":
      return chosen?.kind === "zone"
        ? withPast(
            draft,
            withPoints(shapes, chosen, (p) => splitSide(p, action.index)),
          )
        : draft;
    case "unpoint":
      return chosen?.kind === "zone"
        ? withPast(
            draft,
            withPoints(shapes, chosen, (p) => removePoint(p, action.index)),
          )
        : draft;
    case "zone":
      return withPast(draft, {
        ...shapes,
        zones: shapes.zones.map((z) => (z.id === action.id ? { ...z, ...action.change } : z)),
      });
    case "line":
      return withPast(draft, {
        ...shapes,
        lines: shapes.lines.map((l) => (l.id === action.id ? { ...l, ...action.change } : l)),
      });
    case "remove":
      return remove(draft, action.shape);
    case "undo":
      return undo(draft);
    case "load":
      return {
        ...draftOf(action.shapes),
        chosen: pointsOf(action.shapes, chosen).length > 0 ? chosen : null,
      };
  }
}
