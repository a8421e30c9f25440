/** Media Source Extensions behind three verbs: begin a stream, append a piece, keep to the live edge. */

import { steer } from "./liveEdge";

const STEER_EVERY_MS = 200;

declare global {
  interface Window {
    /** What iPhones have in place of MediaSource. */
    ManagedMediaSource?: typeof MediaSource;
  }
}

function mediaSourceClass(): typeof MediaSource | undefined {
  return window.ManagedMediaSource ?? window.MediaSource;
}

/** Whether this browser can play `mime` piece by piece. */
export function canPlay(mime: string): boolean {
  return mediaSourceClass()?.isTypeSupported(mime) ?? false;
}

/** One stream on one `<video>`; a stream that changes gets a new one of these. */
export class MediaFeed {
  private readonly source: MediaSource;
  private readonly address: string;
  private readonly timer: number;
  private buffer: SourceBuffer | null = null;
  private waiting: Uint8Array<ArrayBuffer>[] = [];
  private trimBefore: number | null = null;
  private lastTime = 0;
  private movedAt_ms = performance.now();
  /** Media time of the picture on the screen, where the browser tells it exactly. */
  private presented_s: number | null = null;
  private frameRequest = 0;

  /** `lag_s` tells how far behind the newest picture to play. `broken` is called once when the browser gives the stream up; the feed is of no more use then. */
  constructor(
    private readonly video: HTMLVideoElement,
    mime: string,
    private readonly lag_s: () => number,
    private readonly broken: (why: string) => void,
  ) {
    const Source = mediaSourceClass();
    if (!Source) throw new Error("this browser has no media source");
    this.source = new Source();
    this.address = URL.createObjectURL(this.source);
    this.source.addEventListener("sourceopen", () => this.open(mime), { once: true });
    video.disableRemotePlayback = true;
    video.src = this.address;
    video.onerror = () => this.broken(video.error?.message || "the picture could not be decoded");
    this.timer = window.setInterval(() => this.steer(), STEER_EVERY_MS);
    this.awaitFrame();
  }

  /** Media time of the picture now shown, in seconds; null when there is none. */
  shown_s(): number | null {
    if (this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    return this.presented_s ?? this.video.currentTime;
  }

  append(piece: Uint8Array<ArrayBuffer>): void {
    this.waiting.push(piece);
    this.work();
  }

  close(): void {
    window.clearInterval(this.timer);
    if (this.frameRequest) this.video.cancelVideoFrameCallback(this.frameRequest);
    this.waiting = [];
    this.buffer = null;
    this.video.onerror = null;
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.address);
  }

  private awaitFrame(): void {
    if (!("requestVideoFrameCallback" in this.video)) return;
    this.frameRequest = this.video.requestVideoFrameCallback((_, { mediaTime }) => {
      this.presented_s = mediaTime;
      this.awaitFrame();
    });
  }

  private open(mime: string): void {
    try {
      this.buffer = this.source.addSourceBuffer(mime);
    } catch (error) {
      this.broken(error instanceof Error ? error.message : String(error));
      return;
    }
    this.buffer.mode = "segments";
    this.buffer.addEventListener("updateend", () => this.work());
    this.work();
  }

  private work(): void {
    const buffer = this.buffer;
    if (!buffer || buffer.updating || this.source.readyState !== "open") return;
    try {
      if (this.trimBefore !== null) {
        const end = this.trimBefore;
        this.trimBefore = null;
        buffer.remove(0, end);
        return;
      }
      const piece = this.waiting[0];
      if (!piece) return;
      buffer.appendBuffer(piece);
      this.waiting.shift();
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown): void {
    // A full buffer is no fault: make room, then the same piece again.
    if (error instanceof DOMException && error.name === "QuotaExceededError" && this.video.currentTime > 1) {
      this.trimBefore = this.video.currentTime - 1;
      this.work();
      return;
    }
    this.broken(error instanceof Error ? error.message : String(error));
  }

  private steer(): void {
    const { video, buffer } = this;
    if (!buffer) return;
    const ranges = video.buffered;
    const last = ranges.length - 1;
    const now = performance.now();
    if (video.currentTime !== this.lastTime) {
      this.lastTime = video.currentTime;
      this.movedAt_ms = now;
    }
    const { seekTo, rate, trimBefore } = steer({
      currentTime: video.currentTime,
      buffered: last < 0 ? null : { start: ranges.start(last), end: ranges.end(last) },
      oldest: last < 0 ? 0 : ranges.start(0),
      still_ms: now - this.movedAt_ms,
      target_s: this.lag_s(),
    });
    if (seekTo !== null) {
      video.currentTime = seekTo;
      this.movedAt_ms = now;
    }
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (trimBefore !== null) this.trimBefore = trimBefore;
    // Muted playback may start by itself; a browser that still refuses is asked again at the next turn.
    if (video.paused && last >= 0) void video.play().catch(() => undefined);
    this.work();
  }
}
