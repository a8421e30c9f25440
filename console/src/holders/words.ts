import type { Holder } from "../api/types";

type Credential = Holder["credentials"][number];

/** "1 active, 1 lost"; "none" */
export function credentialWords(credentials: readonly Credential[]): string {
  const counts = new Map<string, number>();
  for (const { state } of credentials) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "none";
}

/** "active, from Mon 2 Mar 2026 until Fri 1 May 2026"; whether it may be used at `now_ms`. */
export function credentialState(
  { state, valid_from, valid_until }: Credential,
  now_ms: number,
  day: (at: string) => string,
): { words: string; usable: boolean } {
  const early = valid_from !== null && Date.parse(valid_from) > now_ms;
  const over = valid_until !== null && Date.parse(valid_until) <= now_ms;
  const word = state !== "active" ? state : early ? "not valid yet" : over ? "expired" : "active";
  const end = valid_until ? `until ${day(valid_until)}` : word === "active" && "without an end";
  const span = [valid_from && `from ${day(valid_from)}`, end];
  return { words: [word, ...span.filter(Boolean)].join(", "), usable: word === "active" };
}
