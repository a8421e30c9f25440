import { describe, expect, it } from "vitest";
import type { CustosEvent } from "../api/types";
import { premisesSentence } from "./premisesWords";

const event = (type: string, data: CustosEvent["data"] = {}) =>
  ({ type: `custos.${type}`, data, source: "/sites/hq/doors/dock" }) as unknown as CustosEvent;

describe("premisesSentence", () => {
  it.each([
    ["access.granted", {}, "Somebody was let in"],
    ["panel.alarmed", { meaning: "burglary alarm", partition: "1", zone: "11" }, "Burglary alarm, zone 11"],
    ["panel.armed", { meaning: "closing report", partition: "1" }, "Closing report, partition 1"],
    ["panel.reported", {}, "A panel's report"],
    ["panel.silent", { limit_s: 180 }, "Panel not heard for 3 min 00 s"],
    ["panel.awaited", { waited_s: 22.5 }, "Panel not heard for 23 s so far"],
    ["panel.heard", { silent_s: 200 }, "Panel heard again after 3 min 20 s"],
    ["access.granted", { credential: "1001" }, "Credential 1001 was let in"],
    ["access.denied", { credential: "7", reason: "expired" }, "Credential 7 was refused: expired"],
    [
      "door.shunted",
      { for_s: 600, actor: "Ada", detail: "delivery" },
      "Alarms suspended for 10 min 00 s by Ada: delivery",
    ],
    ["door.forced", { reason: "dock was opened with no grant" }, "Dock was opened with no grant"],
    [
      "door.used",
      { because: "grant", open_s: 3, people_in: 2, people_out: 0 },
      "Used with a credential, open for 3 s; 2 went in",
    ],
    ["door.used", {}, "Used"],
    ["access.passed", { credential: "7", into_area: "office", reason: "x" }, "Credential 7 went into office"],
    ["pos.refunded", { amount: 9.5, currency: "EUR", operator: "Kim" }, "Refund of 9.50 EUR by Kim"],
    ["pos.overridden", { amount: 5, list_amount: 9 }, "Price changed by hand from 9.00 to 5.00"],
    ["pos.opened", {}, "Drawer opened without a sale"],
    ["device.lost", { reason: "silent" }, "Device lost: silent"],
  ])("%s %j", (type, data, words) => {
    expect(premisesSentence(event(type, data))).toBe(words);
  });
  it("names areas as the site file does, with the direction", () => {
    const areas = [
      { id: "lobby", name: "Lobby", outside: false },
      { id: "street", name: "Street", outside: true },
    ];
    const into = (area: string) =>
      premisesSentence(event("access.passed", { credential: "7", into_area: area }), areas);
    expect(into("lobby")).toBe("Credential 7 went into Lobby");
    expect(into("street")).toBe("Credential 7 went out to Street");
    expect(into("vault")).toBe("Credential 7 went into vault");
  });
  it("says who it was by name, where that is known", () => {
    const holders = new Map([
      ["credentials/7", "Ada"],
      ["credentials/8", null],
    ]);
    const words = (type: string, credential: string) =>
      premisesSentence(event(type, { credential, into_area: "office" }), [], holders);
    expect(words("access.granted", "7")).toBe("Ada was let in");
    expect(words("access.passed", "7")).toBe("Ada went into office");
    expect(words("access.denied", "8")).toBe("Unknown credential 8 was refused");
  });
  it("leaves what it does not know to others", () => {
    expect(premisesSentence(event("zone.entered", { reason: "no" }))).toBeNull();
    expect(premisesSentence(event("door.forced"))).toBeNull();
  });
});
