/** Short messages that come by themselves and go by themselves. */

import { useEffect, useState, useSyncExternalStore } from "react";
import type { Severity } from "../api/types";
import { SEVERITY_COLOUR } from "../ui/marks";
import { IconButton } from "../ui/surfaces";
import classes from "./shell.module.css";

const SHOWN_MS = 10_000;
const AT_MOST = 4;

export interface Toast {
  id: number;
  title: string;
  text: string;
  colour: string;
  action?: { label: string; run: () => void };
}

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function toast(message: Omit<Toast, "id">): void {
  lastId += 1;
  set([...toasts.slice(1 - AT_MOST), { ...message, id: lastId }]);
}

export function toastDone(title: string, text = ""): void {
  toast({ title, text, colour: "var(--ok)" });
}

export function toastFailed(title: string, text = ""): void {
  toast({ title, text, colour: "var(--high)" });
}

export function toastIncident(number: number, title: string, severity: Severity, open: () => void): void {
  toast({
    title: `New incident #${number}`,
    text: title,
    colour: SEVERITY_COLOUR[severity],
    action: { label: "Open", run: open },
  });
}

function dismiss(id: number): void {
  set(toasts.filter((t) => t.id !== id));
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <section className={classes.toasts} aria-label="Messages" aria-live="polite" aria-relevant="additions">
      {shown.map((one) => (
        <ToastCard key={one.id} toast={one} />
      ))}
    </section>
  );
}

function ToastCard({ toast: { id, title, text, colour, action } }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = window.setTimeout(() => dismiss(id), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [id, held]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only holds the message while it is being read
    <div
      className={classes.toast}
      style={{ borderLeftColor: colour }}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <div className={classes.toastText}>
        <strong>{title}</strong>
        {text && <span>{text}</span>}
      </div>
      {action && (
        <button
          type="button"
          className={classes.toastAction}
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <IconButton icon="close" label="Dismiss" onClick={() => dismiss(id)} />
    </div>
  );
}
