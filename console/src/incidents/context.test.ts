import { describe, expect, it } from "vitest";
import type { CameraStrip } from "../api/types";
import {
  find,
  nearest,
  nextCamera,
  offsetMark,
  offsetWords,
  sharedWords,
  showsEvent,
  spelled,
  step,
} from "./context";

const strip = (camera_id: string, ...offsets: number[]): CameraStrip => ({
  camera_id,
  name: camera_id,
  missing: offsets.length ? "" : "The camera is lost.",
  shots: offsets.map((offset_s) => ({ id: `${camera_id}${offset_s}`, at: "2026-03-03T10:00:00Z", offset_s })),
});
const LOBBY = strip("lobby", -8, -4, 0.2, 4);
const STREET = strip("street", -5, 2);
const BLIND = strip("blind");
const ALL = [BLIND, LOBBY, STREET];

describe("showsEvent", () => {
  const opened_at = "2026-03-03T10:00:35Z";
  it.each([
    [null, false],
    [{ at: "2026-03-03T10:00:00Z", box: null }, false],
    [{ at: "2026-03-03T10:00:00Z", box: [0, 0, 1, 1] }, true],
    [{ at: "2026-03-03T10:00:30Z", box: null }, true],
    [{ at: "2026-03-03T10:00:40Z", box: null }, true],
  ])("%j: %s", (picture, shows) => {
    expect(showsEvent({ picture, opened_at })).toBe(shows);
  });
});

describe("offsets", () => {
  it.each([
    [0, "0 s", "as it opened"],
    [-0.7, "0 s", "as it opened"],
    [-4, "−4 s", "4 s before"],
    [8.2, "+8 s", "8 s after"],
    [-65, "−1 min 05 s", "1 min 05 s before"],
  ])("%s", (offset_s, mark, words) => {
    expect([offsetMark(offset_s), offsetWords(offset_s)]).toEqual([mark, words]);
  });
});

describe("stepping through pictures", () => {
  it("goes nowhere where there is none", () => {
    expect(step([], null, 1)).toBeNull();
    expect(step([BLIND], null, -1)).toBeNull();
    expect(nextCamera([BLIND], null)).toBeNull();
    expect(nearest(BLIND, 0)).toBeNull();
  });

  it("begins where the incident opened, at the first camera that shows something", () => {
    expect(step(ALL, null, 1)).toEqual({ camera: "lobby", shot: "lobby0.2" });
  });

  it("goes through one camera's pictures and stays at the ends", () => {
    const start = step(ALL, null, -1);
    const before = step(ALL, start, -1);
    expect(before?.shot).toBe("lobby-4");
    const first = step(ALL, before, -1);
    expect(step(ALL, first, -1)).toEqual(first);
    expect(step(ALL, first, 1)).toEqual(before);
  });

  it("shows the same moment of the next camera, and after the last the first", () => {
    const other = nextCamera(ALL, { camera: "lobby", shot: "lobby-8" });
    expect(other).toEqual({ camera: "street", shot: "street-5" });
    expect(nextCamera(ALL, other)?.shot).toBe("lobby-4");
  });

  it("forgets a picture that is no longer there", () => {
    const gone = { camera: "lobby", shot: "gone" };
    expect(find(ALL, gone)).toBeNull();
    expect(step(ALL, gone, 1)?.shot).toBe("lobby0.2");
  });
});

describe("words", () => {
  it.each([
    ["CredentialNotActive", "The credential is not active"],
    ["Front door refused them: Unauthorized", "Front door refused them: not allowed there"],
    ["McDonald gate, Unauthorizedly", "McDonald gate, Unauthorizedly"],
    ["Front door was opened with no grant", "Front door was opened with no grant"],
    ["", ""],
  ])("%s", (reason, words) => {
    expect(spelled(reason)).toBe(words);
  });

  it("leaves out what goes without saying, unless it is all there is", () => {
    const door = { place: "doors/front", name: "Front door" };
    const area = { place: "areas/office", name: "Office" };
    const holder = { place: "holders/dan", name: "Dan" };
    expect(sharedWords([door, area, holder])).toBe("Front door · Dan");
    expect(sharedWords([area])).toBe("Office");
    expect(sharedWords([])).toBe("");
  });
});
