/** Behaviours being edited: new ones, what is missing, and what their settings come to. */

import type { Behaviour, BehaviourKind, BehaviourSetting, Camera } from "../../api/types";
import { idOf } from "../editor/polygon";

const MIDDLE = 0.5;

/** "line-count" as people read it: "Line count". */
export function kindName(kind: string): string {
  const words = kind.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** One of this kind, on the first zone or line it needs. */
export function newBehaviour(kind: BehaviourKind, camera: Camera, taken: readonly Behaviour[]): Behaviour {
  return {
    id: idOf(kind.name, "behaviour", new Set(taken.map((b) => b.id))),
    kind: kind.name,
    name: null,
    zone: kind.zone === "must" ? (camera.zones[0]?.id ?? null) : null,
    line: kind.line === "must" ? (camera.lines[0]?.id ?? null) : null,
    classes: [],
    hours: null,
    sensitivity: MIDDLE,
    direction: null,
    settings: {},
  };
}

/** What a behaviour lacks before it can be saved, in words, or null. */
export function lackOf(behaviour: Behaviour, kind: BehaviourKind, camera: Camera): string | null {
  if (kind.zone === "must" && !behaviour.zone)
    return camera.zones.length
      ? "Choose its zone."
      : "It needs a zone; draw one under Zones and lines, and save it.";
  if (kind.line === "must" && !behaviour.line)
    return camera.lines.length
      ? "Choose its line."
      : "It needs a line; draw one under Zones and lines, and save it.";
  if (kind.ground === "must" && !camera.ground)
    return "It measures metres: click four points of the floor under Ground first.";
  return disorderOf(behaviour, kind);
}

/** Which two settings are the wrong way round, in words, or null. */
function disorderOf({ settings }: Behaviour, kind: BehaviourKind): string | null {
  const told = (name: string) => {
    const setting = kind.settings.find((one) => one.name === name);
    const value = settings[name] ?? setting?.default ?? 0;
    const words = `${settingLabel(name)} (${measure(value, setting?.unit ?? "")}${name in settings ? "" : " by default"})`;
    return { value, words };
  };
  for (const order of kind.orders) {
    const [less, more] = [told(order.less), told(order.more)];
    if (less.value > more.value)
      return `${less.words} must not be more than ${more.words}: change either of them.`;
  }
  return null;
}

/** A setting as it is in force: sensitivity 1 halves thresholds, 0 doubles them. */
export function inForce(setting: BehaviourSetting, behaviour: Behaviour): number {
  const value = behaviour.settings[setting.name] ?? setting.default;
  const factor = 2 ** (1 - 2 * behaviour.sensitivity);
  if (setting.stricter === "higher") return value * factor;
  return setting.stricter === "lower" ? value / factor : value;
}

/** "1.5 s", "3", "0.25 m": at most three digits that say something. */
export function measure(value: number, unit: string): string {
  const text = String(Number(value.toPrecision(3)));
  return unit ? `${text} ${unit}` : text;
}

/** "extended_open_time_s" as a label: "Extended open time". */
export function settingLabel(name: string): string {
  return kindName(name.replace(/_(s|m|mps|kmh|deg|px)$/, "").replaceAll("_", "-"));
}
