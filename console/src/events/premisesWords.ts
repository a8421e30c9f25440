/** Events of doors, badges, tills and devices in plain words. */

import type { CustosEvent, Json } from "../api/types";
import { type NamedHolders, who } from "../holders/naming";
import { duration } from "../time/format";

type Data = CustosEvent["data"];

const text = (value: Json | undefined): string | null => (typeof value === "string" && value ? value : null);

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function because({ reason, detail }: Data): string {
  const why = text(reason) ?? text(detail);
  return why ? `: ${why}` : "";
}

function by({ actor, operator }: Data): string {
  const name = text(actor) ?? text(operator);
  return name ? ` by ${name}` : "";
}

/** "12.50 EUR" */
export function money(amount: Json | undefined, currency: Json | undefined): string {
  if (typeof amount !== "number") return "";
  return [amount.toFixed(2), text(currency)].filter(Boolean).join(" ");
}

function of(data: Data): string {
  const amount = money(data.amount, data.currency);
  return amount ? ` of ${amount}` : "";
}

/** What areas are called, as far as it is known. */
export type NamedAreas = readonly { id: string; name: string; outside: boolean }[];

/** "Credential 1001 came into Lobby", "Credential 1001 went out to Street" */
function passed(data: Data, areas: NamedAreas, holders: NamedHolders | undefined): string {
  const into = text(data.into_area);
  const area = areas.find((one) => one.id === into);
  if (!into) return `${who(data, holders)} went through`;
  return `${who(data, holders)} went ${area?.outside ? "out to" : "into"} ${area?.name ?? into}`;
}

type Teller = (data: Data, areas: NamedAreas, holders: NamedHolders | undefined) => string;

const SENTENCES: Record<string, Teller> = {
  "access.granted": (data, _, holders) => `${who(data, holders)} was let in`,
  "access.denied": (data, _, holders) => `${who(data, holders)} was refused${because(data)}`,
  "access.taken": (data, _, holders) => `${who(data, holders)} went through`,
  "access.not_taken": (data, _, holders) => `${who(data, holders)} was let in and did not go through`,
  "access.coerced": (data, _, holders) => `${who(data, holders)} signals a threat`,
  "access.passed": passed,
  "exit.requested": () => "Somebody asked to go out",
  "door.opened": () => "Opened",
  "door.closed": () => "Closed",
  "door.locked": () => "Locked",
  "door.unlocked": () => "Unlocked",
  "door.tampered": (data) => `Tampered with${because(data)}`,
  "door.alarmed": (data) => `Its controller tells an alarm${because(data)}`,
  "door.shunted": (data) =>
    `Alarms suspended${typeof data.for_s === "number" ? ` for ${duration(data.for_s)}` : ""}${by(data)}${because(data)}`,
  "door.unshunted": (data) => `Alarms are in force again${by(data)}`,
  "pos.sold": (data) => `Sale${of(data)}${by(data)}`,
  "pos.refunded": (data) => `Refund${of(data)}${by(data)}${because(data)}`,
  "door.used": (data) => usedWords(data),
  "pos.voided": (data) => `Cancellation${of(data)}${by(data)}${because(data)}`,
  "pos.opened": (data) => `Drawer opened without a sale${by(data)}${because(data)}`,
  "pos.overridden": (data) => `Price changed by hand${priceOf(data)}${by(data)}${because(data)}`,
  "pos.signed_on": (data) => `${text(data.operator) ?? "Somebody"} signed on`,
  "pos.signed_off": (data) => `${text(data.operator) ?? "Somebody"} signed off`,
  "panel.alarmed": reported,
  "panel.restored": reported,
  "panel.troubled": reported,
  "panel.armed": reported,
  "panel.disarmed": reported,
  "panel.tested": reported,
  "panel.bypassed": reported,
  "panel.reported": reported,
  "panel.silent": (data) => `Panel not heard for ${span(data.limit_s)}`,
  "panel.awaited": (data) => `Panel not heard for ${span(data.waited_s)} so far`,
  "panel.heard": (data) => `Panel heard again after ${span(data.silent_s)}`,
  "device.connected": () => "Device connected",
  "device.lost": (data) => `Device lost${because(data)}`,
};

function span(seconds: Json | undefined): string {
  return typeof seconds === "number" ? duration(seconds) : "some time";
}

/** "Burglary alarm, zone 11" */
function reported({ meaning, kind, partition, zone }: Data): string {
  const where = text(zone) ? `, zone ${text(zone)}` : text(partition) ? `, partition ${text(partition)}` : "";
  return `${capital(text(meaning) ?? text(kind) ?? "A panel's report")}${where}`;
}

const BECAUSE: Record<string, string> = {
  grant: "with a credential",
  exit: "from inside",
  free: "while it stood free",
  unlocked: "while it stood unlocked",
  shunt: "while its alarms were suspended",
  forced: "by force",
};

/** "Used with a credential, open for 3 s; 2 went in" */
function usedWords({ because: why, open_s, people_in, people_out }: Data): string {
  const how = BECAUSE[text(why) ?? ""];
  const span = typeof open_s === "number" ? `, open for ${duration(open_s)}` : "";
  const counts = [
    typeof people_in === "number" && people_in > 0 ? `${people_in} went in` : "",
    typeof people_out === "number" && people_out > 0 ? `${people_out} went out` : "",
  ].filter(Boolean);
  return `Used${how ? ` ${how}` : ""}${span}${counts.length ? `; ${counts.join(", ")}` : ""}`;
}

function priceOf({ amount, list_amount, currency }: Data): string {
  const now = money(amount, currency);
  const before = money(list_amount, currency);
  return now && before ? ` from ${before} to ${now}` : now ? ` to ${now}` : "";
}

/** One sentence, or null where the event is none of these. What Custos concludes of doors says its reason itself. */
export function premisesSentence(
  { type, data }: CustosEvent,
  areas: NamedAreas = [],
  holders?: NamedHolders,
): string | null {
  const name = type.replace(/^custos\./, "");
  const tell = SENTENCES[name];
  if (tell) return tell(data, areas, holders);
  const concluded = /^(door|access|area)\./.test(name) ? text(data.reason) : null;
  return concluded && capital(concluded);
}
