import { describe, expect, it } from "vitest";
import { asRole, invitationLink } from "./roles";

describe("asRole", () => {
  it.each([
    ["operator", "operator"],
    ["administrator", "administrator"],
    ["device", "viewer"],
    [null, "viewer"],
  ] as const)("%s is %s", (value, role) => {
    expect(asRole(value)).toBe(role);
  });
});

describe("invitationLink", () => {
  it("carries the whole token", () => {
    expect(invitationLink("https://cctv.example", "a+b/c=")).toBe(
      "https://cctv.example/invited?token=a%2Bb%2Fc%3D",
    );
  });
});
