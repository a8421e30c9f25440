/** Messages of a camera's live socket. */

import type { Box, CameraState, Point } from "../api/types";

export interface LiveTrack {
  id: number;
  subject: string;
  class: string;
  confidence: number;
  box: Box;
  /** False while the position is predicted or remembered, not seen. */
  observed: boolean;
}

/** What a behaviour has to show at one instant. */
export interface BehaviourMark {
  behaviour_id: string;
  /** A short line; empty for none. */
  text: string;
  /** Where the text stands; null puts it to the zone or line, or in the corner. */
  at: Point | null;
  zone_id: string | null;
  line_id: string | null;
  /** Objects it is about, by id. */
  tracks: number[];
  arrows: [from: Point, to: Point][];
  /** Left, top, right, bottom, strength 0..1. */
  cells: [number, number, number, number, number][];
  alert: boolean;
}

export interface StreamStart {
  mode: "mse" | "pictures";
  mime: string;
  width_px: number;
  height_px: number;
  /** Media time 0, Unix milliseconds. */
  epoch_ms: number;
}

export type LiveMessage =
  | { kind: "start"; start: StreamStart }
  | { kind: "tracks"; at_ms: number; tracks: LiveTrack[]; marks: BehaviourMark[] }
  | { kind: "state"; state: CameraState }
  | { kind: "error"; title: string; detail: string }
  | { kind: "init"; segment: Uint8Array<ArrayBuffer> }
  | { kind: "media"; capturedAt_ms: number; fragment: Uint8Array<ArrayBuffer> }
  | { kind: "picture"; capturedAt_ms: number; jpeg: Uint8Array<ArrayBuffer> };

const INIT = 0x01;
const MEDIA = 0x02;
const PICTURE = 0x03;
const STAMP_BYTES = 8;

type Text =
  | {
      type: "start";
      mode: "mse" | "pictures";
      mime: string;
      width_px: number;
      height_px: number;
      epoch_at: string;
    }
  | { type: "tracks"; at: string; tracks: LiveTrack[]; overlays?: BehaviourMark[] }
  | ({ type: "state" } & CameraState)
  | { type: "error"; title: string; detail: string };

function parseText(text: string): LiveMessage | null {
  const value = JSON.parse(text) as Text;
  switch (value.type) {
    case "start": {
      const { mode, mime, width_px, height_px } = value;
      return {
        kind: "start",
        start: { mode, mime, width_px, height_px, epoch_ms: Date.parse(value.epoch_at) },
      };
    }
    case "tracks":
      return {
        kind: "tracks",
        at_ms: Date.parse(value.at),
        tracks: value.tracks,
        marks: value.overlays ?? [],
      };
    case "state":
      return { kind: "state", state: value };
    case "error":
      return { kind: "error", title: value.title, detail: value.detail };
    default:
      return null;
  }
}

function parseBinary(buffer: ArrayBuffer): LiveMessage | null {
  if (buffer.byteLength < 1) return null;
  const view = new DataView(buffer);
  const kind = view.getUint8(0);
  if (kind === INIT) return { kind: "init", segment: new Uint8Array(buffer, 1) };
  if (buffer.byteLength < 1 + STAMP_BYTES) return null;
  const capturedAt_ms = view.getFloat64(1);
  const rest = new Uint8Array(buffer, 1 + STAMP_BYTES);
  if (kind === MEDIA) return { kind: "media", capturedAt_ms, fragment: rest };
  if (kind === PICTURE) return { kind: "picture", capturedAt_ms, jpeg: rest };
  return null;
}

/** The message, or null for one this console does not know (a newer server may send more kinds). */
export function parseLive(data: string | ArrayBuffer): LiveMessage | null {
  return typeof data === "string" ? parseText(data) : parseBinary(data);
}
