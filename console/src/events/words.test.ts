import { describe, expect, it } from "vitest";
import type { Camera, CustosEvent, Json } from "../api/types";
import { boxOf, cameraOf, pathOf, placeName, sentence } from "./words";

function event(type: string, data: { [key: string]: Json }, source = "/sites/hq/cameras/dock"): CustosEvent {
  return {
    specversion: "1.0",
    id: "e1",
    type: `custos.${type}`,
    source,
    time: "2026-01-01T00:00:00Z",
    datacontenttype: "application/json",
    data,
  };
}

const dock = {
  id: "dock",
  zones: [{ id: "bay", name: "Bay 1" }],
  lines: [{ id: "gate", name: "Gate" }],
} as Camera;

describe("sentence", () => {
  it.each<[string, { [key: string]: Json }, string]>([
    ["zone.entered", { class: "person", zone_id: "bay" }, "A person entered “Bay 1”"],
    ["zone.entered", { class: "umbrella", zone_id: "gone" }, "An umbrella entered “gone”"],
    ["zone.entered", { class: "person" }, "A person entered a zone"],
    [
      "zone.left",
      { class: "unknown", zone_id: "bay", dwell_s: 64.7 },
      "Something moving left “Bay 1” after 1 min 05 s",
    ],
    [
      "line.crossed",
      { class: "car", line_id: "gate", direction: "left" },
      "A car crossed “Gate” to the left",
    ],
    ["camera.connected", { after_s: 0 }, "Camera connected"],
    ["camera.connected", { after_s: 21 }, "Picture is back after 21 s"],
    ["door.held_open", {}, "Door held open"],
    ["track.described", { class: "person" }, "Best picture of a person"],
    [
      "track.described",
      { class: "person", appearance: { upper: { name: "brown" }, lower: { name: "grey" } } },
      "Best picture of a person in brown and grey",
    ],
    [
      "track.described",
      { class: "person", appearance: { upper: { name: "grey" }, lower: { name: "grey" } } },
      "Best picture of a person in grey",
    ],
    [
      "track.described",
      { class: "car", appearance: { body: { name: "red" } } },
      "Best picture of a car, red",
    ],
    ["line.counted", { line_id: "gate", left: 1, right: 2 }, "Gate: 1 to the left, 2 to the right"],
    ["zone.counted", { zone_id: "bay", count: 0, most: 3 }, "Bay 1: 0 now, 3 at most"],
    ["queue.counted", { zone_id: "bay", length: 2, most: 3 }, "Bay 1: a queue of 2, 3 at most"],
    ["speed.measured", { class: "car", speed_kmh: 27.2 }, "A car at 27 km/h"],
    ["camera.recovered", { reason: "seen in full again" }, "Camera recovered: seen in full again"],
  ])("%s %j", (type, data, words) => expect(sentence(event(type, data), [dock])).toBe(words));
});

describe("where an event was", () => {
  const places = {
    areas: [{ id: "lobby", name: "Lobby", outside: false }],
    doors: [{ id: "front", name: "Street door" }],
  };
  it.each([
    ["/sites/hq", "Site"],
    ["/sites/hq/cameras/dock", "Dock"],
    ["/sites/hq/cameras/gone", "gone"],
    ["/sites/hq/doors/front", "Street door"],
    ["/sites/hq/areas/lobby", "Lobby"],
    ["/sites/hq/tills/till-1", "Till 1"],
  ])("%s", (source, name) =>
    expect(placeName(event("x", {}, source), [{ ...dock, name: "Dock" }], places)).toBe(name),
  );
});

describe("what an event carries", () => {
  it("tells the camera from another source", () => {
    expect(cameraOf(event("zone.entered", {}))).toBe("dock");
    expect(cameraOf(event("system.started", {}, "/sites/hq"))).toBeNull();
  });

  it("takes only boxes and paths that are some", () => {
    expect(boxOf(event("zone.entered", { box: [0, 0.1, 0.2, 0.3] }))).toEqual([0, 0.1, 0.2, 0.3]);
    expect(boxOf(event("zone.entered", { box: [0, 0.1, "x", 0.3] }))).toBeNull();
    expect(pathOf(event("zone.entered", { path: [[0, 1], [2], [0.5, 0.5]] }))).toEqual([
      [0, 1],
      [0.5, 0.5],
    ]);
  });
});
