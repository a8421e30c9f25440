/** What the server counted, as charts: which series belong together, and what their numbers are called. */

import type { Bucket, Camera, CountSeries, Counts } from "../../api/types";
import type { Series } from "../../ui/TimeChart";
import { kindName } from "../behaviours/behaviours";

export interface Chart {
  key: string;
  caption: string;
  /** What tells it from another chart that looks like it. */
  note?: string | undefined;
  unit: string;
  series: Series[];
}

const LEFT = "#5ec1f5";
const RIGHT = "#f0b040";
const MEAN = "#5ec1f5";
const MOST = "#c6a3ff";
const HAPPENED = [LEFT, RIGHT, MOST];

/** Starts of all buckets, Unix seconds. */
export function times({ since, until, bucket_s }: Counts): number[] {
  const first = Date.parse(since) / 1000;
  const count = Math.ceil((Date.parse(until) / 1000 - first) / bucket_s);
  return Array.from({ length: count }, (_, i) => first + i * bucket_s);
}

type Value = (bucket: Bucket) => number | null;

/** The value of each bucket; where the server tells none, `empty`. */
function valuesOf(counts: Counts, series: CountSeries | undefined, value: Value, empty: number | null) {
  const first = Date.parse(counts.since) / 1000;
  const values: (number | null)[] = times(counts).map(() => empty);
  for (const bucket of series?.buckets ?? []) {
    const i = Math.round((Date.parse(bucket.since) / 1000 - first) / counts.bucket_s);
    if (i >= 0 && i < values.length) values[i] = value(bucket);
  }
  return values;
}

const ratio =
  (over: string, under: string): Value =>
  ({ sums }) => {
    const below = sums[under] ?? 0;
    return below > 0 ? (sums[over] ?? 0) / below : null;
  };
const peak =
  (field: string): Value =>
  ({ peaks }) =>
    peaks[field] ?? null;
const sum =
  (field: string): Value =>
  ({ sums }) =>
    sums[field] ?? 0;

/** How the events of a type that a behaviour tells every so often are drawn. */
interface Measure {
  /** Tells the charts of one type apart. */
  key?: string;
  words: string;
  unit: string;
  shown: { name: string; colour: string; kind: Series["kind"]; value: Value }[];
}

const MEASURES: Record<string, Measure[]> = {
  "line.counted": [
    {
      words: "totals over the line",
      unit: "",
      shown: [
        { name: "to the left", colour: LEFT, kind: "bars", value: sum("left") },
        { name: "to the right", colour: RIGHT, kind: "bars", value: sum("right") },
      ],
    },
  ],
  "zone.counted": [
    {
      words: "how many inside",
      unit: "",
      shown: [
        { name: "on average", colour: MEAN, kind: "line", value: ratio("presence_s", "period_s") },
        { name: "at most", colour: MOST, kind: "line", value: peak("most") },
      ],
    },
    {
      key: "dwell",
      words: "how long inside",
      unit: " s",
      shown: [
        {
          name: "on average, of those who left",
          colour: MEAN,
          kind: "line",
          value: ratio("dwell_s", "left"),
        },
      ],
    },
  ],
  "queue.counted": [
    {
      words: "queue",
      unit: "",
      shown: [
        { name: "longest queue", colour: MOST, kind: "line", value: peak("most") },
        { name: "served", colour: MEAN, kind: "bars", value: sum("served") },
      ],
    },
    {
      key: "wait",
      words: "waiting time",
      unit: " s",
      shown: [
        {
          name: "on average, of those served",
          colour: MEAN,
          kind: "line",
          value: ratio("waited_s", "served"),
        },
        { name: "longest", colour: MOST, kind: "line", value: peak("longest_s") },
      ],
    },
  ],
  "speed.measured": [
    {
      words: "speed",
      unit: " km/h",
      shown: [
        {
          name: "on average",
          colour: MEAN,
          kind: "line",
          value: (b) => (b.count ? (b.sums.speed_kmh ?? 0) / b.count : null),
        },
        { name: "fastest", colour: MOST, kind: "line", value: peak("top_kmh") },
      ],
    },
  ],
};

function placeName(camera: Camera, of: CountSeries["of"]): string {
  const behaviour = camera.behaviours.find((b) => b.id === of.behaviour_id);
  const place = [...camera.zones, ...camera.lines].find((p) => p.id === (of.zone_id ?? of.line_id));
  const words = [place?.name ?? of.zone_id ?? of.line_id, behaviour?.name].filter(Boolean);
  return words.join(", ") || camera.name;
}

const WHOM: Record<string, string> = { person: "people", vehicle: "vehicles", animal: "animals" };

/** "people who crossed", "vehicles that crossed", "objects that crossed". */
function crossed(classes: readonly string[] = ["person"]): string {
  const whom = (classes.length === 1 && WHOM[classes[0] ?? ""]) || "objects";
  return `${whom} ${whom === "people" ? "who" : "that"} crossed`;
}

/** Lines have a chart of their own: why a behaviour's totals are another. */
function noteOf(camera: Camera, { type, of }: CountSeries): string | undefined {
  const behaviour = camera.behaviours.find((b) => b.id === of.behaviour_id);
  if (type !== "line.counted" || !behaviour) return undefined;
  const name = behaviour.name ?? kindName(behaviour.kind);
  return `What the behaviour “${name}” adds up: what it is set to count, in its hours, at the end of each of its periods. The line's own chart shows every crossing when it happened, so the two are not to be added.`;
}

/** Every chart there is something to draw in, crossings and visits first. */
export function chartsOf(counts: Counts, camera: Camera): Chart[] {
  return [
    ...crossings(counts, camera),
    ...visits(counts, camera),
    ...measured(counts, camera),
    ...happenings(counts, camera),
  ];
}

function crossings(counts: Counts, camera: Camera): Chart[] {
  const all = counts.series.filter((s) => s.type === "line.crossed");
  const lines = [...new Set(all.map((s) => s.of.line_id ?? ""))];
  return lines.map((line) => {
    const way = (direction: string, colour: string): Series => ({
      name: `to the ${direction}`,
      colour,
      kind: "bars",
      values: valuesOf(
        counts,
        all.find((s) => s.of.line_id === line && s.of.direction === direction),
        (b) => b.count,
        0,
      ),
    });
    return {
      key: `crossed-${line}`,
      caption: `${placeName(camera, { line_id: line })}: ${crossed(camera.lines.find((l) => l.id === line)?.classes)}`,
      unit: "",
      series: [way("left", LEFT), way("right", RIGHT)],
    };
  });
}

function visits(counts: Counts, camera: Camera): Chart[] {
  const all = counts.series.filter((s) => s.type === "zone.entered" || s.type === "zone.loitered");
  const zones = [...new Set(all.map((s) => s.of.zone_id ?? ""))];
  return zones.map((zone) => {
    const series = (type: string, name: string, colour: string): Series[] =>
      all
        .filter((s) => s.of.zone_id === zone && s.type === type)
        .map((s) => ({ name, colour, kind: "bars", values: valuesOf(counts, s, (b) => b.count, 0) }));
    return {
      key: `entered-${zone}`,
      caption: `${placeName(camera, { zone_id: zone })}: visits`,
      unit: "",
      series: [
        ...series("zone.entered", "came in", LEFT),
        ...series("zone.loitered", "stayed too long", RIGHT),
      ],
    };
  });
}

/** How often each behaviour saw something happen: one chart of a behaviour, with all that it tells. */
function happenings(counts: Counts, camera: Camera): Chart[] {
  return camera.behaviours.flatMap((behaviour) => {
    const told = counts.series.filter((s) => s.of.behaviour_id === behaviour.id && !MEASURES[s.type]);
    const place = [...camera.zones, ...camera.lines].find((p) => p.id === (behaviour.zone ?? behaviour.line));
    if (told.length === 0) return [];
    return {
      key: `happened-${behaviour.id}`,
      caption: `${[place?.name, behaviour.name ?? kindName(behaviour.kind)].filter(Boolean).join(", ")}: how often`,
      unit: "",
      series: told.map((s, i) => ({
        name: s.type.replace(/[._]/g, " "),
        colour: HAPPENED[i % HAPPENED.length] ?? LEFT,
        kind: "bars" as const,
        values: valuesOf(counts, s, (b) => b.count, 0),
      })),
    };
  });
}

function measured(counts: Counts, camera: Camera): Chart[] {
  return counts.series.flatMap((s) =>
    (MEASURES[s.type] ?? []).map((how) => ({
      key: [s.type, ...Object.values(s.of), how.key].filter(Boolean).join("-"),
      caption: `${placeName(camera, s.of)}: ${how.words}`,
      note: noteOf(camera, s),
      unit: how.unit,
      series: how.shown.map(({ name, colour, kind, value }) => ({
        name,
        colour,
        kind,
        values: valuesOf(counts, s, value, kind === "bars" ? 0 : null),
      })),
    })),
  );
}
