import { describe, expect, it } from "vitest";
import type { Camera, CustosEvent, Json } from "../api/types";
import { boxOf, cameraOf, pathOf, sentence } from "./words";

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
    ["zone.entered", { class: "person", zone_id: "bay" }, "A person entered Bay 1"],
    ["zone.entered", { class: "umbrella", zone_id: "gone" }, "An umbrella entered gone"],
    [
      "zone.left",
      { class: "unknown", zone_id: "bay", dwell_s: 64.7 },
      "Something moving left Bay 1 after 1 min 05 s",
    ],
    ["line.crossed", { class: "car", line_id: "gate", direction: "left" }, "A car crossed Gate to the left"],
    ["camera.connected", { after_s: 0 }, "Camera connected"],
    ["camera.connected", { after_s: 21 }, "Picture is back after 21 s"],
    ["door.held_open", {}, "Door held open"],
  ])("%s %j", (type, data, words) => expect(sentence(event(type, data), [dock])).toBe(words));
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
