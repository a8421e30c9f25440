import { describe, expect, it } from "vitest";
import type { Area } from "../api/types";
import { headcount } from "./headcount";

const AREA = {
  people: 0,
  seen: null,
  outside: false,
  max_people: null,
  disagreed_since: null,
} as unknown as Area;
const SINCE = "2026-03-03T10:00:00Z";
const NOW = new Date("2026-03-03T10:04:10Z");

describe("headcount", () => {
  it.each([
    [{}, "0 by badge", "0", false],
    [{ people: 3, seen: 2 }, "3 by badge, 2 seen", "3", false],
    [{ people: 3, seen: 4 }, "3 by badge, 4 seen", "3", false],
    [{ people: 3, seen: 4, disagreed_since: SINCE }, "3 by badge, 4 seen", "3/4", true],
    [{ people: 3, max_people: 2 }, "3 by badge (at most 2)", "3", false],
    [{ outside: true, seen: 2 }, "2 seen", "2", false],
    [{ outside: true }, "", "", false],
  ] as [Partial<Area>, string, string, boolean][])("of %j", (change, words, short, disagree) => {
    expect(headcount({ ...AREA, ...change }, NOW)).toMatchObject({ words, short, disagree });
  });
  it("says both numbers and for how long", () => {
    const { why } = headcount({ ...AREA, people: 1, seen: 2, disagreed_since: SINCE }, NOW);
    expect(why).toBe(
      "For 4 min 10 s cameras have seen more people here than badges say: 2 seen, 1 by badge.",
    );
  });
});
