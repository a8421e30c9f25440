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

/** Unix milliseconds, whole seconds; renders the caller again every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read);
}
