import { describe, expect, it } from "vitest";
import type { CameraState } from "../api/types";
import { figures } from "./figures";

const CONNECTED: CameraState = {
  state: "connected",
  since: "2026-01-01T00:00:00Z",
  reason: "",
  codec: "h264",
  width_px: 640,
  height_px: 360,
  fps: 9.96,
  kbps: 412.4,
  detections_fps: 4.8,
  wanted: 0,
  dropped: 0,
  damaged: 0,
  latency_s: 0.2134,
  moving: true,
  tracks: 2,
  clock: "camera",
  behind_s: null,
  awake: true,
  passed_over: 0,
  integrity: [],
  needs_recalibration: false,
  recalibration_reason: "",
  speeds_refused: 0,
  speeds_above_mps: 0,
};

describe("figures", () => {
  it("shows a connected camera's", () => {
    expect(figures(CONNECTED)).toEqual({
      fps: "10.0 /s",
      detection: "4.8 /s",
      dropped: "–",
      latency: "213 ms",
      bitRate: "412 kbit/s",
      stream: "H264 640×360",
      objects: "2",
    });
  });

  it("does not show rates of a camera that is away", () => {
    const away = figures({ ...CONNECTED, state: "lost", wanted: 10, dropped: 1 });
    expect(away).toMatchObject({ fps: "–", latency: "–", bitRate: "–", objects: "–", dropped: "10.0 %" });
  });

  it.each([
    [1000, 0, "0.0 %"],
    [100_000, 1, "<0.1 %"],
    [8, 4, "50.0 %"],
  ])("of %d wanted and %d dropped says %s", (wanted, dropped, text) => {
    expect(figures({ ...CONNECTED, wanted, dropped }).dropped).toBe(text);
  });
});
