/** One camera, live: the socket, the picture, the tracks, and how all three fare. Knows no React. */

import { socketUrl } from "../api/client";
import { livePath } from "../api/queries";
import { NO_SUCH_CAMERA, ReconnectingSocket, type SocketStatus } from "../api/reconnect";
import type { CameraState } from "../api/types";
import { canPlay, MediaFeed } from "./mediaFeed";
import { PictureFeed } from "./pictureFeed";
import { type LiveMessage, parseLive, type StreamStart } from "./protocol";
import { TrackTimeline } from "./trackTimeline";
import { WordLag } from "./wordLag";

const SILENCE_MS = 10_000; // the camera's state comes every 2 s
const STALLED_AFTER_MS = 4_000;
const CHECK_EVERY_MS = 500;
const BREAKS_BEFORE_PICTURES = 3;

export interface LiveView {
  link: SocketStatus | "refused";
  mode: "mse" | "pictures" | null;
  width_px: number;
  height_px: number;
  camera: CameraState | null;
  /** In words, why there is no picture; null while there is nothing to say. */
  trouble: string | null;
  /** A picture has been shown since the stream began. */
  seen: boolean;
  stalled: boolean;
}

const NOTHING: LiveView = {
  link: "connecting",
  mode: null,
  width_px: 16,
  height_px: 9,
  camera: null,
  trouble: null,
  seen: false,
  stalled: false,
};

export class LivePlayer {
  readonly tracks = new TrackTimeline();
  private view = NOTHING;
  private readonly listeners = new Set<() => void>();
  private readonly socket: ReconnectingSocket;
  private readonly timer: number;
  private media: MediaFeed | null = null;
  private pictures: PictureFeed | null = null;
  private start: StreamStart | null = null;
  private pictureMode = false;
  private breaks = 0;
  private wordLag = new WordLag();
  private newest_ms: number | null = null;
  private heardPictureAt_ms = performance.now();

  constructor(
    private readonly cameraId: string,
    private readonly video: HTMLVideoElement,
    private readonly canvas: HTMLCanvasElement,
  ) {
    video.onplaying = () => this.update({ seen: true });
    this.socket = new ReconnectingSocket({
      url: () => socketUrl(livePath(this.cameraId, this.pictureMode ? "pictures" : "auto")),
      silence_ms: SILENCE_MS,
      message: (data) => {
        const message = parseLive(data);
        if (message) this.hear(message);
      },
      status: (link) =>
        this.update(link === "lost" ? { link, trouble: "The connection to the server is lost." } : { link }),
      refused: (code) =>
        this.update({
          link: "refused",
          trouble:
            code === NO_SUCH_CAMERA ? "This camera is no longer there." : "You are no longer signed in.",
        }),
    });
    this.timer = window.setInterval(() => this.check(), CHECK_EVERY_MS);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): LiveView => this.view;

  /** When the picture now on the screen was taken, Unix milliseconds; null when there is none. */
  shownAt_ms(): number | null {
    if (this.pictures) return this.pictures.shownAt_ms;
    const shown_s = this.media?.shown_s() ?? null;
    return this.start && shown_s !== null ? this.start.epoch_ms + shown_s * 1000 : null;
  }

  stop(): void {
    this.socket.stop();
    window.clearInterval(this.timer);
    this.video.onplaying = null;
    this.endStream();
    this.listeners.clear();
  }

  private update(part: Partial<LiveView>): void {
    const changed = (Object.keys(part) as (keyof LiveView)[]).some((key) => this.view[key] !== part[key]);
    if (!changed) return;
    this.view = { ...this.view, ...part };
    for (const listener of this.listeners) listener();
  }

  private hear(message: LiveMessage): void {
    switch (message.kind) {
      case "start":
        this.begin(message.start);
        break;
      case "init":
        this.media?.append(message.segment);
        break;
      case "media":
        this.heardPicture(message.capturedAt_ms);
        this.media?.append(message.fragment);
        break;
      case "picture":
        this.heardPicture(message.capturedAt_ms);
        this.pictures?.show(message.capturedAt_ms, message.jpeg);
        break;
      case "tracks":
        this.tracks.add(message.at_ms, message.tracks, message.marks);
        if (this.newest_ms !== null)
          this.wordLag.hear(message.at_ms, this.newest_ms, message.tracks.length > 0);
        break;
      case "state":
        this.update({ camera: message.state });
        break;
      case "error":
        this.update({ trouble: message.detail || message.title });
        break;
    }
  }

  private heardPicture(capturedAt_ms: number): void {
    this.heardPictureAt_ms = performance.now();
    this.newest_ms = capturedAt_ms;
  }

  private begin(start: StreamStart): void {
    this.endStream();
    if (start.mode === "mse" && !canPlay(start.mime)) {
      this.fallBackToPictures();
      return;
    }
    this.start = start;
    this.heardPictureAt_ms = performance.now();
    const lag_s = () => this.wordLag.target_s();
    if (start.mode === "mse") {
      this.media = new MediaFeed(this.video, start.mime, lag_s, () => this.broke());
    } else {
      this.pictures = new PictureFeed(this.canvas, lag_s, () => this.update({ seen: true }));
    }
    const { mode, width_px, height_px } = start;
    this.update({ mode, width_px, height_px, trouble: null, seen: false });
  }

  private endStream(): void {
    this.media?.close();
    this.pictures?.close();
    this.media = this.pictures = null;
    this.start = null;
    this.newest_ms = null;
    this.wordLag = new WordLag();
    this.tracks.clear();
  }

  /** The browser gave the stream up: a fresh one from the next key frame, and pictures when that keeps failing. */
  private broke(): void {
    this.breaks += 1;
    this.endStream();
    if (this.breaks >= BREAKS_BEFORE_PICTURES) this.fallBackToPictures();
    else this.socket.restart();
  }

  private fallBackToPictures(): void {
    this.pictureMode = true;
    this.socket.restart();
  }

  private check(): void {
    const quiet = performance.now() - this.heardPictureAt_ms > STALLED_AFTER_MS;
    this.update({ stalled: quiet && this.start !== null });
  }
}
