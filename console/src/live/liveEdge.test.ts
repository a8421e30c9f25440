import { describe, expect, it } from "vitest";
import { type Playback, steer } from "./liveEdge";

const TARGET_S = 0.4;

function playback(part: Partial<Playback>): Playback {
  return {
    currentTime: 100,
    buffered: { start: 95, end: 100.4 },
    oldest: 95,
    still_ms: 0,
    target_s: TARGET_S,
    ...part,
  };
}

describe("steer", () => {
  it("does nothing without a buffer", () => {
    expect(steer(playback({ buffered: null }))).toEqual({ seekTo: null, rate: 1, trimBefore: null });
  });

  it("leaves well alone at the target", () => {
    expect(steer(playback({}))).toEqual({ seekTo: null, rate: 1, trimBefore: null });
  });

  it.each([
    [0.1, 0.92],
    [0.5, 1],
    [1.0, 1.08],
    [2.0, 1.25],
  ])("%d s behind plays at %d", (lag, rate) => {
    expect(steer(playback({ buffered: { start: 95, end: 100 + lag } })).rate).toBe(rate);
  });

  it.each([
    ["far behind", playback({ buffered: { start: 95, end: 104 } }), 104 - TARGET_S],
    ["before the buffer, as at the very start", playback({ currentTime: 0 }), 100.4 - TARGET_S],
    ["past the buffer", playback({ currentTime: 200 }), 100.4 - TARGET_S],
    ["stuck in a gap", playback({ still_ms: 1500 }), 100.4 - TARGET_S],
    [
      "with less buffered than the target",
      playback({ currentTime: 0, buffered: { start: 50, end: 50.1 } }),
      50,
    ],
  ])("jumps to the edge when %s", (_, at, seekTo) => expect(steer(at).seekTo).toBeCloseTo(seekTo, 9));

  it("keeps further back when asked to", () => {
    const back = playback({ target_s: 1, buffered: { start: 95, end: 101 } });
    expect(steer(back).rate).toBe(1);
    expect(steer({ ...back, currentTime: 100.5 }).rate).toBe(0.92);
  });

  it("does not jump when it only waits for the next picture", () => {
    const waiting = playback({ still_ms: 5000, buffered: { start: 95, end: 100.05 } });
    expect(steer(waiting).seekTo).toBeNull();
  });

  it("drops the old part of the buffer, never what is being shown", () => {
    const { trimBefore } = steer(playback({ oldest: 80 }));
    expect(trimBefore).toBe(96);
  });
});
