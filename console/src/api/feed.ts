/** The site's live events, heard once for the whole console and passed on to whoever listens. */

import { useEffect, useRef, useSyncExternalStore } from "react";
import { socketUrl } from "./client";
import { ReconnectingSocket, type SocketStatus } from "./reconnect";
import type { CustosEvent } from "./types";

const SILENCE_MS = 40_000; // the server pings every 15 s

export type FeedItem =
  | { kind: "event"; event: CustosEvent }
  /** Events went unheard: whatever was read before may be out of date. */
  | { kind: "gap" };

function parse(text: string): FeedItem | null {
  const value = JSON.parse(text) as { type: string };
  if (value.type === "ping") return null;
  return value.type === "gap" ? { kind: "gap" } : { kind: "event", event: value as CustosEvent };
}

class Feed {
  private socket: ReconnectingSocket | null = null;
  private readonly listeners = new Set<(item: FeedItem) => void>();
  private readonly statusListeners = new Set<() => void>();
  private wasOpen = false;
  status: SocketStatus = "connecting";

  /** Connects while somebody is signed in; returns the way to stop. */
  start(): () => void {
    const socket = new ReconnectingSocket({
      url: () => socketUrl("/events/live"),
      silence_ms: SILENCE_MS,
      message: (data) => {
        const item = typeof data === "string" ? parse(data) : null;
        if (item) this.tell(item);
      },
      status: (status) => this.setStatus(status),
    });
    this.socket = socket;
    return () => {
      socket.stop();
      if (this.socket === socket) this.socket = null;
      this.wasOpen = false;
    };
  }

  listen(listener: (item: FeedItem) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onStatus = (listener: () => void): (() => void) => {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  };

  private tell(item: FeedItem): void {
    for (const listener of this.listeners) listener(item);
  }

  private setStatus(status: SocketStatus): void {
    this.status = status;
    for (const listener of this.statusListeners) listener();
    if (status !== "open") return;
    if (this.wasOpen) this.tell({ kind: "gap" });
    this.wasOpen = true;
  }
}

export const feed = new Feed();

export function useFeedStatus(): SocketStatus {
  return useSyncExternalStore(feed.onStatus, () => feed.status);
}

/** Hears every item while mounted; `listener` may change between renders. */
export function useFeed(listener: (item: FeedItem) => void): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => feed.listen((item) => latest.current(item)), []);
}
