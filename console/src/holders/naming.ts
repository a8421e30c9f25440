/** Whom events are about, by name: events name a holder by id or credential, and names are asked for together. */

import { useQueries } from "@tanstack/react-query";
import { useRef } from "react";
import { holderNames } from "../api/queries";
import type { CustosEvent } from "../api/types";
import { useRights } from "../shell/session";

/** By "holders/ada" or "credentials/1001": what they are called, or null where nobody is known. */
export type NamedHolders = ReadonlyMap<string, string | null>;

const ASKED_AT_ONCE = 100;
const FRESH_MS = 300_000;
const NOBODY: NamedHolders = new Map();

type Data = CustosEvent["data"];

/** Whom an event's data are about: its holder, or else the credential. */
export function keysOf({ holder_id, credential }: Data): string[] {
  if (typeof holder_id === "string" && holder_id) return [`holders/${holder_id}`];
  return typeof credential === "string" && credential ? [`credentials/${credential}`] : [];
}

/** "Mia Brandt", "Unknown credential 2207", "Credential 2207" while that is not known, or "Somebody". */
export function who(data: Data, holders: NamedHolders = NOBODY): string {
  for (const key of keysOf(data)) {
    const name = holders.get(key);
    if (name) return name;
  }
  if (typeof data.credential !== "string" || !data.credential) return "Somebody";
  return `${holders.get(`credentials/${data.credential}`) === null ? "Unknown credential" : "Credential"} ${data.credential}`;
}

type Ask = (keys: string[]) => Promise<NamedHolders>;

/** One question for all names that are wanted in the same moment. */
export function together(ask: Ask): (key: string) => Promise<string | null> {
  let waiting = new Map<string, ((of: Promise<NamedHolders>) => void)[]>();
  const flush = () => {
    const now = [...waiting];
    waiting = new Map();
    for (let i = 0; i < now.length; i += ASKED_AT_ONCE) {
      const part = now.slice(i, i + ASKED_AT_ONCE);
      const told = ask(part.map(([key]) => key));
      for (const [, heard] of part) for (const answer of heard) answer(told);
    }
  };
  return async (key) => {
    const told = await new Promise<NamedHolders>((resolve) => {
      if (waiting.size === 0) setTimeout(flush, 0);
      waiting.set(key, [...(waiting.get(key) ?? []), resolve]);
    });
    return told.get(key) ?? null;
  };
}

const nameOf = together(async (keys) => new Map((await holderNames(keys)).map((one) => [one.of, one.name])));

/** The names of whom these events are about; nobody's for who may not see people. */
export function useHolderNames(events: readonly CustosEvent[]): NamedHolders {
  const { operates } = useRights();
  const keys = operates ? [...new Set(events.flatMap((event) => keysOf(event.data)))] : [];
  const names = useQueries({
    queries: keys.map((key) => ({
      queryKey: ["holder-name", key],
      queryFn: () => nameOf(key),
      staleTime: FRESH_MS,
    })),
    combine: (results) => results.map(({ data }) => data),
  });
  // The same map while nothing in it changes: rows that are drawn from it are not drawn anew.
  const kept = useRef(NOBODY);
  const told = keys.flatMap((key, i): [string, string | null][] => {
    const name = names[i];
    return name === undefined ? [] : [[key, name]];
  });
  if (told.length !== kept.current.size || told.some(([key, name]) => kept.current.get(key) !== name))
    kept.current = new Map(told);
  return kept.current;
}
