/** The picture stream: JPEGs drawn on a canvas, as far behind the newest as is wanted. */

interface Waiting {
  capturedAt_ms: number;
  jpeg: Uint8Array<ArrayBuffer>;
}

/** Enough for the longest lag at the fastest pace; what does not fit is passed over. */
const WAITING_AT_MOST = 40;

export class PictureFeed {
  /** When the picture now on the canvas was taken, Unix milliseconds. */
  shownAt_ms: number | null = null;
  private decoding = false;
  private waiting: Waiting[] = [];
  private closed = false;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly lag_s: () => number,
    private readonly shown: () => void,
  ) {}

  show(capturedAt_ms: number, jpeg: Uint8Array<ArrayBuffer>): void {
    this.waiting = [...this.waiting, { capturedAt_ms, jpeg }].slice(-WAITING_AT_MOST);
    if (!this.decoding) void this.decode();
  }

  close(): void {
    this.closed = true;
    this.waiting = [];
  }

  /** The newest picture that is old enough to be shown; those before it are passed over. */
  private due(): Waiting | undefined {
    const newest = this.waiting.at(-1);
    if (!newest) return undefined;
    const until_ms =
      this.shownAt_ms === null ? newest.capturedAt_ms : newest.capturedAt_ms - this.lag_s() * 1000;
    const later = this.waiting.findIndex((one) => one.capturedAt_ms > until_ms);
    const due = this.waiting.splice(0, later < 0 ? this.waiting.length : later);
    return due.at(-1);
  }

  private async decode(): Promise<void> {
    this.decoding = true;
    for (let one = this.due(); one; one = this.due()) {
      const { capturedAt_ms, jpeg } = one;
      try {
        const bitmap = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
        if (!this.closed) this.draw(bitmap, capturedAt_ms);
        bitmap.close();
      } catch {
        // A damaged picture: the one before stays until the next.
      }
    }
    this.decoding = false;
  }

  private draw(bitmap: ImageBitmap, capturedAt_ms: number): void {
    if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
      this.canvas.width = bitmap.width;
      this.canvas.height = bitmap.height;
    }
    this.canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    this.shownAt_ms = capturedAt_ms;
    this.shown();
  }
}
