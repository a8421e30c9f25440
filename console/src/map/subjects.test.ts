import { describe, expect, it } from "vitest";
import { pageOf, subjectOf } from "./subjects";

describe("a subject", () => {
  it.each([
    ["doors/dock", "Dock", "door"],
    ["tills/till-1", "Till 1", "till"],
    ["tills/_", "_", "till"],
    ["panels/main_hall", "Main hall", "panel"],
    ["panels/main/01", "Main, zone 01", "panel zone"],
  ])("%s", (of, name, word) => {
    expect(subjectOf(of)).toMatchObject({ name, word });
  });
  it("of a panel's zone has the panel's page", () => {
    expect(pageOf("panels/main/01")).toEqual(pageOf("panels/main"));
    expect(pageOf("walls/1")).toBeNull();
  });
});
