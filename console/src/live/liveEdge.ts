/** How a player stays at the live edge of what it has buffered. Times in seconds of the media. */

/** From this much nearer to the newest picture than wanted to this much further, all is well. */
const NEARER_S = 0.15;
const FURTHER_S = 0.2;
const FAR_S = 1;
/** Beyond this, catching up by playing faster would take too long to watch. */
const LOST_S = 2.5;
const WAITING_S = 0.25;
const STUCK_MS = 1_000;
const KEEP_BEHIND_S = 4;
const TRIM_AT_S = 12;

export interface Playback {
  currentTime: number;
  /** The last buffered range; null when there is none. */
  buffered: { start: number; end: number } | null;
  /** Start of the first buffered range, for trimming. */
  oldest: number;
  /** How long the play-head has not moved. */
  still_ms: number;
  /** How far behind the newest picture the play-head should be. */
  target_s: number;
}

export interface Steering {
  seekTo: number | null;
  rate: number;
  /** Drop everything before this. */
  trimBefore: number | null;
}

export function steer({ currentTime, buffered, oldest, still_ms, target_s }: Playback): Steering {
  if (!buffered) return { seekTo: null, rate: 1, trimBefore: null };
  const lag_s = buffered.end - currentTime;
  const outside = currentTime < buffered.start || lag_s < 0;
  const stuck = still_ms > STUCK_MS && lag_s > WAITING_S;
  const off_s = lag_s - target_s;
  const seekTo =
    outside || stuck || off_s > LOST_S ? Math.max(buffered.start, buffered.end - target_s) : null;
  const head = seekTo ?? currentTime;
  return {
    seekTo,
    rate: seekTo === null ? rateFor(off_s) : 1,
    trimBefore: head - oldest > TRIM_AT_S ? head - KEEP_BEHIND_S : null,
  };
}

/** The playback rate that brings the play-head back from `off_s` behind its place. */
function rateFor(off_s: number): number {
  if (off_s > FAR_S) return 1.25;
  if (off_s > FURTHER_S) return 1.08;
  if (off_s < -NEARER_S) return 0.92;
  return 1;
}
