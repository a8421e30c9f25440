/** Where every object was, at any instant of the last seconds: what the overlay asks for the picture now shown. */

import type { Box, Point } from "../api/types";
import type { BehaviourMark, LiveTrack } from "./protocol";

/** After the last word about an object its box stays this long. */
export const HOLD_MS = 1_000;
/** What behaviours show stays this long: words come only while something is in the picture. */
export const HOLD_MARKS_MS = 3_000;
/** An object goes on as it went for this long after the last word about it: the next word is usually on its way. */
const COAST_MS = 400;
/** A way between two words further apart than this says nothing about the moment. */
const PACE_SPAN_MS = 1_000;
/** Pictures are shown late by the buffer's length at most; older words are of no use. */
const KEEP_MS = 12_000;

interface Moment {
  at_ms: number;
  tracks: Map<number, LiveTrack>;
  marks: readonly BehaviourMark[];
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

export function mixBoxes(a: Box, b: Box, share: number): Box {
  return [mix(a[0], b[0], share), mix(a[1], b[1], share), mix(a[2], b[2], share), mix(a[3], b[3], share)];
}

export function footPoint(box: Box): Point {
  return [(box[0] + box[2]) / 2, box[3]];
}

export class TrackTimeline {
  /** Another with every word heard: while it and the time asked for are the same, so are all answers. */
  revision = 0;
  /** Oldest first. */
  private moments: Moment[] = [];

  add(at_ms: number, tracks: readonly LiveTrack[], marks: readonly BehaviourMark[] = []): void {
    this.revision += 1;
    const moment = { at_ms, tracks: new Map(tracks.map((t) => [t.id, t])), marks };
    let place = this.moments.length;
    while (place > 0 && (this.moments[place - 1]?.at_ms ?? 0) >= at_ms) place -= 1;
    const same = this.moments[place]?.at_ms === at_ms ? 1 : 0;
    this.moments.splice(place, same, moment);
    const newest = this.moments.at(-1)?.at_ms ?? at_ms;
    this.moments = this.moments.filter((m) => m.at_ms >= newest - KEEP_MS);
  }

  clear(): void {
    this.revision += 1;
    this.moments = [];
  }

  /** Objects at `at_ms`: between two words about them in proportion, shortly after the last one as they went. */
  at(at_ms: number): LiveTrack[] {
    const next = this.moments.findIndex((m) => m.at_ms > at_ms);
    const last = (next < 0 ? this.moments.length : next) - 1;
    const before = this.moments[last];
    const after = next < 0 ? undefined : this.moments[next];
    if (!before) return [];
    const shown: LiveTrack[] = [];
    for (const track of before.tracks.values()) {
      const later = after?.tracks.get(track.id);
      if (after && later) {
        const share = (at_ms - before.at_ms) / (after.at_ms - before.at_ms);
        shown.push({ ...track, box: mixBoxes(track.box, later.box, share) });
      } else if (at_ms - before.at_ms <= HOLD_MS) {
        shown.push(after ? track : { ...track, box: this.coast(track, last, at_ms) });
      }
    }
    return shown;
  }

  /** What behaviours show at `at_ms`: the last word before it, while it is fresh. */
  marksAt(at_ms: number): readonly BehaviourMark[] {
    const last = this.moments.findLast((m) => m.at_ms <= at_ms);
    return last && at_ms - last.at_ms <= HOLD_MARKS_MS ? last.marks : [];
  }

  /** The box of `track`, last heard of in moment `last`, carried on at its pace. */
  private coast(track: LiveTrack, last: number, at_ms: number): Box {
    const now = this.moments[last];
    const earlier = this.moments[last - 1];
    const was = earlier?.tracks.get(track.id);
    if (!now || !earlier || !was || now.at_ms - earlier.at_ms > PACE_SPAN_MS) return track.box;
    const ahead_ms = Math.min(COAST_MS, at_ms - now.at_ms);
    return mixBoxes(was.box, track.box, 1 + ahead_ms / (now.at_ms - earlier.at_ms));
  }

  /** Foot points of object `id` from `at_ms - span_ms` to `at_ms`, oldest first, ending where it is drawn. */
  trail(id: number, at_ms: number, span_ms: number): Point[] {
    const points: Point[] = [];
    for (const moment of this.moments) {
      if (moment.at_ms < at_ms - span_ms || moment.at_ms > at_ms) continue;
      const track = moment.tracks.get(id);
      if (track) points.push(footPoint(track.box));
    }
    const here = this.at(at_ms).find((t) => t.id === id);
    if (here) points.push(footPoint(here.box));
    return points;
  }
}
