import { describe, expect, it } from "vitest";
import type { MapLayout } from "./layout";
import { placed } from "./placed";

const SQUARE: [number, number][] = [
  [0, 0],
  [1, 0],
  [1, 1],
];
const LAYOUT: MapLayout = {
  scheme: false,
  areas: [{ id: "office", name: "Office", outline: SQUARE, label: [0.5, 0.5] }],
  doors: [
    { id: "front", at: [0.1, 0.1] },
    { id: "safe", at: [0.2, 0.2] },
  ],
  cameras: [{ id: "lobby", place: { position: [0.3, 0.3], bearing_deg: 90, view_deg: 70, range_m: 12 } }],
  things: [{ id: "tills/till-1", at: [0.4, 0.4] }],
  loose: [],
};

describe("placed", () => {
  it("is nothing where nothing of it is drawn", () => {
    expect(placed(LAYOUT, [])).toBeNull();
    expect(placed(LAYOUT, ["doors/back", "areas/yard", "panels/main"])).toBeNull();
    expect(placed({ ...LAYOUT, areas: [], doors: [] }, ["doors/front", "areas/office"])).toBeNull();
  });
  it("keeps the areas, and of all else what is asked for", () => {
    const found = placed(LAYOUT, ["doors/front", "cameras/lobby", "areas/office"]);
    expect(found?.areas).toEqual(LAYOUT.areas);
    expect(found?.doors.map((one) => one.id)).toEqual(["front"]);
    expect(found?.cameras.map((one) => one.id)).toEqual(["lobby"]);
    expect(found?.things).toEqual([]);
  });
  it("is there for an area alone", () => {
    expect(placed(LAYOUT, ["areas/office"])?.doors).toEqual([]);
  });
});
