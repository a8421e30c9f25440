/** A WebSocket that comes back by itself. */

import { announceSignedOut } from "./client";

export type SocketStatus = "connecting" | "open" | "lost";

/** Close codes of the API. */
export const NOT_SIGNED_IN = 4401;
export const NO_SUCH_CAMERA = 4404;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** A connection that held this long was a good one; its loss is a new story. */
const STEADY_AFTER_MS = 5_000;

/** How long to wait before try number `attempt` (0 is the first after a loss); `random` in 0..1 spreads clients out. */
export function backoff_ms(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (0.6 + 0.4 * random));
}

export interface SocketHandlers {
  url: () => string;
  message: (data: string | ArrayBuffer) => void;
  status: (status: SocketStatus) => void;
  /** The server refused for good (close code); no further try is made. */
  refused?: (code: number) => void;
  /** A socket silent for this long is taken for dead. */
  silence_ms: number;
}

export class ReconnectingSocket {
  private socket: WebSocket | null = null;
  private timer: number | undefined;
  private watchdog: number | undefined;
  private attempt = 0;
  private connectedAt_ms = 0;
  private stopped = false;

  constructor(private readonly handlers: SocketHandlers) {
    this.connect();
  }

  send(text: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text);
  }

  /** Drops the connection and starts another at once. */
  restart(): void {
    if (this.stopped) return;
    this.drop();
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.drop();
  }

  private drop(): void {
    window.clearTimeout(this.timer);
    window.clearTimeout(this.watchdog);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private connect(): void {
    this.handlers.status("connecting");
    const socket = new WebSocket(this.handlers.url());
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.watch();
    socket.onopen = () => {
      this.connectedAt_ms = performance.now();
      this.handlers.status("open");
    };
    socket.onmessage = (message: MessageEvent<string | ArrayBuffer>) => {
      this.watch();
      this.handlers.message(message.data);
    };
    socket.onclose = (closed) => this.closed(closed.code);
  }

  private watch(): void {
    window.clearTimeout(this.watchdog);
    this.watchdog = window.setTimeout(() => {
      this.drop();
      this.closed(0);
    }, this.handlers.silence_ms);
  }

  private closed(code: number): void {
    window.clearTimeout(this.watchdog);
    this.socket = null;
    if (this.stopped) return;
    if (this.connectedAt_ms > 0 && performance.now() - this.connectedAt_ms > STEADY_AFTER_MS)
      this.attempt = 0;
    this.connectedAt_ms = 0;
    this.handlers.status("lost");
    if (code === NOT_SIGNED_IN) announceSignedOut();
    if (code === NOT_SIGNED_IN || code === NO_SUCH_CAMERA) {
      this.handlers.refused?.(code);
      return;
    }
    this.timer = window.setTimeout(() => this.connect(), backoff_ms(this.attempt, Math.random()));
    this.attempt += 1;
  }
}
