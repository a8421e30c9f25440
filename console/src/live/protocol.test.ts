import { describe, expect, it } from "vitest";
import { parseLive } from "./protocol";

function binary(kind: number, stamp: number | null, ...body: number[]): ArrayBuffer {
  const head = stamp === null ? 1 : 9;
  const bytes = new Uint8Array(head + body.length);
  bytes[0] = kind;
  if (stamp !== null) new DataView(bytes.buffer).setFloat64(1, stamp);
  bytes.set(body, head);
  return bytes.buffer;
}

describe("parseLive", () => {
  it("passes over what it does not know", () => {
    expect(parseLive(new ArrayBuffer(0))).toBeNull();
    expect(parseLive(binary(0x02, null, 1, 2))).toBeNull();
    expect(parseLive(binary(0x09, 1))).toBeNull();
    expect(parseLive('{"type":"something-newer"}')).toBeNull();
  });

  it("reads the stamps big endian, and the bytes after them", () => {
    const stamp = 1_772_000_000_123.5;
    expect(parseLive(binary(0x01, null, 7, 8))).toEqual({ kind: "init", segment: new Uint8Array([7, 8]) });
    expect(parseLive(binary(0x02, stamp, 9))).toEqual({
      kind: "media",
      capturedAt_ms: stamp,
      fragment: new Uint8Array([9]),
    });
    expect(parseLive(binary(0x03, stamp, 9))).toEqual({
      kind: "picture",
      capturedAt_ms: stamp,
      jpeg: new Uint8Array([9]),
    });
  });

  it("turns times into Unix milliseconds", () => {
    const start = {
      type: "start",
      mode: "mse",
      mime: "video/mp4",
      width_px: 640,
      height_px: 360,
      epoch_at: "2026-01-01T00:00:00.250Z",
    };
    expect(parseLive(JSON.stringify(start))).toMatchObject({
      kind: "start",
      start: { epoch_ms: Date.UTC(2026, 0, 1) + 250 },
    });
  });
});
