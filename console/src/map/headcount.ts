/** How many people are in an area: by their credentials and by cameras, and whether the two disagree. */

import type { Area } from "../api/types";
import { duration } from "../time/format";

export interface Headcount {
  /** "3 by badge, 4 seen" */
  words: string;
  /** "3", "3/4" */
  short: string;
  disagree: boolean;
  /** In a sentence with both numbers and for how long, where they disagree. */
  why: string;
}

export function headcount(area: Area, now: number | Date): Headcount {
  const { people, seen, outside, max_people, disagreed_since: since } = area;
  if (outside) {
    const words = seen === null ? "" : `${seen} seen`;
    return { words, short: seen ? String(seen) : "", disagree: false, why: "" };
  }
  const badged = `${people} by badge`;
  const over = max_people !== null && people > max_people ? ` (at most ${max_people})` : "";
  // The server says when the two disagree: a camera that sees one more for a moment, or somebody who was buzzed in, is
  // no disagreement, and most areas are seen in part, so that fewer seen than badged says nothing.
  const disagree = since !== null && seen !== null;
  const lasts_s = since === null ? 0 : (new Date(now).getTime() - Date.parse(since)) / 1000;
  return {
    words: (seen === null ? badged : `${badged}, ${seen} seen`) + over,
    short: disagree ? `${people}/${seen}` : String(people),
    disagree,
    why: disagree
      ? `For ${duration(lasts_s)} cameras have seen more people here than badges say: ${seen} seen, ${people} by badge.`
      : "",
  };
}
