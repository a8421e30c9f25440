import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let timer: number | undefined;
let now = 0;

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    timer = window.setInterval(() => {
      now = Math.floor(Date.now() / 1000) * 1000;
      for (const one of listeners) one();
    }, 1000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
}

function read(): number {
  const current = Math.floor(Date.now() / 1000) * 1000;
  if (current - now >= 1000) now = current;
  return now;
}

const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;

/** Unix milliseconds in whole steps; renders the caller again at each step. */
export function useNow(step_ms: number = SECOND_MS): number {
  return useSyncExternalStore(subscribe, () => Math.floor(read() / step_ms) * step_ms);
}
