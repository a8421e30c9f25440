import { describe, expect, it } from "vitest";
import type { Behaviour, BehaviourKind, BehaviourSetting, Camera } from "../../api/types";
import { inForce, kindName, lackOf, measure, newBehaviour, settingLabel } from "./behaviours";

const KIND: BehaviourKind = {
  name: "queue",
  meaning: "Counts who waits.",
  events: ["queue.counted"],
  onvif_rule: null,
  zone: "must",
  line: "no",
  ground: "no",
  directions: false,
  classes: ["person"],
  settings: [],
  orders: [],
};
const CAMERA = { zones: [{ id: "till" }], lines: [], ground: null } as unknown as Camera;
const BARE = { zones: [], lines: [], ground: null } as unknown as Camera;
const WAIT: BehaviourSetting = {
  name: "wait_s",
  unit: "s",
  default: 60,
  low: 1,
  high: 600,
  meaning: "how long",
  stricter: "higher",
};
const made: Behaviour = newBehaviour(KIND, CAMERA, []);

describe("newBehaviour", () => {
  it("stands on the first zone it needs, at middling sensitivity", () => {
    expect(made).toMatchObject({ id: "queue", kind: "queue", zone: "till", line: null, sensitivity: 0.5 });
  });
  it("has an id of its own", () => {
    expect(newBehaviour(KIND, CAMERA, [made]).id).toBe("queue-2");
  });
});

describe("lackOf", () => {
  it("says which settings are the wrong way round, whether they were set or not", () => {
    const stop = { ...WAIT, name: "stop_s", default: 10 };
    const kind = {
      ...KIND,
      settings: [stop, { ...WAIT, name: "park_s", default: 120 }],
      orders: [{ less: "stop_s", more: "park_s" }],
    };
    expect(lackOf(made, kind, CAMERA)).toBeNull();
    expect(lackOf({ ...made, settings: { stop_s: 120 } }, kind, CAMERA)).toBeNull();
    expect(lackOf({ ...made, settings: { stop_s: 200 } }, kind, CAMERA)).toBe(
      "Stop (200 s) must not be more than Park (120 s by default): change either of them.",
    );
    expect(lackOf({ ...made, settings: { park_s: 5 } }, kind, CAMERA)).toContain("Stop (10 s by default)");
  });
  it("lacks nothing where everything is there", () => {
    expect(lackOf(made, KIND, CAMERA)).toBeNull();
  });
  it.each<[string, Partial<BehaviourKind>, Camera]>([
    ["draw one", {}, BARE],
    ["Choose its zone", {}, CAMERA],
    ["draw one", { zone: "no", line: "must" }, CAMERA],
    ["four points of the floor", { zone: "no", ground: "must" }, CAMERA],
  ])("says: %s", (words, kind, camera) => {
    expect(lackOf({ ...made, zone: null }, { ...KIND, ...kind }, camera)).toContain(words);
  });
});

describe("inForce", () => {
  it.each([
    [0.5, "higher", 60],
    [1, "higher", 30],
    [0, "higher", 120],
    [1, "lower", 120],
    [0, "same", 60],
  ] as const)("at sensitivity %d a threshold that goes %s is %d", (sensitivity, stricter, wanted) => {
    expect(inForce({ ...WAIT, stricter }, { ...made, sensitivity })).toBe(wanted);
  });
  it("begins with what was set", () => {
    expect(inForce(WAIT, { ...made, settings: { wait_s: 10 } })).toBe(10);
  });
});

describe("words", () => {
  it("makes names and numbers readable", () => {
    expect(kindName("line-count")).toBe("Line count");
    expect(settingLabel("longest_wait_s")).toBe("Longest wait");
    expect(settingLabel("people")).toBe("People");
    expect(measure(1 / 3, "m")).toBe("0.333 m");
    expect(measure(120, "")).toBe("120");
  });
});
