import { describe, expect, it } from "vitest";
import type { DoorState } from "../api/types";
import { byNeed, doorLook, isUnwell } from "./look";

const REST: DoorState = {
  contact: "closed",
  lock: "locked",
  alarm: "normal",
  own_alarm: "",
  mode: "",
  online: true,
  tampered: false,
  shunted: false,
  free: false,
  opened_at: null,
  changed_at: null,
  people_in: null,
  people_out: null,
  uncounted: "",
};

const door = (change: Partial<DoorState>) => ({ state: { ...REST, ...change } });

describe("doorLook", () => {
  it.each([
    [{}, "Locked", "calm"],
    [{ contact: "unknown" }, "Locked", "calm"],
    [{ lock: "unlocked" }, "Unlocked", "open"],
    [{ contact: "open" }, "Open", "open"],
    [{ contact: "open", alarm: "held" }, "Held open", "warning"],
    [{ contact: "open", alarm: "propped" }, "Propped open", "warning"],
    [{ contact: "open", alarm: "forced" }, "Forced open", "alarm"],
    [{ alarm: "forced" }, "Forced", "alarm"],
    [{ tampered: true }, "Tampered with", "alarm"],
    [{ online: false, alarm: "forced" }, "Offline", "off"],
  ] as [Partial<DoorState>, string, string][])("%j is %s", (change, word, tone) => {
    expect(doorLook(door(change))).toMatchObject({ word, tone });
  });

  it("says nothing of a door nobody has heard of", () => {
    expect(doorLook({ state: null })).toMatchObject({ word: "Not known yet", tone: "off" });
    expect(isUnwell({ state: null })).toBe(false);
  });

  it("tells what else matters", () => {
    expect(doorLook(door({ shunted: true, tampered: true })).besides).toEqual([
      "alarms suspended",
      "tampered with",
    ]);
  });
});

describe("byNeed", () => {
  it("puts alarms first and keeps the order of the rest", () => {
    const [calm, open, held, forced] = [
      door({}),
      door({ contact: "open" }),
      door({ alarm: "held" }),
      door({ alarm: "forced" }),
    ];
    expect(byNeed([])).toEqual([]);
    expect(byNeed([calm, open, held, forced])).toEqual([forced, held, calm, open]);
  });
});
