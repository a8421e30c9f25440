import { describe, expect, it } from "vitest";
import type { Point } from "../../api/types";
import {
  firstSelfCrossing,
  idOf,
  lineProblem,
  movePoint,
  normalOf,
  polygonProblem,
  removePoint,
  settle,
  side,
  splitSide,
} from "./polygon";

const SQUARE: Point[] = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.8, 0.8],
  [0.2, 0.8],
];
const BOW_TIE: Point[] = [
  [0.2, 0.2],
  [0.8, 0.8],
  [0.8, 0.2],
  [0.2, 0.8],
];

describe("firstSelfCrossing", () => {
  it.each<[string, Point[], [number, number] | null]>([
    ["nothing", [], null],
    ["a triangle", SQUARE.slice(0, 3), null],
    ["a square", SQUARE, null],
    [
      "a hollow shape",
      [
        [0, 0],
        [1, 0],
        [0.5, 0.4],
        [1, 1],
        [0, 1],
      ],
      null,
    ],
    ["a bow tie", BOW_TIE, [0, 2]],
    [
      "a side through a corner",
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0.5, 0],
        [0, 1],
      ],
      [0, 2],
    ],
    [
      "a side laid over another",
      [
        [0, 0],
        [1, 0],
        [1, 0.5],
        [0.8, 0],
        [0.2, 0],
      ],
      [0, 2],
    ],
  ])("of %s", (_, polygon, expected) => expect(firstSelfCrossing(polygon)).toEqual(expected));
});

describe("polygonProblem", () => {
  it("counts points from 1, as the screen does", () => {
    expect(polygonProblem(BOW_TIE)).toContain("side 1–2 meets side 3–4");
  });

  it("wants three different points", () => {
    expect(
      polygonProblem([
        [0, 0],
        [1, 1],
        [0, 0],
      ]),
    ).toContain("this has 2");
    expect(polygonProblem(SQUARE)).toBeNull();
  });

  it.each<[string, Point[]]>([
    [
      "corners on one line",
      [
        [0.1, 0.1],
        [0.3, 0.3],
        [0.5, 0.5],
      ],
    ],
    [
      "a sliver",
      [
        [0.1, 0.1],
        [0.5, 0.1],
        [0.5, 0.10001],
      ],
    ],
    [
      "a speck",
      [
        [0.1, 0.1],
        [0.11, 0.1],
        [0.11, 0.12],
      ],
    ],
  ])("refuses %s and says how to mend it", (_, polygon) => {
    expect(polygonProblem(polygon)).toContain("further apart");
  });
});

describe("lineProblem", () => {
  it("takes a line that is as short as it may be", () => {
    expect(
      lineProblem([
        [0.1, 0.5],
        [0.12, 0.5],
      ]),
    ).toBeNull();
  });

  it("wants a line that can be crossed", () => {
    expect(
      lineProblem([
        [0.5, 0.5],
        [0.50001, 0.5],
      ]),
    ).toContain("further apart");
    expect(
      lineProblem([
        [0.5, 0.5],
        [0.5, 0.6],
      ]),
    ).toBeNull();
  });
});

describe("editing points", () => {
  it("keeps points on the picture", () => {
    expect(movePoint(SQUARE, 1, [1.4, -0.1])[1]).toEqual([1, 0]);
    expect(settle([0.123_456, 0.5])).toEqual([0.1235, 0.5]);
  });

  it("splits a side in the middle, also the closing one", () => {
    expect(splitSide(SQUARE, 0)[1]).toEqual([0.5, 0.2]);
    expect(splitSide(SQUARE, 3).at(-1)).toEqual([0.2, 0.5]);
    expect(polygonProblem(splitSide(SQUARE, 3))).toBeNull();
  });

  it("removes a point, but never below three", () => {
    expect(removePoint(SQUARE, 0)).toEqual(SQUARE.slice(1));
    expect(removePoint(SQUARE.slice(0, 3), 0)).toHaveLength(3);
  });
});

describe("normalOf", () => {
  it.each<[string, [Point, Point], "left" | "right", Point]>([
    [
      "rightwards, right is down",
      [
        [0, 0.5],
        [1, 0.5],
      ],
      "right",
      [0, 1],
    ],
    [
      "rightwards, left is up",
      [
        [0, 0.5],
        [1, 0.5],
      ],
      "left",
      [0, -1],
    ],
    [
      "downwards, right is left on the screen",
      [
        [0.5, 0],
        [0.5, 1],
      ],
      "right",
      [-1, 0],
    ],
  ])("%s", (_, line, direction, expected) => {
    const [x, y] = normalOf(line, direction, 16 / 9);
    expect(x).toBeCloseTo(expected[0], 9);
    expect(y).toBeCloseTo(expected[1], 9);
    const [a, b] = line;
    expect(Math.sign(side(a, b, [a[0] + x, a[1] + y]))).toBe(direction === "right" ? 1 : -1);
  });
});

describe("idOf", () => {
  it.each([
    ["Loading dock", "loading-dock"],
    ["  Tür 2 (Süd) ", "tur-2-sud"],
    ["!!!", "zone"],
    ["Gate", "gate-3"],
  ])("%s", (name, id) => expect(idOf(name, "zone", new Set(["gate", "gate-2"]))).toBe(id));
});
