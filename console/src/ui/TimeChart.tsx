/** Numbers over time, as bars or lines on one axis. What it draws is also there in words: `caption` and a table. */

import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { ticks } from "../time/format";
import { alone } from "./alone";
import classes from "./chart.module.css";

export interface Series {
  name: string;
  colour: string;
  /** One for each time; null where nothing is known. */
  values: (number | null)[];
  kind: "bars" | "line";
}

interface TimeChartProps {
  /** Unix seconds, increasing. */
  times_s: number[];
  series: Series[];
  unit: string;
  caption: string;
  timeZone: string;
  height?: number;
}

const FONT = '11px "Inter Variable", sans-serif';
const GRID = "#20272d";
const TEXT = "#a9b3bc";
/** Between two ticks of an axis on which whole things are counted. */
const WHOLE = [1, 2, 5]
  .flatMap((n) => [1, 10, 100, 1_000, 10_000, 100_000].map((of) => n * of))
  .sort((a, b) => a - b);

export function TimeChart({ times_s, series, unit, caption, timeZone, height = 200 }: TimeChartProps) {
  const { ref, width } = useElementSize();
  const holder = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!holder.current || width < 50) return;
    const plot = new uPlot(
      optionsOf(series, unit, timeZone, width, height),
      [times_s, ...series.map((s) => s.values)],
      holder.current,
    );
    return () => plot.destroy();
  }, [times_s, series, unit, timeZone, width, height]);
  return (
    <figure className={classes.figure} ref={ref}>
      <figcaption>
        <span>{caption}</span>
        {series.map((s) => (
          <span key={s.name} className={classes.key} style={{ "--tone": s.colour } as React.CSSProperties}>
            {s.name}
          </span>
        ))}
      </figcaption>
      <div ref={holder} aria-hidden="true" style={{ height }} />
      <table className="visually-hidden">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map((s) => (
              <th key={s.name} scope="col">
                {s.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times_s.map((at, i) => (
            <tr key={at}>
              <th scope="row">{new Date(at * 1000).toISOString()}</th>
              {series.map((s) => (
                <td key={s.name}>{s.values[i] ?? "–"}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

function optionsOf(
  series: Series[],
  unit: string,
  timeZone: string,
  width: number,
  height: number,
): uPlot.Options {
  const axis = {
    stroke: TEXT,
    font: FONT,
    grid: { stroke: GRID, width: 1 },
    ticks: { stroke: GRID, width: 1 },
  };
  const counts = series.every((s) => s.values.every((v) => v === null || Number.isInteger(v)));
  const standing = series.filter((s) => s.kind === "bars");
  return {
    width,
    height,
    tzDate: (at_s) => uPlot.tzDate(new Date(at_s * 1000), timeZone),
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    legend: { show: true, live: true },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      { ...axis, values: (_, at_s, __, ___, step_s) => ticks(at_s, step_s, timeZone) },
      {
        ...axis,
        size: 44,
        ...(counts ? { incrs: WHOLE } : {}),
        values: (_, values) => values.map((v) => `${Number(v.toFixed(2))}${unit}`),
      },
    ],
    series: [
      {},
      ...series.map((s) => ({
        label: s.name,
        stroke: s.colour,
        width: 1.5,
        ...(s.kind === "bars" ? asBar(standing.indexOf(s), standing.length, s.colour) : asLine(s)),
      })),
    ],
  };
}

/** Two kinds of bars stand beside each other, each half as wide; more than two, or one, in the middle. */
function asBar(place: number, of: number, colour: string): Partial<uPlot.Series> {
  const beside = of === 2;
  const paths = uPlot.paths.bars?.({
    size: beside ? [0.4, 20] : [0.8, 40],
    align: beside ? (place === 0 ? -1 : 1) : 0,
  });
  return { points: { show: false }, ...(paths ? { paths, fill: `${colour}88` } : {}) };
}

/** A value that has none beside it would be no line at all: it is drawn as a dot. */
function asLine({ values, colour }: Series): Partial<uPlot.Series> {
  const dots = alone(values);
  return { points: { show: false, size: 5, fill: colour, filter: () => dots } };
}
