/** Keys of the console. Letters act alone, unless the person switched that off (WCAG 2.1.4). */

import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  keys: string[];
  does: string;
}

/** What the help sheet lists, by place. */
export const SHORTCUTS: { place: string; shortcuts: Shortcut[] }[] = [
  {
    place: "Everywhere",
    shortcuts: [
      { keys: ["Ctrl", "K"], does: "Go to a page or a camera" },
      { keys: ["Shift", "L"], does: "Live" },
      { keys: ["Shift", "I"], does: "Incidents" },
      { keys: ["Shift", "E"], does: "Events" },
      { keys: ["Shift", "C"], does: "Cameras" },
      { keys: ["Shift", "M"], does: "Map" },
      { keys: ["Shift", "D"], does: "Doors" },
      { keys: ["Shift", "T"], does: "Tills" },
      { keys: ["Shift", "R"], does: "Rules" },
      { keys: ["?"], does: "This sheet" },
      { keys: ["Esc"], does: "Close what is open" },
    ],
  },
  {
    place: "Live",
    shortcuts: [
      { keys: ["1", "…", "9"], does: "Choose a camera" },
      { keys: ["g"], does: "Wall of all cameras, or one large" },
      { keys: ["b"], does: "Boxes and tracks on or off" },
      { keys: ["z"], does: "Zones and lines on or off" },
      { keys: ["v"], does: "What behaviours show, on or off" },
      { keys: ["f"], does: "Full screen" },
    ],
  },
  {
    place: "Incidents",
    shortcuts: [
      { keys: ["j"], does: "Next incident" },
      { keys: ["k"], does: "Previous incident" },
      { keys: ["a"], does: "Acknowledge" },
      { keys: ["r"], does: "Resolve" },
      { keys: ["n"], does: "Write a note" },
      { keys: [","], does: "Earlier picture" },
      { keys: ["."], does: "Later picture" },
      { keys: ["c"], does: "The same moment from the next camera" },
      { keys: ["0"], does: "Back to the picture of the event" },
    ],
  },
  {
    place: "Events",
    shortcuts: [
      { keys: ["p"], does: "Pause or go on" },
      { keys: ["j", "k"], does: "Next or previous event" },
      { keys: ["Enter"], does: "Open the event" },
    ],
  },
  {
    place: "Holders",
    shortcuts: [{ keys: ["/"], does: "Search by name, role or credential" }],
  },
  {
    place: "Zones and lines, arranging the map",
    shortcuts: [
      { keys: ["↑", "↓", "←", "→"], does: "Move the point in focus (Shift: finely)" },
      { keys: ["Insert"], does: "Add a point after the one in focus" },
      { keys: ["Delete"], does: "Remove the point in focus" },
      { keys: ["Ctrl", "Z"], does: "Undo" },
      { keys: ["Ctrl", "S"], does: "Save" },
    ],
  },
];

const SETTING = "custos.single-keys";
const listeners = new Set<() => void>();

function singleKeys(): boolean {
  return localStorage.getItem(SETTING) !== "off";
}

export function setSingleKeys(on: boolean): void {
  localStorage.setItem(SETTING, on ? "on" : "off");
  for (const listener of listeners) listener();
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, singleKeys);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")
  );
}

function nameOf(event: KeyboardEvent): string {
  const letter = event.key.length === 1;
  const key = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  // Shift is part of "?" already; of letters and named keys it is told.
  const shifted = event.shiftKey && (!letter || /[a-z]/.test(key));
  return `${command ? "ctrl+" : ""}${shifted ? "shift+" : ""}${key}`;
}

/** Whether the key is the page's, not that of a field, a button or a dialog that has the focus. */
function isForPage(event: KeyboardEvent, name: string): boolean {
  const { target } = event;
  if (event.defaultPrevented || event.altKey || document.querySelector("[role=dialog]")) return false;
  if (isTyping(target)) return name === "ctrl+k" || name === "ctrl+s";
  if (name === "enter") return !(target instanceof Element && target.closest("a, button, [role=button]"));
  return event.key.length > 1 || name.startsWith("ctrl+") || singleKeys();
}

export type KeyMap = Record<string, (event: KeyboardEvent) => void>;

/** While mounted, calls what `map` names for a key: "j", "shift+l", "ctrl+k", "enter". */
export function useKeys(map: KeyMap): void {
  const latest = useRef(map);
  useEffect(() => {
    latest.current = map;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const name = nameOf(event);
      const act = latest.current[name];
      if (!act || !isForPage(event, name)) return;
      event.preventDefault();
      act(event);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}
