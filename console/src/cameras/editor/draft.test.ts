import { describe, expect, it } from "vitest";
import type { Point } from "../../api/types";
import { type Draft, type DraftAction, draftOf, pointsOf, problemsOf, reduce } from "./draft";

const EMPTY = draftOf({ zones: [], lines: [] });

function play(draft: Draft, ...actions: DraftAction[]): Draft {
  return actions.reduce(reduce, draft);
}

const clicks = (...points: Point[]): DraftAction[] => points.map((at) => ({ do: "point", at }));
const CORNERS: Point[] = [
  [0.1, 0.1],
  [0.5, 0.1],
  [0.5, 0.5],
];
const triangle = play(EMPTY, { do: "draw", kind: "zone" }, ...clicks(...CORNERS), { do: "finish" });

describe("drawing", () => {
  it("makes a zone of three points or more, and chooses it", () => {
    expect(triangle.shapes.zones).toMatchObject([
      { id: "zone-1", name: "Zone 1", polygon: CORNERS, classes: ["person"] },
    ]);
    expect(triangle.chosen).toEqual({ kind: "zone", id: "zone-1" });
    expect(triangle.drawing).toBeNull();
  });

  it("goes on while there are too few points", () => {
    const two = play(EMPTY, { do: "draw", kind: "zone" }, ...clicks(...CORNERS.slice(0, 2)), {
      do: "finish",
    });
    expect(two.shapes.zones).toEqual([]);
    expect(two.drawing?.points).toHaveLength(2);
  });

  it("closes by a click near the first point", () => {
    const closed = play(EMPTY, { do: "draw", kind: "zone" }, ...clicks(...CORNERS, [0.105, 0.108]));
    expect(closed.shapes.zones[0]?.polygon).toEqual(CORNERS);
  });

  it("takes a double click for one point", () => {
    const doubled = play(EMPTY, { do: "draw", kind: "zone" }, ...clicks([0.1, 0.1], [0.1, 0.1]));
    expect(doubled.drawing?.points).toHaveLength(1);
  });

  it("ends a line at its second point", () => {
    const line = play(EMPTY, { do: "draw", kind: "line" }, ...clicks([0, 0], [1, 1]));
    expect(line.shapes.lines).toMatchObject([
      {
        id: "line-1",
        points: [
          [0, 0],
          [1, 1],
        ],
        direction: "any",
      },
    ]);
  });

  it("says which line is too short", () => {
    const short = play(EMPTY, { do: "draw", kind: "line" }, ...clicks([0.5, 0.5], [0.501, 0.5]));
    expect(problemsOf(short.shapes, EMPTY.shapes)).toMatchObject([
      { kind: "line", id: "line-1", at: "/lines/0/points", problem: expect.stringContaining("too short") },
    ]);
  });

  it("lets a short line be where it is stored, and no other", () => {
    const short = play(EMPTY, { do: "draw", kind: "line" }, ...clicks([0.5, 0.5], [0.501, 0.5]));
    expect(problemsOf(short.shapes, short.shapes)).toEqual([]);
    const moved = play(short, { do: "move", index: 1, to: [0.502, 0.5] });
    expect(problemsOf(moved.shapes, short.shapes)).toHaveLength(1);
  });

  it("starts from a plain shape when finished with no point, for the keyboard", () => {
    const plain = play(EMPTY, { do: "draw", kind: "zone" }, { do: "finish" });
    expect(problemsOf(plain.shapes, EMPTY.shapes)).toEqual([]);
    expect(pointsOf(plain.shapes, plain.chosen)).toHaveLength(4);
  });

  it("never gives two shapes one id", () => {
    const removed = play(
      triangle,
      { do: "draw", kind: "zone" },
      { do: "finish" },
      { do: "remove", shape: { kind: "zone", id: "zone-1" } },
      { do: "draw", kind: "zone" },
      { do: "finish" },
    );
    expect(removed.shapes.zones.map((z) => z.id)).toEqual(["zone-2", "zone-2-2"]);
  });
});

describe("changing", () => {
  it("moves, splits and removes points of what is chosen", () => {
    const moved = play(triangle, { do: "move", index: 0, to: [0.2, 2] });
    expect(moved.shapes.zones[0]?.polygon[0]).toEqual([0.2, 1]);
    const split = play(triangle, { do: "split", index: 0 });
    expect(split.shapes.zones[0]?.polygon).toHaveLength(4);
    expect(play(split, { do: "unpoint", index: 1 }).shapes).toEqual(triangle.shapes);
  });

  it("says why a zone cannot be saved", () => {
    const crossed = play(
      EMPTY,
      { do: "draw", kind: "zone" },
      ...clicks([0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]),
      { do: "finish" },
    );
    expect(problemsOf(crossed.shapes, EMPTY.shapes)).toMatchObject([
      {
        kind: "zone",
        id: "zone-1",
        at: "/zones/0/polygon",
        problem: expect.stringContaining("crosses itself"),
      },
    ]);
  });

  it("undoes a whole drag at once", () => {
    const dragged = play(
      triangle,
      { do: "hold" },
      { do: "drag", index: 0, to: [0.2, 0.2] },
      { do: "drag", index: 0, to: [0.3, 0.3] },
    );
    expect(dragged.shapes.zones[0]?.polygon[0]).toEqual([0.3, 0.3]);
    expect(play(dragged, { do: "undo" }).shapes).toEqual(triangle.shapes);
  });

  it("undoes back to the beginning and stops there", () => {
    const undone = play(triangle, { do: "undo" }, { do: "undo" });
    expect(undone.shapes).toEqual(EMPTY.shapes);
    expect(undone.chosen).toBeNull();
  });
});
