import { describe, expect, it } from "vitest";
import type { CameraState, CustosEvent, Json } from "../../api/types";
import {
  episodesOf,
  isNow,
  lasted,
  lostPictures,
  refusedSpeeds,
  signsOf,
  troublesOf,
  watchOf,
} from "./health";

const FINE: CameraState = {
  state: "connected",
  since: "2026-03-01T08:00:00Z",
  reason: "",
  codec: "h264",
  width_px: 640,
  height_px: 360,
  fps: 10,
  kbps: 300,
  detections_fps: 2,
  wanted: 0,
  dropped: 0,
  damaged: 0,
  latency_s: 0.1,
  moving: false,
  tracks: 0,
  clock: "camera",
  behind_s: 0.1,
  awake: true,
  passed_over: 0,
  integrity: [],
  needs_recalibration: false,
  recalibration_reason: "",
  speeds_refused: 0,
  speeds_above_mps: 0,
};

function event(type: string, time: string, data: Record<string, Json> = {}): CustosEvent {
  return {
    specversion: "1.0",
    id: `${type}@${time}`,
    type: `custos.camera.${type}`,
    source: "/sites/hq/cameras/dock",
    subject: "cameras/dock",
    time: `2026-03-01T${time}Z`,
    datacontenttype: "application/json",
    data,
    received_at: `2026-03-01T${time}Z`,
    has_picture: false,
  } as unknown as CustosEvent;
}

describe("signsOf", () => {
  it("has nothing to say of a camera that is well, or that is away", () => {
    expect(signsOf(FINE)).toBeNull();
    expect(signsOf({ ...FINE, state: "lost", reason: "connection refused" })).toBeNull();
  });

  it("tells of doubtful zones and of overload without any attack", () => {
    expect(
      signsOf({ ...FINE, needs_recalibration: true, recalibration_reason: "It was moved" }),
    ).toMatchObject({ troubles: [], doubt: "It was moved", strained: null });
    expect(signsOf({ ...FINE, reason: "the detector is too busy" })).toMatchObject({
      doubt: null,
      strained: { how: "strained", why: expect.stringContaining("the detector is too busy") },
    });
  });
});

describe("watchOf", () => {
  it.each([
    [{}, "full", "Watches"],
    [{ awake: false }, "dozing", "Dozes"],
    [{ reason: "the detector is too busy: it saw 3 of 9" }, "strained", "Gives way"],
    [{ reason: "the detector is too busy", awake: false }, "strained", "Gives way"],
    [{ state: "lost", reason: "connection refused" }, "away", "No stream"],
    [{ state: "disabled" }, "away", "Switched off"],
    [{ state: "unserved" }, "away", "No worker watches it"],
  ] as [Partial<CameraState>, string, string][])("%j is %s", (part, how, title) => {
    expect(watchOf({ ...FINE, ...part })).toMatchObject({ how, title });
  });

  it("says the reason, and that the quiet ones give way", () => {
    const { why } = watchOf({
      ...FINE,
      reason: "the processor is too busy: 9 of 20 pictures were passed over",
    });
    expect(why).toMatch(/^the processor is too busy: 9 of 20 .*passed on in full\.$/);
  });

  it("always says why a camera is away", () => {
    for (const state of ["disabled", "unserved"] as const)
      expect(watchOf({ ...FINE, state }).why).not.toBe("");
  });
});

describe("troublesOf", () => {
  it("has none of a camera that is well", () => expect(troublesOf(FINE)).toEqual([]));

  it("puts attacks before a poor stream, and the first before the last", () => {
    const integrity = (["degraded", "moved", "covered"] as const).map((what, i) => ({
      what,
      since: `2026-03-01T08:00:0${i}Z`,
      words: what,
    }));
    expect(troublesOf({ integrity }).map((t) => t.what)).toEqual(["moved", "covered", "degraded"]);
  });
});

describe("lostPictures", () => {
  it("says nothing when none were", () => expect(lostPictures(FINE)).toBeNull());

  it("says each kind that there is", () => {
    expect(lostPictures({ ...FINE, wanted: 40, dropped: 3, damaged: 2 })).toBe(
      "3 of 40 pictures that the detector should have seen it did not see; 2 came damaged.",
    );
  });
});

describe("refusedSpeeds", () => {
  it("says nothing when none were", () => expect(refusedSpeeds(FINE)).toBeNull());

  it("says how many, and above which speed", () => {
    expect(refusedSpeeds({ ...FINE, speeds_refused: 7, speeds_above_mps: 12.5 })).toBe(
      "7 speeds above 12.5 m/s (45 km/h) were dropped in the last hour",
    );
    expect(refusedSpeeds({ ...FINE, speeds_refused: 1, speeds_above_mps: 85 })).toBe(
      "1 speed above 85 m/s (306 km/h) was dropped in the last hour",
    );
  });
});

describe("episodesOf", () => {
  it("has none of nothing, and none of a camera that only came", () => {
    expect(episodesOf([])).toEqual([]);
    expect(episodesOf([event("connected", "08:00:00")])).toEqual([]);
  });

  it("joins a beginning and its end, since when it was", () => {
    const [one, ...more] = episodesOf([
      event("restored", "08:05:10", { was: "camera.covered" }),
      event("covered", "08:00:15", {
        since: "2026-03-01T08:00:10Z",
        words: "Something covers the whole lens.",
      }),
    ]);
    expect(more).toEqual([]);
    expect(one).toMatchObject({ what: "covered", lasts_s: 300, words: "Something covers the whole lens." });
    expect(lasted(one as never, false)).toBe("5 min 00 s");
  });

  it("keeps two that overlap apart, newest first", () => {
    const told = episodesOf([
      event("obstructed", "08:00:00"),
      event("degraded", "08:01:00"),
      event("restored", "08:02:00", { was: "camera.obstructed" }),
      event("restored", "08:03:00", { was: "camera.degraded" }),
    ]);
    expect(told.map((e) => [e.what, e.lasts_s])).toEqual([
      ["degraded", 120],
      ["obstructed", 120],
    ]);
  });

  it("tells what began before the oldest event by its end", () => {
    const [one] = episodesOf([
      event("restored", "08:05:00", { was: "camera.moved", since: "2026-02-28T20:00:00Z" }),
      event("recovered", "08:06:00"),
    ]);
    expect(one).toMatchObject({ what: "moved", begins: "2026-02-28T20:00:00Z", lasts_s: 43_500 });
  });

  it("does not let an overload go on whose end nobody told, once another began", () => {
    const state = { ...FINE, reason: "the detector is too busy" };
    const told = episodesOf([event("overloaded", "08:00:00"), event("overloaded", "09:00:00")]);
    expect(told.map((one) => lasted(one, isNow(one, state)))).toEqual(["goes on", "end not told"]);
  });

  it("ends a lost stream with the picture that comes back, and an overload with the stream", () => {
    const told = episodesOf([
      event("overloaded", "08:00:00", { reason: "the detector is too busy" }),
      event("lost", "08:01:00", { reason: "timed out" }),
      event("connected", "08:01:30"),
    ]);
    expect(told.map((e) => [e.what, e.lasts_s, e.words])).toEqual([
      ["lost", 30, "timed out"],
      ["overloaded", 60, "the detector is too busy"],
    ]);
  });

  it("tells a recalibration as a moment", () => {
    const [one] = episodesOf([event("recalibrated", "08:00:00", { how: "redrawn", actor: "Ada" })]);
    expect(one).toMatchObject({ isMoment: true, words: "Ada has redrawn what it watches." });
    expect(lasted(one as never, false)).toBe("");
  });

  it("keeps what the camera itself tells apart from what is seen in its pictures", () => {
    const told = episodesOf([
      event("blinded", "08:00:00", { words: "The picture is suddenly black." }),
      event("blinded", "08:00:02", { words: "The camera says so.", seen_by: "device" }),
      event("tampered", "08:00:04", { seen_by: "device" }),
      event("restored", "08:01:02", { was: "camera.blinded", seen_by: "device" }),
      event("restored", "08:02:04", { was: "camera.tampered", seen_by: "device" }),
    ]);
    expect(told.map((e) => [e.what, e.isTold, e.lasts_s])).toEqual([
      ["tampered", true, 120],
      ["blinded", true, 60],
      ["blinded", false, null],
    ]);
  });

  it("does not claim to go on what the camera's state does not know", () => {
    const [one] = episodesOf([event("covered", "08:00:00")]);
    const episode = one as NonNullable<typeof one>;
    const covered = { what: "covered" as const, since: "2026-03-01T08:00:00Z", words: "" };
    expect(lasted(episode, isNow(episode, FINE))).toBe("end not told");
    expect(lasted(episode, isNow(episode, { ...FINE, integrity: [covered] }))).toBe("goes on");
  });
});
