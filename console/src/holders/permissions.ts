/** Where somebody may go and when, in words. */

import type { Holder, Hours } from "../api/types";

type Permitted = Holder["may"][number];
type NameOf = (id: string) => string;

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** "Lobby and Offices", "Stock, and by Back door" */
export function whereWords(
  { areas, doors }: Pick<Permitted, "areas" | "doors">,
  area: NameOf,
  door: NameOf,
): string {
  const into = listed(areas.map(area));
  const by = doors.length > 0 ? `by ${listed(doors.map(door))}` : "";
  return [into, by].filter(Boolean).join(", and ") || "nowhere";
}

/** "at any hour", "Mon to Fri 08:00–18:00; on holidays not" */
export function whenWords(when: Permitted["when"]): string {
  if (!when) return "at any hour";
  const ordinary = when.hours.map(spanWords).join(", ") || "never";
  const holidays = when.on_holidays.map(({ start, end }) => `${start}–${end}`).join(", ");
  return `${ordinary}; on holidays ${holidays || "not"}`;
}

/** "every day 07:00–19:00", "Mon to Fri 08:00–18:00", "Mon, Wed 22:00–06:00 (next day)" */
export function spanWords({ weekdays, start, end }: Hours): string {
  const past = end <= start ? " (next day)" : "";
  return `${dayWords(weekdays)} ${start}–${end}${past}`;
}

function dayWords(weekdays: readonly number[]): string {
  const days = [...new Set(weekdays)].sort((a, b) => a - b);
  const [first = 0, last = 0] = [days[0], days.at(-1)];
  if (days.length === 7) return "every day";
  if (days.length > 2 && last - first === days.length - 1) return `${DAYS[first]} to ${DAYS[last]}`;
  return days.map((d) => DAYS[d]).join(", ");
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
