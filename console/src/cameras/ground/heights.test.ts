import { describe, expect, it } from "vitest";
import type { Height } from "../../api/types";
import { heightProblem, heightsTell, newHeight, withEnd } from "./heights";

const DOOR: Height = { bottom: [0.3, 0.6], top: [0.3, 0.35], height_m: 2.1 };

describe("heightProblem", () => {
  it("has nothing against a door, nor against a new one", () => {
    expect(heightProblem(DOOR)).toBeNull();
    expect(heightProblem(newHeight([]))).toBeNull();
  });

  it.each([
    [{ ...DOOR, top: [0.3, 0.7] }, "above its foot"],
    [{ ...DOOR, top: [0.3, 0.59] }, "above its foot"],
    [{ ...DOOR, height_m: 0.1 }, "Between"],
    [{ ...DOOR, height_m: 21 }, "Between"],
    [{ ...DOOR, height_m: Number.NaN }, "Between"],
  ] as [Height, string][])("says what is wrong with %j", (height, words) => {
    expect(heightProblem(height)).toContain(words);
  });
});

describe("heightsTell", () => {
  it("tells more with more of them, at different distances", () => {
    const near = withEnd(withEnd(DOOR, "bottom", [0.5, 0.9]), "top", [0.5, 0.4]);
    expect(heightsTell([])).toMatch(/^A door/);
    expect(heightsTell([DOOR])).toMatch(/^One/);
    expect(heightsTell([DOOR, { ...DOOR, bottom: [0.6, 0.62] }])).toMatch(/equally far/);
    expect(heightsTell([DOOR, near])).toBe("They tell how tall everybody is.");
  });
});
