/** Events of behaviours and looks in plain words: what cameras counted, measured and described. */

import type { CustosEvent, Json } from "../api/types";

type Data = CustosEvent["data"];

/** What a sentence calls things: "A person", "Bay 1", "Gate". */
export interface Named {
  object: string;
  zone: string;
  line: string;
}

const count = (value: Json | undefined): string => (typeof value === "number" ? String(value) : "some");

function colourOf(part: Json | undefined): string | null {
  if (typeof part !== "object" || part === null || Array.isArray(part)) return null;
  return typeof part.name === "string" ? part.name : null;
}

/** "a person in brown and grey", "a red car" */
function looks({ appearance }: Data, object: string): string {
  const thing = `${object.slice(0, 1).toLowerCase()}${object.slice(1)}`;
  if (typeof appearance !== "object" || appearance === null || Array.isArray(appearance)) return thing;
  const body = colourOf(appearance.body);
  if (body) return `${thing}, ${body}`;
  const worn = [...new Set([colourOf(appearance.upper), colourOf(appearance.lower)])].filter(Boolean);
  return worn.length ? `${thing} in ${worn.join(" and ")}` : thing;
}

function speed({ speed_kmh }: Data): string {
  return typeof speed_kmh === "number" ? `${Math.round(speed_kmh)} km/h` : "some speed";
}

const SENTENCES: Record<string, (data: Data, named: Named) => string> = {
  "track.described": (data, { object }) => `Best picture of ${looks(data, object)}`,
  "line.counted": (data, { line }) =>
    `${line}: ${count(data.left)} to the left, ${count(data.right)} to the right`,
  "zone.counted": (data, { zone }) => `${zone}: ${count(data.count)} now, ${count(data.most)} at most`,
  "queue.counted": (data, { zone }) =>
    `${zone}: a queue of ${count(data.length)}, ${count(data.most)} at most`,
  "speed.measured": (data, { object }) => `${object} at ${speed(data)}`,
};

/** One sentence, or null where the event is none of these. */
export function seenSentence(type: string, data: Data, named: Named): string | null {
  return SENTENCES[type]?.(data, named) ?? null;
}
