import { describe, expect, it } from "vitest";
import { ago, clock, duration, fromWallClock, full, moment, ticks, toWallClock } from "./format";

const BERLIN = "Europe/Berlin";

describe("clock and day", () => {
  it.each([
    ["2026-01-15T23:30:05Z", BERLIN, "00:30:05"],
    ["2026-07-15T22:00:00Z", BERLIN, "00:00:00"],
    ["2026-07-15T12:00:00Z", "America/New_York", "08:00:00"],
    ["2026-07-15T12:00:00.999Z", "UTC", "12:00:00"],
  ])("%s in %s is %s", (utc, zone, text) => expect(clock(utc, zone)).toBe(text));

  it("counts days as the site does, not as UTC does", () => {
    const justAfterMidnight = "2026-01-15T23:30:00Z";
    expect(moment(justAfterMidnight, BERLIN, "2026-01-16T09:00:00Z")).toBe("00:30:00");
    expect(moment(justAfterMidnight, BERLIN, "2026-01-15T22:00:00Z")).toBe("16 Jan 00:30:00");
  });

  it("names the zone in force", () => {
    expect(full("2026-01-15T12:00:00Z", "Europe/London")).toBe("Thu 15 Jan 2026, 12:00:00 GMT");
    expect(full("2026-07-15T12:00:00Z", "Europe/London")).toBe("Wed 15 Jul 2026, 13:00:00 BST");
  });
});

describe("ago and duration", () => {
  it.each([
    [0, "now"],
    [-20, "now"],
    [59, "59 s ago"],
    [60, "1 min ago"],
    [3_600, "1 h ago"],
    [200_000, "2 d ago"],
  ])("%d s past is %s", (past_s, text) => expect(ago(0, past_s * 1000)).toBe(text));

  it.each([
    [0.4, "0 s"],
    [59.6, "1 min 00 s"],
    [65, "1 min 05 s"],
    [7_380, "2 h 03 min"],
  ])("%d s lasts %s", (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe("ticks of a time axis", () => {
  const at_s = (text: string) => Date.parse(text) / 1000;
  it.each([
    ["no ticks", [], 600, []],
    [
      "hours of the site, with the day below the first and below midnight",
      ["2026-03-03T21:30:00Z", "2026-03-03T22:30:00Z", "2026-03-03T23:00:00Z", "2026-03-03T23:30:00Z"],
      1_800,
      ["22:30\n3 Mar", "23:30", "00:00\n4 Mar", "00:30"],
    ],
    ["days", ["2026-03-02T23:00:00Z", "2026-03-03T23:00:00Z"], 86_400, ["3 Mar", "4 Mar"]],
  ])("%s", (_, times, step_s, words) => expect(ticks(times.map(at_s), step_s, BERLIN)).toEqual(words));
});

describe("wall clock fields", () => {
  it.each([
    ["2026-01-15T12:00", BERLIN, "2026-01-15T11:00:00.000Z"],
    ["2026-07-15T12:00", BERLIN, "2026-07-15T10:00:00.000Z"],
    ["2026-03-29T03:30", BERLIN, "2026-03-29T01:30:00.000Z"],
    ["2026-03-29T01:30", BERLIN, "2026-03-29T00:30:00.000Z"],
    ["2026-07-15T00:15", "Asia/Kolkata", "2026-07-14T18:45:00.000Z"],
  ])("%s in %s is %s and back", (wall, zone, utc) => {
    expect(fromWallClock(wall, zone)).toBe(utc);
    expect(toWallClock(utc, zone)).toBe(wall);
  });

  it("refuses what is no time", () => {
    expect(fromWallClock("", BERLIN)).toBeNull();
    expect(toWallClock("soon", BERLIN)).toBe("");
  });
});
