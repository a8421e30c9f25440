import { describe, expect, it } from "vitest";
import { alone } from "./alone";

describe("alone", () => {
  it.each([
    [[], []],
    [[null, null], []],
    [[3], [0]],
    [
      [0, null, 2, 3, null, 0],
      [0, 5],
    ],
    [[null, 1, 2, null], []],
  ])("%j stand alone at %j", (values, at) => {
    expect(alone(values)).toEqual(at);
  });
});
