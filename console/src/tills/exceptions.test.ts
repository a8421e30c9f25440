import { describe, expect, it } from "vitest";
import { aroundThe, nearest } from "./exceptions";

const at = (second: number) => ({ time: `2026-03-02T10:00:${String(second).padStart(2, "0")}Z` });

describe("nearest", () => {
  it("is null of none", () => {
    expect(nearest([], "2026-03-02T10:00:00Z")).toBeNull();
  });
  it("looks both ways, and keeps the first of two as near", () => {
    expect(nearest([at(0), at(9), at(40)], at(20).time)).toEqual(at(9));
    expect(nearest([at(30), at(10)], at(20).time)).toEqual(at(30));
  });
});

describe("aroundThe", () => {
  it("spans two minutes", () => {
    expect(aroundThe("2026-03-02T10:00:00Z")).toEqual({
      since: "2026-03-02T09:59:00.000Z",
      until: "2026-03-02T10:01:00.000Z",
    });
  });
});
