/** The picture stream: JPEGs drawn on a canvas, the newest one wins when decoding cannot keep up. */

interface Waiting {
  capturedAt_ms: number;
  jpeg: Uint8Array<ArrayBuffer>;
}

export class PictureFeed {
  /** When the picture now on the canvas was taken, Unix milliseconds. */
  shownAt_ms: number | null = null;
  private decoding = false;
  private waiting: Waiting | null = null;
  private closed = false;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly shown: () => void,
  ) {}

  show(capturedAt_ms: number, jpeg: Uint8Array<ArrayBuffer>): void {
    this.waiting = { capturedAt_ms, jpeg };
    if (!this.decoding) void this.decode();
  }

  close(): void {
    this.closed = true;
    this.waiting = null;
  }

  private async decode(): Promise<void> {
    this.decoding = true;
    while (this.waiting) {
      const { capturedAt_ms, jpeg } = this.waiting;
      this.waiting = null;
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
