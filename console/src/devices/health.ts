/** How a device fares, and why it is unwell, in words. */

import type { Device, PanelFaring } from "../api/types";
import { duration } from "../time/format";

export type Health = "well" | "unwell" | "lost" | "waiting" | "off";

export interface DeviceHealth {
  health: Health;
  word: string;
  /** One sentence each. */
  why: string[];
}

export const HEALTH_COLOUR: Record<Health, string> = {
  well: "var(--ok)",
  unwell: "var(--medium)",
  lost: "var(--high)",
  waiting: "var(--signal)",
  off: "var(--text-3)",
};

const WORDS: Record<Device["state"], [Health, string]> = {
  connected: ["well", "Well"],
  waiting: ["waiting", "Has not spoken yet"],
  connecting: ["waiting", "Connecting"],
  lost: ["lost", "Lost"],
  disabled: ["off", "Off"],
};

/** "2.3 s ahead", "1 min 05 s behind"; "" while unknown or together. */
export function clockWords(offset_s: number | null): string {
  if (offset_s === null) return "";
  const size = Math.abs(offset_s);
  if (size < 0.05) return "together with ours";
  const amount = size < 60 ? `${size.toFixed(1)} s` : duration(size);
  return `${amount} ${offset_s > 0 ? "ahead" : "behind"}`;
}

const SILENT_NAMED = 5;

/** One sentence about panels that should have been heard; [] where all were. */
function silenceWords(panels: PanelFaring[]): string[] {
  const silent = panels.filter((one) => one.silent_since !== null).map((one) => one.id);
  if (silent.length === 0) return [];
  const named = silent.slice(0, SILENT_NAMED).join(", ");
  const more = silent.length > SILENT_NAMED ? ` and ${silent.length - SILENT_NAMED} more` : "";
  return silent.length === 1
    ? [`Panel ${named} is silent: its alarms would not be heard. Check its line.`]
    : [`Panels ${named}${more} are silent: their alarms would not be heard. Check their lines.`];
}

/** Those that are silent first, the longest of them foremost. */
export function silentFirst(panels: PanelFaring[]): PanelFaring[] {
  return [...panels].sort((a, b) =>
    a.silent_since === null || b.silent_since === null
      ? Number(a.silent_since === null) - Number(b.silent_since === null)
      : a.silent_since.localeCompare(b.silent_since),
  );
}

export function healthOf(device: Device): DeviceHealth {
  const [health, word] = WORDS[device.state];
  const off = device.clock_offset_s;
  const silent = silenceWords(device.panels);
  const ill = [
    ...silent,
    ...(off !== null && Math.abs(off) > device.clock_limit_s
      ? [`Its clock is ${clockWords(off)}; at most ${device.clock_limit_s} s is fine. Set its clock by NTP.`]
      : []),
    ...(device.misunderstood > 0
      ? [
          `${device.misunderstood === 1 ? "One message was" : `${device.misunderstood} messages were`} not understood${device.last_misunderstood ? `, the newest: ${device.last_misunderstood}` : ""}.`,
        ]
      : []),
    ...(device.late > 0
      ? [
          `${device.late === 1 ? "One event was" : `${device.late} events were`} told more than a minute late.`,
        ]
      : []),
  ];
  const why = [...(device.reason && device.state !== "connected" ? [`${device.reason}.`] : []), ...ill];
  if ((health === "well" && ill.length > 0) || (health === "waiting" && silent.length > 0))
    return { health: "unwell", word: "Unwell", why };
  return { health, word, why };
}
