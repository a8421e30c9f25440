import type { CameraState } from "../api/types";

const NONE = "–";

/** The figures of a camera as text; those that make no sense while it is not connected are a dash. */
export function figures(state: CameraState) {
  const live = state.state === "connected";
  const share = state.wanted > 0 ? (100 * state.dropped) / state.wanted : 0;
  return {
    fps: live ? `${state.fps.toFixed(1)} /s` : NONE,
    detection: live ? `${state.detections_fps.toFixed(1)} /s` : NONE,
    dropped: state.wanted > 0 ? `${share > 0 && share < 0.1 ? "<0.1" : share.toFixed(1)} %` : NONE,
    latency: live && state.latency_s !== null ? `${Math.round(state.latency_s * 1000)} ms` : NONE,
    bitRate: live
      ? state.kbps >= 1000
        ? `${(state.kbps / 1000).toFixed(1)} Mbit/s`
        : `${Math.round(state.kbps)} kbit/s`
      : NONE,
    stream: state.codec ? `${state.codec.toUpperCase()} ${state.width_px}×${state.height_px}` : NONE,
    objects: live ? String(state.tracks) : NONE,
  };
}
