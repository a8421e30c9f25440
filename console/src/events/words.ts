/** Events in plain words. */

import type { NamedCamera } from "../api/queries";
import type { Box, CustosEvent, Json, Point } from "../api/types";
import type { NamedHolders } from "../holders/naming";
import { subjectOf } from "../map/subjects";
import { duration } from "../time/format";
import { type NamedAreas, premisesSentence } from "./premisesWords";
import { seenSentence } from "./seenWords";

/** "zone.entered": the type without what CloudEvents puts before it. */
export const typeName = (event: CustosEvent): string => event.type.replace(/^custos\./, "");

/** The camera that says so, or null for another source. */
export function cameraOf(event: CustosEvent): string | null {
  const [, , , kind, id] = event.source.split("/");
  return kind === "cameras" && id ? id : null;
}

/** The names of what is not a camera. */
export interface NamedPlaces {
  areas: NamedAreas;
  doors: readonly { id: string; name: string }[];
}

/** Where it was: the camera, the door or whatever else tells it, by its name where it has one. */
export function placeName(
  event: CustosEvent,
  cameras: readonly NamedCamera[],
  { areas, doors }: NamedPlaces,
): string {
  const [, , , kind, id] = event.source.split("/");
  if (!id) return "Site";
  const named = { cameras, areas, doors }[kind ?? ""];
  if (!named) return subjectOf(`${kind}/${id}`).name;
  return named.find((one) => one.id === id)?.name ?? id;
}

const text = (value: Json | undefined, otherwise: string): string =>
  typeof value === "string" && value ? value : otherwise;
const seconds = (value: Json | undefined): string =>
  typeof value === "number" ? duration(value) : "some time";

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function object(data: CustosEvent["data"]): string {
  const name = text(data.class, "object");
  if (name === "unknown") return "Something moving";
  return `${/^[aeiou]/.test(name) ? "An" : "A"} ${name}`;
}

/** One sentence for an operator; names zones, lines and areas as the site file does. */
export function sentence(
  event: CustosEvent,
  cameras: readonly NamedCamera[],
  areas: NamedAreas = [],
  holders?: NamedHolders,
): string {
  const { data } = event;
  const camera = cameras.find((c) => c.id === cameraOf(event));
  const zone = camera?.zones.find((z) => z.id === data.zone_id)?.name ?? text(data.zone_id, "");
  const line = camera?.lines.find((l) => l.id === data.line_id)?.name ?? text(data.line_id, "");
  const inZone = zone ? `“${zone}”` : "a zone";
  const dwell = seconds(data.dwell_s);
  switch (typeName(event)) {
    case "zone.entered":
      return `${object(data)} entered ${inZone}`;
    case "zone.left":
      return `${object(data)} left ${inZone} after ${dwell}`;
    case "zone.loitered":
      return `${object(data)} has stayed in ${inZone} for ${dwell}`;
    case "line.crossed":
      return `${object(data)} crossed ${line ? `“${line}”` : "a line"} to the ${text(data.direction, "other side")}`;
    case "track.started":
      return `${object(data)} came into the picture`;
    case "track.ended":
      return `${object(data)} left the picture after ${seconds(data.duration_s)}`;
    case "camera.connected":
      return typeof data.after_s === "number" && data.after_s > 0
        ? `Picture is back after ${duration(data.after_s)}`
        : "Camera connected";
    case "camera.lost":
      return `Camera lost: ${text(data.reason, "no reason given")}`;
    case "camera.stalled":
      return `Camera stalled: ${text(data.reason, "no pictures")}`;
    case "camera.restored":
      return `Over: camera ${text(data.was, "in trouble").replace(/^camera\./, "")}, after ${seconds(data.duration_s)}`;
    case "camera.recalibrated":
      return `${text(data.actor, "Somebody")} has ${text(data.how, "confirmed")} the zones`;
    case "camera.blinded":
    case "camera.covered":
    case "camera.defocused":
    case "camera.degraded":
    case "camera.frozen":
    case "camera.moved":
    case "camera.obstructed":
    case "camera.replayed":
    case "camera.signal_lost":
    case "camera.tampered":
      return text(data.words, "The camera is attacked");
    case "camera.overloaded":
      return `Detection cannot keep up: ${String(data.dropped)} of ${String(data.wanted)} pictures went unseen`;
    case "camera.recovered":
      return `Camera recovered: ${text(data.reason, "it is well again")}`;
    case "incident.collected":
      return "What belongs to an incident is collected";
    case "system.started":
      return `Custos ${text(data.role, "process")} started, version ${text(data.version, "unknown")}`;
    case "incident.opened":
      return `Incident #${String(data.number)} opened: ${text(data.title, "")}`;
    case "incident.updated":
      return `Incident #${String(data.number)} goes on: ${text(data.title, "")}`;
    case "incident.changed":
      return `Incident ${data.number ? `#${String(data.number)} ` : ""}set to ${text(data.state, "another state")} by ${text(data.actor, "somebody")}`;
    default:
      return (
        premisesSentence(event, areas, holders) ??
        seenSentence(typeName(event), data, {
          object: object(data),
          zone: zone || "A zone",
          line: line || "A line",
        }) ??
        capital(typeName(event).replaceAll(".", " ").replaceAll("_", " "))
      );
  }
}

function isNumbers(value: Json | undefined, length: number): value is number[] {
  return Array.isArray(value) && value.length === length && value.every((v) => typeof v === "number");
}

/** Where the subject was in the picture, if the event says. */
export function boxOf(event: CustosEvent): Box | null {
  const { box } = event.data;
  return isNumbers(box, 4) ? (box as Box) : null;
}

export function pathOf(event: CustosEvent): Point[] {
  const { path } = event.data;
  return Array.isArray(path) ? path.filter((p): p is Point => isNumbers(p, 2)) : [];
}
