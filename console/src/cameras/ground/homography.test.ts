import { describe, expect, it } from "vitest";
import type { Four, Ground, Point } from "../../api/types";
import { apply, distance_m, grid, groundProblem, rectangleAt, rectangleOf, solve } from "./homography";

const SQUARE: Four = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
/** A bay of 4 m by 10 m, seen from its near end: the far side looks half as wide. */
const BAY: Ground = {
  image: [
    [0.3, 0.8],
    [0.7, 0.8],
    [0.6, 0.4],
    [0.4, 0.4],
  ],
  metres: [
    [0, 0],
    [4, 0],
    [4, 10],
    [0, 10],
  ],
};

function near(found: Point | null, wanted: Point) {
  expect(found?.[0]).toBeCloseTo(wanted[0], 6);
  expect(found?.[1]).toBeCloseTo(wanted[1], 6);
}

describe("solve and apply", () => {
  it("takes each point to its own", () => {
    const map = solve(BAY.image, BAY.metres);
    if (!map) throw new Error("no map");
    for (const [i, point] of BAY.image.entries()) near(apply(map, point), BAY.metres[i] as Point);
  });
  it("takes the crossing of the diagonals to the crossing of the diagonals", () => {
    // Projective maps keep lines: worked out by hand, the diagonals of the picture meet at (0.5, 1.6/3).
    const map = solve(BAY.image, BAY.metres);
    if (!map) throw new Error("no map");
    near(apply(map, [0.5, 1.6 / 3]), [2, 5]);
  });
  it("has no map where three points lie on one line", () => {
    expect(
      solve(
        [
          [0, 0],
          [0.5, 0.5],
          [1, 1],
          [0, 1],
        ],
        SQUARE,
      ),
    ).toBeNull();
  });
  it("knows nothing beyond the horizon", () => {
    const map = solve(BAY.image, BAY.metres);
    // The long sides meet at y = 0: there the ground ends.
    expect(map && apply(map, [0.5, -0.05])).toBeNull();
  });
});

describe("distance_m", () => {
  it("measures along and across", () => {
    expect(distance_m(BAY, [0.3, 0.8], [0.7, 0.8])).toBeCloseTo(4, 6);
    expect(distance_m(BAY, [0.4, 0.4], [0.6, 0.4])).toBeCloseTo(4, 6);
    expect(distance_m(BAY, [0.3, 0.8], [0.4, 0.4])).toBeCloseTo(10, 6);
    expect(distance_m(BAY, [0.5, 0.8], [0.5, 0.8])).toBe(0);
  });
});

describe("grid", () => {
  it("draws every metre of a small place, both ways", () => {
    const { step_m, lines } = grid(BAY);
    expect(step_m).toBe(0.5);
    expect(lines).toHaveLength(9 + 21);
  });
  it("draws no more lines than can be seen", () => {
    const metres = BAY.metres.map(([x, y]) => [x * 50, y * 50]) as Four;
    expect(grid({ image: BAY.image, metres }).lines.length).toBeLessThanOrEqual(43);
  });
});

describe("groundProblem", () => {
  it("has none with a bay", () => {
    expect(groundProblem(BAY)).toBeNull();
  });
  it.each<[string, Partial<Ground>]>([
    [
      "one line",
      {
        image: [
          [0.1, 0.1],
          [0.5, 0.5],
          [0.9, 0.9],
          [0.1, 0.9],
        ],
      },
    ],
    [
      "in the order in which you would walk",
      {
        image: [
          [0.3, 0.8],
          [0.6, 0.4],
          [0.7, 0.8],
          [0.4, 0.4],
        ],
      },
    ],
    [
      "places in metres",
      {
        metres: [
          [0, 0],
          [4, 10],
          [4, 0],
          [0, 10],
        ],
      },
    ],
    [
      "places in metres",
      {
        metres: [
          [0, 0],
          [4, 0],
          [4, 0],
          [0, 10],
        ],
      },
    ],
  ])("refuses %s", (words, wrong) => {
    expect(groundProblem({ ...BAY, ...wrong })).toContain(words);
  });
});

describe("rectangleOf", () => {
  const ground = (metres: Four): Ground => ({ image: metres, metres });
  it.each<[Four, [number, number] | null]>([
    [rectangleAt([0, 0], 4, 6), [4, 6]],
    [rectangleAt([-1.2, 6.5], 4.2, 10.5), [4.2, 10.5]],
    [rectangleAt([0, 0], -4, 6), null],
    [
      [
        [0, 0],
        [4, 0],
        [3, 6],
        [0, 6],
      ],
      null,
    ],
    [
      [
        [0, 1],
        [4, 0],
        [4, 6],
        [0, 6],
      ],
      null,
    ],
  ])("of %j is %j", (metres, sides) => {
    expect(rectangleOf(ground(metres))).toEqual(sides);
  });
  it("keeps its first point where it was when a side is changed", () => {
    expect(rectangleAt([-1, 5], 2, 3)).toEqual([
      [-1, 5],
      [1, 5],
      [1, 8],
      [-1, 8],
    ]);
  });
});
