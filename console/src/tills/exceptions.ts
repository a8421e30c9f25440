/** What loss prevention looks at, and what was seen near it. */

export const EXCEPTIONS = ["pos.refunded", "pos.voided", "pos.opened", "pos.overridden"];
const AROUND_MS = 60_000;

/** From a minute before a moment to a minute after it. */
export function aroundThe(moment: string): { since: string; until: string } {
  const at = Date.parse(moment);
  return { since: new Date(at - AROUND_MS).toISOString(), until: new Date(at + AROUND_MS).toISOString() };
}

/** The one nearest in time; null of none. */
export function nearest<T extends { time: string }>(list: readonly T[], moment: string): T | null {
  const at = Date.parse(moment);
  const away = (one: T) => Math.abs(Date.parse(one.time) - at);
  return list.reduce<T | null>((best, one) => (best && away(best) <= away(one) ? best : one), null);
}
