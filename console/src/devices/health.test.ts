import { describe, expect, it } from "vitest";
import type { Device } from "../api/types";
import { clockWords, healthOf, silentFirst } from "./health";

const DEVICE: Device = {
  id: "acs",
  name: "Access system",
  kind: "http",
  enabled: true,
  state: "connected",
  since: "2026-03-02T10:00:00Z",
  reason: "",
  heard_at: null,
  events: 0,
  duplicates: 0,
  late: 0,
  misunderstood: 0,
  last_misunderstood: "",
  clock_offset_s: null,
  clock_limit_s: 5,
  details: {},
  panels: [],
};

describe("healthOf", () => {
  it("has nothing to say of a device that fares well", () => {
    expect(healthOf(DEVICE)).toEqual({ health: "well", word: "Well", why: [] });
  });
  it("says why a lost one is lost", () => {
    expect(healthOf({ ...DEVICE, state: "lost", reason: "connection refused" })).toEqual({
      health: "lost",
      word: "Lost",
      why: ["connection refused."],
    });
  });
  it("calls a connected device with a wrong clock or strange messages unwell", () => {
    const wrong = healthOf({
      ...DEVICE,
      clock_offset_s: -65,
      misunderstood: 2,
      last_misunderstood: "no till",
    });
    expect(wrong.health).toBe("unwell");
    expect(wrong.why).toEqual([
      "Its clock is 1 min 05 s behind; at most 5 s is fine. Set its clock by NTP.",
      "2 messages were not understood, the newest: no till.",
    ]);
    expect(healthOf({ ...DEVICE, clock_offset_s: 5 }).health).toBe("well");
    expect(healthOf({ ...DEVICE, late: 1 }).why).toEqual(["One event was told more than a minute late."]);
  });
});

const HEARD = { id: "north", heard_at: "2026-03-02T10:00:00Z", silent_since: null, supervised_s: 60 };
const SILENT = { id: "vault", heard_at: null, silent_since: "2026-03-02T10:05:00Z", supervised_s: 60 };

describe("a receiver with a silent panel", () => {
  it("is unwell, whether others are heard or not, and says which one", () => {
    expect(healthOf({ ...DEVICE, panels: [HEARD] }).health).toBe("well");
    const told = {
      health: "unwell",
      word: "Unwell",
      why: ["Panel vault is silent: its alarms would not be heard. Check its line."],
    };
    expect(healthOf({ ...DEVICE, panels: [HEARD, SILENT] })).toEqual(told);
    expect(healthOf({ ...DEVICE, state: "waiting", panels: [SILENT] })).toEqual(told);
    expect(healthOf({ ...DEVICE, state: "waiting", panels: [HEARD] }).health).toBe("waiting");
  });
  it("names the first of many", () => {
    const many = "abcdefg".split("").map((id) => ({ ...SILENT, id }));
    expect(healthOf({ ...DEVICE, panels: many }).why).toEqual([
      "Panels a, b, c, d, e and 2 more are silent: their alarms would not be heard. Check their lines.",
    ]);
  });
  it("shows those first that are silent, the longest foremost", () => {
    const longer = { ...SILENT, id: "gate", silent_since: "2026-03-02T09:00:00Z" };
    expect(silentFirst([HEARD, SILENT, longer]).map((one) => one.id)).toEqual(["gate", "vault", "north"]);
  });
});

describe("clockWords", () => {
  it.each([
    [null, ""],
    [0.01, "together with ours"],
    [2.34, "2.3 s ahead"],
    [-3, "3.0 s behind"],
  ])("%s is %s", (offset, words) => {
    expect(clockWords(offset)).toBe(words);
  });
});
