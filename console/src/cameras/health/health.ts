/** What is wrong with a camera itself, how it is being watched, and how that was over the last days. */

import type { CameraState, CustosEvent, Trouble } from "../../api/types";
import { typeName } from "../../events/words";
import { duration } from "../../time/format";

/** One word for each attack or trouble, as it stands on a tile. */
const TROUBLE_WORD: Record<Trouble["what"], string> = {
  blinded: "Blinded",
  covered: "Covered",
  defocused: "Out of focus",
  degraded: "Poor stream",
  frozen: "Frozen",
  moved: "Moved",
  obstructed: "Obstructed",
  replayed: "Replayed",
};

/** What somebody should do about it. */
const REMEDY: Record<Trouble["what"], string> = {
  blinded: "Send somebody, and look at the lamps.",
  covered: "Send somebody to the camera.",
  defocused: "Clean and focus the lens.",
  degraded: "Look at the network and at the camera.",
  frozen: "Restart the camera, and look at its line.",
  moved: "Put it back, or say that it shall look there.",
  obstructed: "Clear the view.",
  replayed: "Somebody may have come between camera and Custos: look at its line.",
};

export const troubleWord = (what: Trouble["what"]): string => TROUBLE_WORD[what];
export const remedy = (what: Trouble["what"]): string => REMEDY[what];

/** A poor stream is a trouble of network or camera; everything else may have been done by somebody. */
export const isAttack = ({ what }: Pick<Trouble, "what">): boolean => what !== "degraded";

/** Attacks first, then by their beginning. */
export function troublesOf(state: Pick<CameraState, "integrity">): Trouble[] {
  return [...state.integrity].sort(
    (a, b) => Number(isAttack(b)) - Number(isAttack(a)) || Date.parse(a.since) - Date.parse(b.since),
  );
}

/** How much of a camera Custos sees now: everything, a picture now and then, less than it should, or nothing. */
export type Watching = "full" | "dozing" | "strained" | "away";

export interface Watch {
  how: Watching;
  title: string;
  why: string;
}

/** What stands on a camera's tile: what is done to it, whether its zones are in doubt, and that it is not fully watched. */
export interface Signs {
  troubles: Trouble[];
  doubt: string | null;
  strained: Watch | null;
}

/** Null when nothing is to be said. */
export function signsOf(state: CameraState): Signs | null {
  const troubles = troublesOf(state);
  const doubt = state.needs_recalibration ? state.recalibration_reason : null;
  const watch = watchOf(state);
  const strained = watch.how === "strained" ? watch : null;
  return troubles.length > 0 || doubt !== null || strained ? { troubles, doubt, strained } : null;
}

const AWAY_TITLE: Record<Exclude<CameraState["state"], "connected">, string> = {
  connecting: "Connecting",
  lost: "No stream",
  stalled: "The stream stands still",
  disabled: "Switched off",
  unserved: "No worker watches it",
};

/** In an operator's words: how it is watched, and why not better. */
export function watchOf(state: CameraState): Watch {
  if (state.state !== "connected") {
    const silent =
      state.state === "disabled"
        ? "Switch it on in its settings."
        : state.state === "unserved"
          ? "Nobody reads its stream: the worker process is starting, or has died."
          : "";
    return { how: "away", title: AWAY_TITLE[state.state], why: state.reason || silent };
  }
  if (state.reason)
    return {
      how: "strained",
      title: "Gives way",
      why: `${state.reason}. There is more to see than this machine can look at; cameras where little happens give way first. Its stream is passed on in full.`,
    };
  if (!state.awake)
    return {
      how: "dozing",
      title: "Dozes",
      why: "Nothing moves: about a picture a second is looked at, all of them as soon as something changes.",
    };
  return { how: "full", title: "Watches", why: "Every picture is looked at." };
}

/** Pictures that went unseen since the start of the camera's worker, in words; null when none did. */
export function lostPictures({ wanted, dropped, passed_over, damaged }: CameraState): string | null {
  const parts = [
    dropped > 0 && `${dropped} of ${wanted} pictures that the detector should have seen it did not see`,
    passed_over > 0 && `${passed_over} were not decoded for lack of time`,
    damaged > 0 && `${damaged} came damaged`,
  ].filter((part) => part !== false);
  return parts.length ? `${parts.join("; ")}.` : null;
}

/** Impossible speeds that were dropped in the last hour, in words; null when none were. */
export function refusedSpeeds({ speeds_refused, speeds_above_mps }: CameraState): string | null {
  if (speeds_refused === 0) return null;
  const many = speeds_refused === 1 ? ["speed", "was"] : ["speeds", "were"];
  const kmh = Math.round(speeds_above_mps * 3.6);
  return `${speeds_refused} ${many[0]} above ${speeds_above_mps} m/s (${kmh} km/h) ${many[1]} dropped in the last hour`;
}

/** Something that was wrong for a while, or one moment. */
export interface Episode {
  /** Of the event that began it. */
  eventId: string;
  /** "covered", "lost", "overloaded", "recalibrated". */
  what: string;
  words: string;
  begins: string;
  /** Null while it goes on, or when nobody has said that it ended; when it began anew, where nobody has either. */
  ends: string | null;
  lasts_s: number | null;
  isMoment: boolean;
  /** The camera itself, or its recorder, says so: Custos' own look at the pictures knows nothing of it. */
  isTold: boolean;
}

const LASTING = new Set<string>([
  ...Object.keys(TROUBLE_WORD),
  "lost",
  "stalled",
  "overloaded",
  "tampered",
  "signal_lost",
]);
/** What ends what, besides `camera.restored`, which says it itself. */
const ENDS: Record<string, string[]> = {
  connected: ["lost", "stalled"],
  recovered: ["overloaded"],
  lost: ["stalled", "overloaded"],
  stalled: ["lost", "overloaded"],
};

/** The camera's troubles, newest first. `events` in any order; one that began before the oldest is told by its end. */
export function episodesOf(events: readonly CustosEvent[]): Episode[] {
  const told: Episode[] = [];
  const open = new Map<string, Episode>();
  for (const event of [...events].sort((a, b) => Date.parse(a.time) - Date.parse(b.time))) {
    const what = typeName(event).replace(/^camera\./, "");
    const by = event.data.seen_by === "device" ? " told" : "";
    if (what === "restored")
      end(open, told, event, String(event.data.was ?? "").replace(/^camera\./, ""), by);
    for (const ended of ENDS[what] ?? []) if (open.has(ended)) end(open, told, event, ended);
    if (what === "recalibrated") told.push(begun(event, what, true));
    else if (LASTING.has(what)) {
      const episode = begun(event, what, false);
      begin(open, what + by, episode);
      told.push(episode);
    }
  }
  return told.sort((a, b) => Date.parse(b.begins) - Date.parse(a.begins));
}

function begun(event: CustosEvent, what: string, isMoment: boolean): Episode {
  const { since, words, reason, actor, how } = event.data;
  const said =
    what === "recalibrated" ? `${String(actor)} has ${String(how)} what it watches.` : (words ?? reason);
  return {
    eventId: event.id,
    what,
    words: typeof said === "string" ? said : "",
    begins: typeof since === "string" && since ? since : event.time,
    ends: null,
    lasts_s: null,
    isMoment,
    isTold: event.data.seen_by === "device",
  };
}

/** Where the same began before, nobody said how that ended: Custos was stopped then. */
function begin(open: Map<string, Episode>, key: string, episode: Episode): void {
  const before = open.get(key);
  if (before) before.ends = episode.begins;
  open.set(key, episode);
}

function end(open: Map<string, Episode>, told: Episode[], event: CustosEvent, what: string, by = ""): void {
  let episode = open.get(what + by);
  open.delete(what + by);
  if (!episode) {
    if (typeName(event) !== "camera.restored") return;
    episode = { ...begun(event, what, false), words: "" };
    told.push(episode);
  }
  episode.ends = event.time;
  episode.lasts_s = Math.max(0, (Date.parse(event.time) - Date.parse(episode.begins)) / 1000);
}

const EPISODE_WORD: Record<string, string> = {
  lost: "No stream",
  stalled: "Stream stood still",
  overloaded: "Gave way",
  recalibrated: "Zones confirmed",
  tampered: "Tampered with",
  signal_lost: "Picture gone",
};

export const episodeWord = (what: string): string =>
  EPISODE_WORD[what] ?? TROUBLE_WORD[what as Trouble["what"]] ?? what;

/** "3 min 05 s", "still", "its end was not told": `isNow` says whether the camera's state speaks of it now. */
export function lasted({ isMoment, lasts_s, ends }: Episode, isNow: boolean): string {
  if (isMoment) return "";
  if (ends !== null && lasts_s !== null) return duration(lasts_s);
  return isNow ? "goes on" : "end not told";
}

/** Whether the episode is what the camera's state speaks of now. */
export function isNow({ what, ends, isMoment, isTold }: Episode, state: CameraState): boolean {
  if (ends !== null || isMoment || isTold) return false;
  if (what === "lost" || what === "stalled") return state.state === what;
  if (what === "overloaded") return state.state === "connected" && state.reason !== "";
  return state.integrity.some((trouble) => trouble.what === what);
}
