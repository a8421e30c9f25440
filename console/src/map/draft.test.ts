import { describe, expect, it } from "vitest";
import type { CameraPlace, Point } from "../api/types";
import {
  aimOf,
  isNothing,
  lookingAt,
  moved,
  off,
  type PlanDraft,
  placingOf,
  put,
  split,
  unpoint,
} from "./draft";

const SQUARE: Point[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
const EMPTY: PlanDraft = { areas: {}, doors: {}, cameras: {}, things: {} };
const PLACE: CameraPlace = { position: [0.5, 0.5], bearing_deg: null, view_deg: 70, range_m: 12 };
const DRAFT: PlanDraft = {
  areas: { office: SQUARE },
  doors: { front: [0.1, 0.1] },
  cameras: { lobby: PLACE },
  things: { "tills/t": [0.3, 0.3] },
};

describe("a draft", () => {
  it("as it was has nothing to save", () => {
    expect(isNothing(placingOf(EMPTY, EMPTY))).toBe(true);
    expect(isNothing(placingOf(DRAFT, structuredClone(DRAFT)))).toBe(true);
  });
  it("saves only what moved, and keeps it on the sheet", () => {
    const draft = moved(moved(DRAFT, "doors/front", 0, [1.4, -0.2]), "tills/t", 0, [0.4, 0.4]);
    expect(placingOf(DRAFT, draft)).toEqual({
      areas: {},
      doors: { front: [1, 0] },
      cameras: {},
      things: { "tills/t": [0.4, 0.4] },
    });
  });
  it("takes things off and puts them on again", () => {
    const bare = ["areas/office", "doors/front", "cameras/lobby", "tills/t"].reduce(off, DRAFT);
    expect(bare).toEqual(EMPTY);
    expect(placingOf(DRAFT, bare)).toEqual({
      areas: { office: [] },
      doors: { front: null },
      cameras: { lobby: null },
      things: { "tills/t": null },
    });
    expect(put(EMPTY, "cameras/lobby").cameras.lobby?.position).toEqual([0.5, 0.5]);
    expect(put(EMPTY, "areas/office").areas.office).toHaveLength(4);
  });
  it("gives an outline more and fewer corners, never under three", () => {
    const more = split(DRAFT, "areas/office", 3);
    expect(more.areas.office?.[4]).toEqual([0, 0.5]);
    const fewer = unpoint(DRAFT, "areas/office", 0);
    expect(fewer.areas.office).toHaveLength(3);
    expect(unpoint(fewer, "areas/office", 0)).toEqual(fewer);
    expect(moved(DRAFT, "areas/office", 2, [0.9, 0.9]).areas.office?.[2]).toEqual([0.9, 0.9]);
  });
});

describe("a camera's aim", () => {
  it("turns to where it is dragged, in metres of the plan", () => {
    expect(lookingAt(PLACE, [1, 0.5], 40, 20)).toMatchObject({ bearing_deg: 90, range_m: 20 });
    expect(lookingAt(PLACE, [0.5, 0], 40, 20)).toMatchObject({ bearing_deg: 0, range_m: 10 });
    expect(lookingAt(PLACE, [0.25, 0.5], 40, 20)).toMatchObject({ bearing_deg: 270 });
  });
  it("comes back to the same point", () => {
    const [x, y] = aimOf(lookingAt(PLACE, [0.75, 1], 40, 20), 40, 20);
    expect(x).toBeCloseTo(0.75, 1);
    expect(y).toBeCloseTo(1, 1);
  });
});
