/** How a door is now, in a word and a tone. */

import type { Door } from "../api/types";

export type Tone = "calm" | "open" | "warning" | "alarm" | "off";

export interface DoorLook {
  word: string;
  tone: Tone;
  /** The leaf stands open. */
  isOpen: boolean;
  /** What else matters, in words: "alarms suspended". */
  besides: string[];
}

export const TONE_COLOUR: Record<Tone, string> = {
  calm: "var(--ok)",
  open: "var(--signal)",
  warning: "var(--medium)",
  alarm: "var(--high)",
  off: "var(--text-3)",
};

/** What matters most comes first: a door that cannot be heard is not judged, an alarm goes before how it stands. */
export function doorLook({ state }: Pick<Door, "state">): DoorLook {
  if (!state) return { word: "Not known yet", tone: "off", isOpen: false, besides: [] };
  const isOpen = state.contact === "open";
  const besides = [
    ...(state.shunted ? ["alarms suspended"] : []),
    ...(state.tampered ? ["tampered with"] : []),
    ...(state.free ? ["free to all at this hour"] : []),
    ...(state.own_alarm ? [`its controller says: ${state.own_alarm}`] : []),
  ];
  const look = (word: string, tone: Tone): DoorLook => ({ word, tone, isOpen, besides });
  if (!state.online) return look("Offline", "off");
  if (state.alarm === "forced") return look(isOpen ? "Forced open" : "Forced", "alarm");
  if (state.alarm === "propped") return look("Propped open", "warning");
  if (state.alarm === "held") return look("Held open", "warning");
  if (state.tampered) return look("Tampered with", "alarm");
  if (isOpen) return look("Open", "open");
  if (state.lock === "unlocked") return look("Unlocked", "open");
  return look("Locked", "calm");
}

/** Whether somebody should look at it. */
export function isUnwell(door: Pick<Door, "state">): boolean {
  const { tone } = doorLook(door);
  return tone === "alarm" || tone === "warning" || (tone === "off" && door.state !== null);
}

/** The doors that need a look first, else in their order. */
export function byNeed<T extends Pick<Door, "state">>(doors: readonly T[]): T[] {
  const rank: Record<Tone, number> = { alarm: 0, warning: 1, off: 2, open: 3, calm: 3 };
  const weight = (door: T) => (door.state ? rank[doorLook(door).tone] : 3);
  return doors.toSorted((a, b) => weight(a) - weight(b));
}
