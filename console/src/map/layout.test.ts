import { describe, expect, it } from "vitest";
import type { Area, Door, Plan, Point } from "../api/types";
import { depths, labelOf, layOut, type Premises, viewPath } from "./layout";

const PLAN: Plan = {
  image: null,
  width_m: 40,
  height_m: 20,
  is_drawn_up: false,
  cameras: [],
  things: [],
  risks: [],
};

const area = (id: string, more: Partial<Area> = {}) =>
  ({ id, name: id, outside: false, outline: [], cameras: [], doors: [], ...more }) as unknown as Area;
const door = (id: string, from: string, into: string, more: Partial<Door> = {}) =>
  ({ id, name: id, areas: [from, into], cameras: [], position: null, ...more }) as unknown as Door;

const STREET = area("street", { outside: true });
const SITE: Premises = {
  plan: {
    ...PLAN,
    things: [
      {
        of: "tills/t",
        position: null,
        cameras: [],
        zones: ["lobby/desk"],
        trouble: null,
        trouble_since: null,
      },
    ],
  },
  areas: [STREET, area("office", { cameras: ["lobby"] }), area("vault")],
  doors: [
    door("front", "street", "office"),
    door("back", "street", "office"),
    door("safe", "office", "vault"),
  ],
  cameras: [
    { id: "lobby", name: "Lobby" },
    { id: "roof", name: "Roof" },
  ],
};

describe("depths", () => {
  it("counts doors from outside", () => {
    expect([...depths([], [])]).toEqual([]);
    expect(Object.fromEntries(depths(SITE.areas, SITE.doors))).toEqual({ street: 0, office: 1, vault: 2 });
  });
  it("begins somewhere where nothing is outside, and puts what no door reaches last", () => {
    const found = depths([area("a"), area("b"), area("c")], [door("d", "a", "b")]);
    expect(Object.fromEntries(found)).toEqual({ a: 0, b: 1, c: 2 });
  });
});

describe("a scheme", () => {
  it("of nothing is empty", () => {
    const layout = layOut({ plan: PLAN, areas: [], doors: [], cameras: [] });
    expect(layout).toEqual({ scheme: true, areas: [], doors: [], cameras: [], things: [], loose: [] });
  });
  it("puts doors between their areas, and each elsewhere", () => {
    const layout = layOut(SITE);
    const [street, office] = layout.areas;
    const [front, back, safe] = layout.doors;
    const right = Math.max(...(street?.outline.map((p) => p[0]) ?? []));
    const left = Math.min(...(office?.outline.map((p) => p[0]) ?? []));
    for (const one of [front, back]) {
      expect(one?.at[0]).toBeGreaterThan(right);
      expect(one?.at[0]).toBeLessThan(left);
    }
    expect(front?.at[1]).toBeLessThan(back?.at[1] ?? 0);
    expect(safe?.at[0]).toBeGreaterThan(left);
  });
  it("stands cameras and tills in the area that is seen, and leaves the others loose", () => {
    const layout = layOut(SITE);
    expect(layout.cameras.map((c) => c.id)).toEqual(["lobby"]);
    expect(layout.things.map((t) => t.id)).toEqual(["tills/t"]);
    expect(layout.loose).toEqual(["cameras/roof"]);
  });
});

describe("a plan", () => {
  it("shows what is placed and says what is not", () => {
    const drawn: Premises = {
      ...SITE,
      plan: {
        ...SITE.plan,
        is_drawn_up: true,
        cameras: [
          { id: "lobby", place: { position: [0.5, 0.5], bearing_deg: 90, view_deg: 60, range_m: 8 } },
        ],
      },
      areas: [STREET, area("office", { outline: [[0, 0], [1, 0], [1, 1]] }), area("vault")], // biome-ignore format: short
      doors: [door("front", "street", "office", { position: [0.1, 0.2] }), door("safe", "office", "vault")],
    };
    const layout = layOut(drawn);
    expect(layout.scheme).toBe(false);
    expect(layout.areas.map((a) => a.id)).toEqual(["office"]);
    expect(layout.doors).toEqual([{ id: "front", at: [0.1, 0.2] }]);
    expect(layout.loose).toEqual(["areas/street", "areas/vault", "doors/safe", "cameras/roof", "tills/t"]);
  });
});

describe("an area's name", () => {
  const room: Point[] = [[0, 0], [0.4, 0], [0.4, 0.6], [0, 0.6]]; // biome-ignore format: short
  it.each<[string, Point[], Point]>([
    ["stands in the middle of the upper edge", [], [0.2, 0.035]],
    ["goes from a door", [[0.28, 0]], [0.1, 0.035]],
    [
      "goes down where the edge is full",
      [
        [0.08, 0],
        [0.2, 0],
        [0.32, 0],
      ],
      [0.2, 0.3],
    ],
    [
      "stays where every place is as bad",
      [
        [0.1, 0],
        [0.2, 0],
        [0.3, 0],
        [0.2, 0.265],
      ],
      [0.2, 0.035],
    ],
  ])("%s", (_, signs, [x, y]) =>
    expect(labelOf(room, signs)).toEqual([expect.closeTo(x), expect.closeTo(y)]),
  );
});

describe("viewPath", () => {
  const place = { position: [0.5, 0.5], bearing_deg: 90, view_deg: 90, range_m: 10 } as const;
  it("looks to the right at 90 degrees", () => {
    expect(viewPath({ ...place, position: [0.5, 0.5] }, 40, 20)).toBe(
      "M20 10L27.071 2.929A10 10 0 0 1 27.071 17.071Z",
    );
  });
  it("is nothing where nobody knows which way it looks", () => {
    expect(viewPath({ ...place, position: [0.5, 0.5], bearing_deg: null }, 40, 20)).toBe("");
  });
});
