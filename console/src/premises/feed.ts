import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useFeed } from "../api/feed";

const TOUCHES = /^custos\.(door|access|exit|area|incident|device|pos|panel)\./;
const REST_MS = 700;

/** Reads what stands under these query keys again soon after something happened at doors, areas, tills or devices. */
export function usePremisesFeed(keys: readonly string[]): void {
  const client = useQueryClient();
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useFeed((item) => {
    if (timer.current !== undefined || (item.kind === "event" && !TOUCHES.test(item.event.type))) return;
    timer.current = window.setTimeout(() => {
      timer.current = undefined;
      for (const key of keys) void client.invalidateQueries({ queryKey: [key] });
    }, REST_MS);
  });
}
