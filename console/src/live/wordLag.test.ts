import { describe, expect, it } from "vitest";
import { LEAST_LAG_S, MOST_LAG_S, WordLag } from "./wordLag";

/** Words every `every_ms`, each `late_ms` after its picture. */
function told(every_ms: number, late_ms: number, times = 20): WordLag {
  const lag = new WordLag();
  for (let i = 0; i < times; i += 1) lag.hear(i * every_ms, i * every_ms + late_ms, true);
  return lag;
}

describe("WordLag", () => {
  it.each([
    ["nothing heard", new WordLag(), LEAST_LAG_S],
    ["words at once", told(100, 20), LEAST_LAG_S],
    ["words every 200 ms, 300 ms late", told(200, 300), 0.6],
    ["words far too late", told(400, 3000), MOST_LAG_S],
    ["words after a long silence", told(30_000, 100), LEAST_LAG_S],
  ])("%s", (_, lag, target) => expect(lag.target_s()).toBeCloseTo(target, 9));

  it("does not count the time when there was nobody to speak of", () => {
    const lag = new WordLag();
    lag.hear(0, 10, false);
    lag.hear(900, 1700, true);
    expect(lag.target_s()).toBe(LEAST_LAG_S);
  });

  it("comes back slowly when the machine has caught up", () => {
    const lag = told(200, 600);
    for (let i = 20; i < 30; i += 1) lag.hear(i * 200, i * 200 + 50, true);
    expect(lag.target_s()).toBeCloseTo(0.8, 9);
  });
});
