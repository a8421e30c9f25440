import { describe, expect, it } from "vitest";
import { judge } from "./password";

describe("judge", () => {
  it.each([
    ["", false, 0],
    ["short", false, 1],
    ["Abcdefg1234", false, 1],
    ["aaaaaaaaaaaa", true, 1],
    ["lighthouse-3", true, 3],
    ["correct horse battery staple", true, 4],
    ["my admin password 77", false, 1],
  ])("%s", (password, allowed, strength) => {
    expect(judge(password, "Admin")).toMatchObject({ allowed, strength });
  });

  it("counts signs, not UTF-16 halves", () => {
    expect(judge("🔒🔑🚪🪟🧱🔒", "x").allowed).toBe(false);
  });

  it("does not mind a name too short to matter", () => {
    expect(judge("a long enough thing", "a").allowed).toBe(true);
  });
});
