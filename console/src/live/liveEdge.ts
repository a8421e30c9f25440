/** How a player stays at the live edge of what it has buffered. Times in seconds of the media. */

/** Where the play-head wants to be behind the newest picture: enough to ride out jitter, little enough to be live. */
export const TARGET_LAG_S = 0.4;
const NEAR_S = 0.25;
const FAR_S = 0.6;
const VERY_FAR_S = 1.5;
/** Beyond this, catching up by playing faster would take too long to watch. */
const LOST_S = 3;
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
}

export interface Steering {
  seekTo: number | null;
  rate: number;
  /** Drop everything before this. */
  trimBefore: number | null;
}

export function steer({ currentTime, buffered, oldest, still_ms }: Playback): Steering {
  if (!buffered) return { seekTo: null, rate: 1, trimBefore: null };
  const lag_s = buffered.end - currentTime;
  const outside = currentTime < buffered.start || lag_s < 0;
  const stuck = still_ms > STUCK_MS && lag_s > NEAR_S;
  const seekTo =
    outside || stuck || lag_s > LOST_S ? Math.max(buffered.start, buffered.end - TARGET_LAG_S) : null;
  const head = seekTo ?? currentTime;
  return {
    seekTo,
    rate: seekTo === null ? rateFor(lag_s) : 1,
    trimBefore: head - oldest > TRIM_AT_S ? head - KEEP_BEHIND_S : null,
  };
}

function rateFor(lag_s: number): number {
  if (lag_s > VERY_FAR_S) return 1.25;
  if (lag_s > FAR_S) return 1.08;
  if (lag_s < NEAR_S) return 0.94;
  return 1;
}
