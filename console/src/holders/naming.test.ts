import { describe, expect, it } from "vitest";
import { keysOf, type NamedHolders, together, who } from "./naming";

describe("who", () => {
  const names: NamedHolders = new Map([
    ["holders/ada", "Ada Lovelace"],
    ["credentials/1001", "Ada Lovelace"],
    ["credentials/9", null],
  ]);
  it.each([
    [{}, "Somebody"],
    [{ credential: "" }, "Somebody"],
    [{ credential: "1001" }, "Ada Lovelace"],
    [{ holder_id: "ada", credential: "9" }, "Ada Lovelace"],
    [{ credential: "9" }, "Unknown credential 9"],
    [{ credential: "7" }, "Credential 7"],
    [{ holder_id: "gone", credential: "7" }, "Credential 7"],
  ])("%j is %s", (data, words) => {
    expect(who(data, names)).toBe(words);
  });
  it("asks by the holder where an event names one", () => {
    expect(keysOf({ holder_id: "ada", credential: "1" })).toEqual(["holders/ada"]);
    expect(keysOf({ credential: "1" })).toEqual(["credentials/1"]);
    expect(keysOf({})).toEqual([]);
  });
});

describe("together", () => {
  it("asks once for all that is wanted in one moment, and each once", async () => {
    const asked: string[][] = [];
    const nameOf = together(async (keys) => {
      asked.push(keys);
      return new Map([["holders/a", "A"]]);
    });
    expect(await Promise.all([nameOf("holders/a"), nameOf("holders/b"), nameOf("holders/a")])).toEqual([
      "A",
      null,
      "A",
    ]);
    expect(asked).toEqual([["holders/a", "holders/b"]]);
  });
  it("asks for a hundred at most at once", async () => {
    const asked: number[] = [];
    const nameOf = together(async (keys) => {
      asked.push(keys.length);
      return new Map();
    });
    await Promise.all(Array.from({ length: 101 }, (_, i) => nameOf(`holders/${i}`)));
    expect(asked).toEqual([100, 1]);
  });
});
