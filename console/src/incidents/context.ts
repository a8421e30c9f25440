/** What was collected of an incident, as the page shows it: which picture is shown, and offsets in words. */

import type { CameraStrip, Place, Shot } from "../api/types";
import { duration } from "../time/format";

/** Nearer to the opening than this is "as it opened". */
const AT_S = 0.75;

/** "−4 s", "0 s", "+1 min 05 s": short, for the foot of a picture. */
export function offsetMark(offset_s: number): string {
  if (Math.abs(offset_s) < AT_S) return "0 s";
  return `${offset_s < 0 ? "−" : "+"}${duration(Math.abs(offset_s))}`;
}

/** "4 s before", "as it opened", "8 s after". */
export function offsetWords(offset_s: number): string {
  if (Math.abs(offset_s) < AT_S) return "as it opened";
  return `${duration(Math.abs(offset_s))} ${offset_s < 0 ? "before" : "after"}`;
}

/** A picture in which nobody is marked, from longer before than this, does not show what opened the incident. */
const LONG_BEFORE_MS = 20_000;

/** Whether the picture of the event is what an incident's page shows first. Of a camera that was covered half a minute
 * before a door was forced, it is a dark one: then what is seen as the door opens comes first. */
export function showsEvent({
  picture,
  opened_at,
}: {
  picture: { at: string; box: unknown } | null;
  opened_at: string;
}): boolean {
  if (!picture) return false;
  return Boolean(picture.box) || Date.parse(opened_at) - Date.parse(picture.at) < LONG_BEFORE_MS;
}

/** A snapshot that is chosen; null is the picture of the event itself. */
export interface Chosen {
  camera: string;
  shot: string;
}

export function find(
  strips: readonly CameraStrip[],
  chosen: Chosen | null,
): { strip: CameraStrip; shot: Shot } | null {
  const strip = strips.find((s) => s.camera_id === chosen?.camera);
  const shot = strip?.shots.find((s) => s.id === chosen?.shot);
  return strip && shot ? { strip, shot } : null;
}

/** The shot of a strip that is nearest to `offset_s`. */
export function nearest(strip: CameraStrip, offset_s: number): Chosen | null {
  let best: Shot | undefined;
  for (const shot of strip.shots)
    if (!best || Math.abs(shot.offset_s - offset_s) < Math.abs(best.offset_s - offset_s)) best = shot;
  return best ? { camera: strip.camera_id, shot: best.id } : null;
}

/** The picture before or after the chosen one, of the same camera; it stays at the ends. */
export function step(strips: readonly CameraStrip[], chosen: Chosen | null, by: 1 | -1): Chosen | null {
  const found = find(strips, chosen);
  if (!found) {
    const first = strips.find((s) => s.shots.length > 0);
    return first ? nearest(first, 0) : null;
  }
  const { strip, shot } = found;
  const to = strip.shots[strip.shots.indexOf(shot) + by];
  return to ? { camera: strip.camera_id, shot: to.id } : chosen;
}

/** The same moment as the next camera saw it; after the last comes the first. */
export function nextCamera(strips: readonly CameraStrip[], chosen: Chosen | null): Chosen | null {
  const shown = strips.filter((s) => s.shots.length > 0);
  const found = find(strips, chosen);
  const at = found ? shown.indexOf(found.strip) : -1;
  const next = shown[(at + 1) % shown.length];
  return next ? nearest(next, found?.shot.offset_s ?? 0) : null;
}

/** ONVIF's reasons of refusals, in words. */
const REASONS: Record<string, string> = {
  CredentialNotEnabled: "the credential is not enabled",
  CredentialNotActive: "the credential is not active",
  CredentialExpired: "the credential has expired",
  InvalidPIN: "the PIN is wrong",
  NotPermittedAtThisTime: "not at this time",
  Unauthorized: "not allowed there",
};
const REASON = new RegExp(`\\b(${Object.keys(REASONS).join("|")})\\b`, "g");

/** A reason as a sentence; what no device has named stays as it was written. */
export function spelled(reason: string): string {
  const words = reason.replace(REASON, (name) => REASONS[name] ?? name);
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** What two incidents share, in short: the areas and cameras around a door go without saying. */
export function sharedWords(shared: readonly Pick<Place, "place" | "name">[]): string {
  const telling = shared.filter(({ place }) => !/^(areas|cameras)\//.test(place));
  return (telling.length > 0 ? telling : shared).map(({ name }) => name).join(" · ");
}
