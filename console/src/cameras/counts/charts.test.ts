import { describe, expect, it } from "vitest";
import type { Camera, Counts } from "../../api/types";
import { chartsOf, times } from "./charts";

const CAMERA = {
  name: "Street",
  zones: [{ id: "kerb", name: "Kerb" }],
  lines: [{ id: "sill", name: "Sill" }],
  behaviours: [{ id: "occupancy", name: "How full" }],
} as unknown as Camera;
const NONE: Counts = {
  since: "2026-01-01T10:00:00Z",
  until: "2026-01-01T11:00:00Z",
  bucket_s: 900,
  series: [],
  doubtful: [],
};
const FIRST = Date.parse(NONE.since) / 1000;
const bucket = (at: string, count: number, sums = {}, peaks = {}) => ({
  since: `2026-01-01T${at}:00Z`,
  count,
  sums,
  peaks,
});

describe("times", () => {
  it("are the starts of all buckets", () => {
    expect(times(NONE)).toEqual([FIRST, FIRST + 900, FIRST + 1800, FIRST + 2700]);
  });
  it("count a last bucket that is cut short", () => {
    expect(times({ ...NONE, until: "2026-01-01T11:00:01Z" })).toHaveLength(5);
  });
});

describe("chartsOf", () => {
  it("draws nothing of nothing", () => {
    expect(chartsOf(NONE, CAMERA)).toEqual([]);
  });
  it("puts both ways over a line into one chart, with zeros where nobody came", () => {
    const counts: Counts = {
      ...NONE,
      series: [
        { type: "line.crossed", of: { line_id: "sill", direction: "left" }, buckets: [bucket("10:15", 3)] },
        { type: "line.crossed", of: { line_id: "sill", direction: "right" }, buckets: [bucket("10:45", 2)] },
      ],
    };
    const [chart, ...more] = chartsOf(counts, CAMERA);
    expect(more).toEqual([]);
    expect(chart?.caption).toBe("Sill: people who crossed");
    expect(chart?.series.map((s) => s.values)).toEqual([
      [0, 3, 0, 0],
      [0, 0, 0, 2],
    ]);
  });
  it.each([
    [["vehicle"], "Sill: vehicles that crossed"],
    [["person", "vehicle"], "Sill: objects that crossed"],
    [undefined, "Sill: people who crossed"],
  ])("says of a line for %j what it counts", (classes, caption) => {
    const camera = { ...CAMERA, lines: [{ id: "sill", name: "Sill", classes }] } as unknown as Camera;
    const of = { line_id: "sill", direction: "left" };
    const series = [{ type: "line.crossed", of, buckets: [bucket("10:15", 3)] }];
    expect(chartsOf({ ...NONE, series }, camera).map((c) => [c.caption, c.note])).toEqual([
      [caption, undefined],
    ]);
  });
  it("tells a behaviour's totals from the line's own crossings", () => {
    const behaviours = [{ id: "passers", name: "Passers-by", kind: "line-count", line: "sill" }];
    const of = { behaviour_id: "passers", line_id: "sill" };
    const series = [{ type: "line.counted", of, buckets: [bucket("10:15", 1, { left: 2, right: 1 })] }];
    const [chart] = chartsOf({ ...NONE, series }, { ...CAMERA, behaviours } as unknown as Camera);
    expect(chart?.caption).toBe("Sill, Passers-by: totals over the line");
    expect(chart?.note).toContain("behaviour “Passers-by”");
  });
  it("divides presence by the time that was counted, and leaves gaps where nobody was", () => {
    const counts: Counts = {
      ...NONE,
      series: [
        {
          type: "zone.counted",
          of: { behaviour_id: "occupancy", zone_id: "kerb" },
          buckets: [bucket("10:30", 2, { presence_s: 90, period_s: 60 }, { most: 4 })],
        },
      ],
    };
    const [chart] = chartsOf(counts, CAMERA);
    expect(chart?.caption).toBe("Kerb, How full: how many inside");
    expect(chart?.series.map((s) => s.values)).toEqual([
      [null, null, 1.5, null],
      [null, null, 4, null],
    ]);
  });
  it("tells how long people stayed, of those who left", () => {
    const counts: Counts = {
      ...NONE,
      series: [
        {
          type: "zone.counted",
          of: { behaviour_id: "occupancy", zone_id: "kerb" },
          buckets: [
            bucket("10:15", 1, { dwell_s: 90, left: 3 }),
            bucket("10:30", 1, { dwell_s: 0, left: 0 }),
          ],
        },
      ],
    };
    const [, chart] = chartsOf(counts, CAMERA);
    expect(chart).toMatchObject({ caption: "Kerb, How full: how long inside", unit: " s" });
    expect(chart?.series.map((s) => s.values)).toEqual([[null, 30, null, null]]);
  });
  it("tells how long people waited, on average and at worst, in a chart of its own", () => {
    const counts: Counts = {
      ...NONE,
      series: [
        {
          type: "queue.counted",
          of: { behaviour_id: "occupancy", zone_id: "kerb" },
          buckets: [bucket("10:30", 2, { waited_s: 120, served: 4 }, { most: 3, longest_s: 55 })],
        },
      ],
    };
    const charts = chartsOf(counts, CAMERA);
    expect(new Set(charts.map((c) => c.key)).size).toBe(2);
    expect(charts[1]?.caption).toBe("Kerb, How full: waiting time");
    expect(charts[1]?.series.map((s) => s.values)).toEqual([
      [null, null, 30, null],
      [null, null, 55, null],
    ]);
  });
  it("puts who stayed too long beside the visits of the zone", () => {
    const of = { zone_id: "kerb" };
    const counts: Counts = {
      ...NONE,
      series: [
        { type: "zone.entered", of, buckets: [bucket("10:15", 3)] },
        { type: "zone.loitered", of, buckets: [bucket("10:30", 1)] },
      ],
    };
    const [chart, ...more] = chartsOf(counts, CAMERA);
    expect(more).toEqual([]);
    expect(chart?.series.map((s) => [s.name, s.values])).toEqual([
      ["came in", [0, 3, 0, 0]],
      ["stayed too long", [0, 0, 1, 0]],
    ]);
  });
  it("says how often a behaviour saw each thing happen, under its name and place", () => {
    const behaviours = [{ id: "cars", name: null, kind: "stopping", zone: "kerb", line: null }];
    const counts: Counts = {
      ...NONE,
      series: ["vehicle.stopped", "vehicle.parked"].map((type, i) => ({
        type,
        of: { behaviour_id: "cars" },
        buckets: [bucket("10:45", i + 1)],
      })),
    };
    const [chart, ...more] = chartsOf(counts, { ...CAMERA, behaviours } as unknown as Camera);
    expect(more).toEqual([]);
    expect(chart?.caption).toBe("Kerb, Stopping: how often");
    expect(chart?.series.map((s) => [s.name, s.values])).toEqual([
      ["vehicle stopped", [0, 0, 0, 1]],
      ["vehicle parked", [0, 0, 0, 2]],
    ]);
  });
  it("passes over what it has no words for", () => {
    const counts: Counts = { ...NONE, series: [{ type: "moon.counted", of: {}, buckets: [] }] };
    expect(chartsOf(counts, CAMERA)).toEqual([]);
  });
});
