import { describe, expect, it } from "vitest";
import type { EventFilter } from "../api/queries";
import type { CustosEvent } from "../api/types";
import { atPlace, filterOf, matches, merge, placeChoices, placeOf, readSearch } from "./filter";

function event(id: string, type: string, second: number, camera = "dock"): CustosEvent {
  const time = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  return {
    specversion: "1.0",
    id,
    type: `custos.${type}`,
    source: `/sites/hq/cameras/${camera}`,
    subject: "tracks/1",
    time,
    datacontenttype: "application/json",
    data: {},
  };
}

const ALL: EventFilter = { types: [], camera: null, source: null, subject: null, since: null, until: null };

describe("matches", () => {
  const entered = event("a", "zone.entered", 30);
  it.each<[string, Partial<EventFilter>, boolean]>([
    ["no filter", {}, true],
    ["its type", { types: ["line.crossed", "zone.entered"] }, true],
    ["another type", { types: ["zone.left"] }, false],
    ["its family", { types: ["zone."] }, true],
    ["a type is no family", { types: ["zone"] }, false],
    ["its camera", { camera: "dock" }, true],
    ["another camera", { camera: "doc" }, false],
    ["its source", { source: "/sites/hq/cameras/dock" }, true],
    ["a door of the same name", { source: "/sites/hq/doors/dock" }, false],
    ["another subject", { subject: "tracks/2" }, false],
    ["since that very second", { since: "2026-01-01T00:00:30Z" }, true],
    ["until that very second", { until: "2026-01-01T00:00:30Z" }, false],
  ])("%s", (_, part, expected) => expect(matches({ ...ALL, ...part }, entered)).toBe(expected));
});

describe("merge", () => {
  it("keeps every event once, newest first", () => {
    const [a, b, c] = [event("a", "x.y", 1), event("b", "x.y", 2), event("c", "x.y", 3)];
    expect(merge([], [], 9)).toEqual([]);
    expect(merge([c, b], [b, a], 9).map((e) => e.id)).toEqual(["c", "b", "a"]);
    expect(merge([c, b], [b, a], 2).map((e) => e.id)).toEqual(["c", "b"]);
  });
});

describe("search", () => {
  it("passes over nonsense in the address line", () => {
    expect(readSearch({ type: 3, camera: "", range: "aeon" })).toEqual({});
    expect(readSearch({ type: "zone.", door: "dock", till: [7] })).toEqual({ type: ["zone."], door: "dock" });
  });

  it("takes a number for the id that it stands for", () => {
    expect(readSearch({ till: 7, door: 0 })).toEqual({ till: "7", door: "0" });
  });

  it("counts ranges back from now, and takes both ends of a span", () => {
    expect(filterOf({ range: "1h" }, Date.UTC(2026, 0, 1, 12), "hq").since).toBe("2026-01-01T11:00:00.000Z");
    expect(filterOf({ range: "between", since: "s", until: "u" }, 0, "hq")).toMatchObject({
      since: "s",
      until: "u",
    });
    expect(filterOf({ since: "s" }, 0, "hq").since).toBeNull();
  });

  it.each([
    ["", {}, { camera: null, source: null }],
    ["camera/dock", { camera: "dock" }, { camera: "dock", source: null }],
    ["door/dock", { door: "dock" }, { camera: null, source: "/sites/hq/doors/dock" }],
    ["till/till-1", { till: "till-1" }, { camera: null, source: "/sites/hq/tills/till-1" }],
  ])("goes from the choice %j to one place and back", (place, search, filter) => {
    expect(placeOf(search)).toBe(place);
    expect(atPlace(place)).toEqual({ camera: undefined, door: undefined, till: undefined, ...search });
    expect(filterOf(search, 0, "hq")).toMatchObject(filter);
  });

  it("asks of one place only, whatever the address line says", () => {
    expect(filterOf({ camera: "lobby", door: "dock" }, 0, "hq")).toMatchObject({
      camera: "lobby",
      source: null,
    });
  });
});

describe("placeChoices", () => {
  const every = { value: "", label: "Every place" };
  const dock = { id: "dock", name: "Loading dock" };
  const doors = { group: "Doors", items: [{ value: "door/dock", label: "Loading dock" }] };

  it("leaves out a kind of which there is none", () => {
    expect(placeChoices([], "")).toEqual([every]);
    const kinds = [
      { group: "Cameras", kind: "camera", places: [] },
      { group: "Doors", kind: "door", places: [dock] },
    ] as const;
    expect(placeChoices(kinds, "")).toEqual([every, doors]);
    expect(placeChoices(kinds, "door/dock")).toEqual([every, doors]);
  });

  it.each([
    ["camera/dock", "Dock"],
    ["till/till-9", "Till 9"],
    ["door/__proto__", "Proto"],
  ])("names what is asked for, %j, where it is not there any more", (asked, label) => {
    const kinds = [{ group: "Doors", kind: "door", places: [dock] }] as const;
    expect(placeChoices(kinds, asked)).toEqual([
      every,
      doors,
      { group: "Others", items: [{ value: asked, label }] },
    ]);
  });
});
