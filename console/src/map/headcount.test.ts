import { describe, expect, it } from "vitest";
import type { Area } from "../api/types";
import { headcount } from "./headcount";

const AREA = { people: 0, seen: null, outside: false, max_people: null } as unknown as Area;

describe("headcount", () => {
  it.each([
    [{}, "0 by badge", "0", false],
    [{ people: 3, seen: 2 }, "3 by badge, 2 seen", "3", false],
    [{ people: 3, seen: 4 }, "3 by badge, 4 seen", "3/4", true],
    [{ people: 3, max_people: 2 }, "3 by badge (at most 2)", "3", false],
    [{ outside: true, seen: 2 }, "2 seen", "2", false],
    [{ outside: true }, "", "", false],
  ] as [Partial<Area>, string, string, boolean][])("of %j", (change, words, short, disagree) => {
    expect(headcount({ ...AREA, ...change })).toMatchObject({ words, short, disagree });
  });
  it("says why, in numbers that agree", () => {
    expect(headcount({ ...AREA, people: 1, seen: 2 }).why).toContain("see 2 people here, and 1 has badged");
    expect(headcount({ ...AREA, people: 0, seen: 1 }).why).toContain(
      "see 1 person here, and nobody has badged",
    );
  });
});
