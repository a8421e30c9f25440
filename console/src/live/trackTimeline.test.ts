import { describe, expect, it } from "vitest";
import type { Box } from "../api/types";
import type { BehaviourMark, LiveTrack } from "./protocol";
import { HOLD_MARKS_MS, HOLD_MS, TrackTimeline } from "./trackTimeline";

function track(id: number, box: Box): LiveTrack {
  return { id, subject: `tracks/${id}`, class: "person", confidence: 0.9, box, observed: true };
}

function timeline(...moments: [at_ms: number, ...tracks: LiveTrack[]][]): TrackTimeline {
  const made = new TrackTimeline();
  for (const [at, ...tracks] of moments) made.add(at, tracks);
  return made;
}

const A: Box = [0, 0, 0.2, 0.4];
const B: Box = [0.4, 0.2, 0.6, 0.6];

describe("TrackTimeline.at", () => {
  it("knows nothing before the first word", () => {
    expect(new TrackTimeline().at(5)).toEqual([]);
    expect(timeline([1000, track(1, A)]).at(999)).toEqual([]);
  });

  it.each([
    [1000, [0, 0, 0.2, 0.4]],
    [1100, [0.2, 0.1, 0.4, 0.5]],
    [1050, [0.1, 0.05, 0.3, 0.45]],
    [1200, [0.4, 0.2, 0.6, 0.6]],
  ])("at %d ms the box is in proportion", (at, box) => {
    const shown = timeline([1000, track(1, A)], [1200, track(1, B)]).at(at)[0]?.box ?? [];
    for (const [i, value] of box.entries()) expect(shown[i]).toBeCloseTo(value, 9);
  });

  it("holds a box after the last word, for a second and no longer", () => {
    const one = timeline([1000, track(1, A)]);
    expect(one.at(1000 + HOLD_MS)).toHaveLength(1);
    expect(one.at(1001 + HOLD_MS)).toHaveLength(0);
  });

  it("carries a box on at its pace, a little way", () => {
    const walking = timeline([1000, track(1, A)], [1200, track(1, B)]);
    expect(walking.at(1300)[0]?.box[0]).toBeCloseTo(0.6, 9);
    expect(walking.at(1900)[0]?.box[0]).toBeCloseTo(1.2, 9);
    const longAgo = timeline([1000, track(1, A)], [9000, track(1, B)]);
    expect(longAgo.at(9300)[0]?.box).toEqual(B);
  });

  it("does not draw an object that has gone, nor one that has yet to come", () => {
    const swap = timeline([1000, track(1, A)], [1200, track(2, B)], [1400, track(2, B)]);
    expect(swap.at(1300).map((t) => t.id)).toEqual([2]);
    expect(swap.at(1100).map((t) => t.id)).toEqual([1]);
  });

  it("never mixes the boxes of two objects", () => {
    const two = timeline([1000, track(1, A), track(2, B)], [1200, track(2, A), track(1, B)]);
    const shown = two.at(1200);
    expect(shown.find((t) => t.id === 1)?.box).toEqual(B);
  });

  it("takes words that come late or twice", () => {
    const late = timeline([1200, track(1, B)], [1000, track(1, A)], [1200, track(1, B)]);
    expect(late.at(1100)[0]?.box[0]).toBeCloseTo(0.2, 9);
  });

  it("has another revision after every word, late ones and a new stream too", () => {
    const told = new TrackTimeline();
    const seen = [told.revision];
    const note = () => seen.push(told.revision);
    told.add(1000, [track(1, A)]);
    note();
    told.add(900, [track(1, B)]);
    note();
    told.at(950);
    told.clear();
    note();
    expect(new Set(seen).size).toBe(4);
  });

  it("forgets what is too old to be shown", () => {
    const long = timeline([0, track(1, A)], [60_000, track(2, B)]);
    expect(long.at(500)).toEqual([]);
  });
});

describe("TrackTimeline.trail", () => {
  it("ends at the feet of the box as drawn", () => {
    const one = timeline([1000, track(1, A)], [1200, track(1, B)]);
    expect(one.trail(1, 1100, 4000)).toEqual([
      [0.1, 0.4],
      [expect.closeTo(0.3, 9), expect.closeTo(0.5, 9)],
    ]);
    expect(one.trail(9, 1100, 4000)).toEqual([]);
  });
});

describe("TrackTimeline.marksAt", () => {
  const mark = (text: string) => ({ behaviour_id: "queue", text }) as BehaviourMark;
  const told = new TrackTimeline();
  told.add(1000, [], [mark("one")]);
  told.add(2000, [], [mark("two")]);

  it.each([
    [999, []],
    [1000, ["one"]],
    [1999, ["one"]],
    [2000, ["two"]],
    [2000 + HOLD_MARKS_MS, ["two"]],
    [2001 + HOLD_MARKS_MS, []],
  ])("at %d ms shows %j", (at, texts) => {
    expect(told.marksAt(at).map((m) => m.text)).toEqual(texts);
  });
});
