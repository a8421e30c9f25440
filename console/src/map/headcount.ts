/** How many people are in an area: by their credentials and by cameras, and whether the two disagree. */

import type { Area } from "../api/types";

export interface Headcount {
  /** "3 by badge, 4 seen" */
  words: string;
  /** "3", "3/4" */
  short: string;
  disagree: boolean;
  /** In a sentence, where they disagree. */
  why: string;
}

export function headcount({ people, seen, outside, max_people }: Area): Headcount {
  if (outside) {
    const words = seen === null ? "" : `${seen} seen`;
    return { words, short: seen ? String(seen) : "", disagree: false, why: "" };
  }
  const badged = `${people} by badge`;
  const over = max_people !== null && people > max_people ? ` (at most ${max_people})` : "";
  // Cameras see a part of most areas, so that fewer seen than badged says nothing; more seen does.
  const disagree = seen !== null && seen > people;
  return {
    words: (seen === null ? badged : `${badged}, ${seen} seen`) + over,
    short: disagree ? `${people}/${seen}` : String(people),
    disagree,
    why: disagree
      ? `Cameras see ${seen} ${seen === 1 ? "person" : "people"} here, and ${people === 0 ? "nobody has" : `${people} ${people === 1 ? "has" : "have"}`} badged in: somebody came in with no badge of their own.`
      : "",
  };
}
