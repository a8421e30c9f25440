/** How far behind the newest picture to play, so that what Custos saw in a picture is known when it is shown. */

/** Enough to ride out jitter; words usually come sooner than that. */
export const LEAST_LAG_S = 0.4;
/** On an overworked machine boxes may run a little ahead or behind rather than the picture be later than this. */
export const MOST_LAG_S = 1.2;
const SPARE_S = 0.1;
const EASE_S = 0.01;
/** A longer silence means that nothing moved, not that words are late. */
const SILENCE_MS = 1_000;

export class WordLag {
  private need_s = 0;
  private last: { at_ms: number; some: boolean } | null = null;

  /** Words about the picture of `at_ms` came when the newest picture at hand was of `newest_ms`; `some`: of any object. */
  hear(at_ms: number, newest_ms: number, some: boolean): void {
    const { last } = this;
    this.last = { at_ms, some };
    if (!last?.some || at_ms - last.at_ms > SILENCE_MS) return;
    // Until now the words before were the latest: whatever was shown after their picture was shown on a guess.
    const late_s = (newest_ms - last.at_ms) / 1000;
    this.need_s = Math.max(late_s, this.need_s - EASE_S);
  }

  target_s(): number {
    return Math.min(MOST_LAG_S, Math.max(LEAST_LAG_S, this.need_s + SPARE_S));
  }
}
