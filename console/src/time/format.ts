/** Times as people at the site read them: in the site's time zone, 24 hours, never the browser's guess. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}|${name}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options });
    formats.set(key, found);
  }
  return found;
}

type When = string | number | Date;

const date = (when: When) => (when instanceof Date ? when : new Date(when));

/** "14:03:27" */
export function clock(when: When, zone: string): string {
  return format(zone, "clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(date(when));
}

/** "Tue 3 Mar 2026" */
export function day(when: When, zone: string): string {
  const options = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
  return format(zone, "day", options).format(date(when)).replace(",", "");
}

/** "14:03:27" today, "2 Mar 14:03:27" on another day, both as the site counts days. */
export function moment(when: When, zone: string, now: When): string {
  if (day(when, zone) === day(now, zone)) return clock(when, zone);
  const short = format(zone, "short", { day: "numeric", month: "short" }).format(date(when));
  return `${short} ${clock(when, zone)}`;
}

/** "Tue 3 Mar 2026, 14:03:27 CET" */
export function full(when: When, zone: string): string {
  return `${day(when, zone)}, ${clock(when, zone)} ${zoneName(when, zone)}`;
}

/** "CET", "GMT+2": the short name in force at that time. */
export function zoneName(when: When, zone: string): string {
  const parts = format(zone, "zone", { timeZoneName: "short" }).formatToParts(date(when));
  return parts.find((p) => p.type === "timeZoneName")?.value ?? zone;
}

/** Along an axis: "14:03", with "3 Mar" below the first and wherever another day begins; "3 Mar" alone where the ticks
 * lie a day apart or more. */
export function ticks(at_s: readonly number[], step_s: number, zone: string): string[] {
  const days = at_s.map((at) =>
    format(zone, "short", { day: "numeric", month: "short" }).format(new Date(at * 1000)),
  );
  if (step_s >= 86_400) return days;
  return at_s.map((at, i) => {
    const time = format(zone, "time", { hour: "2-digit", minute: "2-digit" }).format(new Date(at * 1000));
    return days[i] === days[i - 1] ? time : `${time}\n${days[i]}`;
  });
}

/** "now", "12 s ago", "4 min ago", "3 h ago", "2 d ago" */
export function ago(when: When, now: When): string {
  const past_s = Math.max(0, (date(now).getTime() - date(when).getTime()) / 1000);
  if (past_s < 5) return "now";
  if (past_s < 60) return `${Math.floor(past_s)} s ago`;
  if (past_s < 3_600) return `${Math.floor(past_s / 60)} min ago`;
  if (past_s < 86_400) return `${Math.floor(past_s / 3_600)} h ago`;
  return `${Math.floor(past_s / 86_400)} d ago`;
}

/** "8 s", "1 min 05 s", "2 h 03 min" */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const pad = (n: number) => String(n).padStart(2, "0");
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3_600)} h ${pad(Math.floor((whole % 3_600) / 60))} min`;
}

/** How far the wall clock of `zone` is ahead of UTC at `at_ms`, in milliseconds. */
function offset_ms(at_ms: number, zone: string): number {
  const parts = format(zone, "parts", {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(new Date(at_ms));
  const value = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((p) => p.type === type)?.value);
  const wall = Date.UTC(
    value("year"),
    value("month") - 1,
    value("day"),
    value("hour"),
    value("minute"),
    value("second"),
  );
  return wall - Math.floor(at_ms / 1000) * 1000;
}

/** UTC of a wall-clock time ("2026-03-29T02:30", as a datetime-local field gives it) in `zone`; null when it is none. */
export function fromWallClock(wall: string, zone: string): string | null {
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return null;
  // The offset at the guess may be that of the other side of a clock change, so look once more from where it led.
  const guess = asUtc - offset_ms(asUtc, zone);
  return new Date(asUtc - offset_ms(guess, zone)).toISOString();
}

/** What a datetime-local field shows for a UTC time in `zone`: "2026-03-29T14:03". */
export function toWallClock(utc: string, zone: string): string {
  const at = Date.parse(utc);
  return Number.isNaN(at) ? "" : new Date(at + offset_ms(at, zone)).toISOString().slice(0, 16);
}
