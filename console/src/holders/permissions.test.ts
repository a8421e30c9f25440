import { describe, expect, it } from "vitest";
import { spanWords, whenWords, whereWords } from "./permissions";

const name = (id: string) => id.toUpperCase();

describe("whereWords", () => {
  it.each([
    [[], [], "nowhere"],
    [["lobby"], [], "LOBBY"],
    [["lobby", "offices", "stock"], [], "LOBBY, OFFICES and STOCK"],
    [[], ["back"], "by BACK"],
    [["lobby"], ["back", "safe"], "LOBBY, and by BACK and SAFE"],
  ])("%j %j is %s", (areas, doors, words) => {
    expect(whereWords({ areas, doors }, name, name)).toBe(words);
  });
});

describe("spanWords", () => {
  it.each([
    [[0, 1, 2, 3, 4], "08:00", "18:00", "Mon to Fri 08:00–18:00"],
    [[6, 5, 4, 3, 2, 1, 0], "07:00", "24:00", "every day 07:00–24:00"],
    [[2, 0], "22:00", "06:00", "Mon, Wed 22:00–06:00 (next day)"],
    [[5, 6], "10:00", "12:00", "Sat, Sun 10:00–12:00"],
    [[0, 2, 3, 4], "10:00", "12:00", "Mon, Wed, Thu, Fri 10:00–12:00"],
  ])("%j", (weekdays, start, end, words) => {
    expect(spanWords({ weekdays, start, end })).toBe(words);
  });
});

describe("whenWords", () => {
  const day = { weekdays: [6], start: "04:00", end: "04:01" };
  it.each([
    [null, "at any hour"],
    [{ name: "x", hours: [], on_holidays: [] }, "never; on holidays not"],
    [{ name: "x", hours: [day], on_holidays: [] }, "Sun 04:00–04:01; on holidays not"],
    [
      { name: "x", hours: [day], on_holidays: [{ weekdays: [0], start: "09:00", end: "10:00" }] },
      "Sun 04:00–04:01; on holidays 09:00–10:00",
    ],
  ])("%j", (when, words) => {
    expect(whenWords(when)).toBe(words);
  });
});
