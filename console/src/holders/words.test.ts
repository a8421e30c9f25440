import { describe, expect, it } from "vitest";
import { credentialState, credentialWords } from "./words";

const PLAIN = { number: "1", state: "active", valid_from: null, valid_until: null } as const;
const NOW = Date.parse("2026-03-02T12:00:00Z");
const day = (at: string) => at.slice(0, 10);

describe("credentialWords", () => {
  it("says so when there are none", () => {
    expect(credentialWords([])).toBe("none");
  });
  it("counts by state", () => {
    expect(credentialWords([PLAIN, { ...PLAIN, state: "lost" }, PLAIN])).toBe("2 active, 1 lost");
  });
});

describe("credentialState", () => {
  it.each([
    [{}, "active, without an end", true],
    [{ valid_from: "2026-03-01T00:00:00Z" }, "active, from 2026-03-01, without an end", true],
    [{ state: "stolen" }, "stolen", false],
    [{ valid_from: "2026-03-03T00:00:00Z" }, "not valid yet, from 2026-03-03", false],
    [{ valid_until: "2026-03-02T12:00:00Z" }, "expired, until 2026-03-02", false],
    [{ valid_until: "2026-03-05T00:00:00Z" }, "active, until 2026-03-05", true],
  ] as const)("%j is %s", (change, words, usable) => {
    expect(credentialState({ ...PLAIN, ...change }, NOW, day)).toEqual({ words, usable });
  });
});
