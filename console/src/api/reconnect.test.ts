import { describe, expect, it } from "vitest";
import { backoff_ms } from "./reconnect";

describe("backoff_ms", () => {
  it.each([
    [0, 1, 500],
    [0, 0, 300],
    [1, 1, 1_000],
    [4, 1, 8_000],
    [5, 1, 15_000],
    [5_000, 1, 15_000],
  ])("try %d with luck %d waits %d ms", (attempt, random, wait) =>
    expect(backoff_ms(attempt, random)).toBe(wait),
  );
});
