/** How many came, went and stayed, over time; and where on the picture they were. */

import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { countsQuery, heatMapQuery } from "../../api/queries";
import type { Camera, HeatMap } from "../../api/types";
import { useHere } from "../../shell/session";
import { moment } from "../../time/format";
import { Empty, Failure, Loading, Panel } from "../../ui/surfaces";
import { TimeChart } from "../../ui/TimeChart";
import classes from "../cameras.module.css";
import editor from "../editor/editor.module.css";
import { CameraPicture } from "../editor/ShapeEditor";
import { chartsOf, times } from "./charts";
import own from "./counts.module.css";

const SPANS = [
  { value: "3600", label: "Hour", bucket_s: 60 },
  { value: "86400", label: "Day", bucket_s: 1_800 },
  { value: "604800", label: "Week", bucket_s: 10_800 },
  { value: "2592000", label: "30 days", bucket_s: 43_200 },
] as const;

export function CountsView({ camera }: { camera: Camera }) {
  const [span, setSpan] = useState<string>(SPANS[0].value);
  const chosen = SPANS.find((s) => s.value === span) ?? SPANS[0];
  const span_s = Number(chosen.value);
  const counts = useQuery({
    ...countsQuery(camera.id, span_s, chosen.bucket_s),
    placeholderData: keepPreviousData,
  });
  const heat = useQuery({ ...heatMapQuery(camera.id, span_s), placeholderData: keepPreviousData });
  const { site } = useHere();
  const charts = useMemo(() => (counts.data ? chartsOf(counts.data, camera) : []), [counts.data, camera]);
  const at_s = useMemo(() => (counts.data ? times(counts.data) : []), [counts.data]);
  return (
    <div className={own.counts}>
      <SegmentedControl
        aria-label="How far back"
        size="xs"
        data={SPANS.map(({ value, label }) => ({ value, label }))}
        value={span}
        onChange={setSpan}
        className={own.span}
      />
      <div className={own.columns}>
        <Panel title="Over time" padded>
          {counts.error && <Failure error={counts.error} retry={() => void counts.refetch()} />}
          {counts.isPending && <Loading what="the counts" rows={6} />}
          {counts.data && charts.length === 0 && (
            <Empty title="Nothing was counted">
              <p>Draw a zone or a line, or add a behaviour that counts: occupancy, a queue, a line count.</p>
            </Empty>
          )}
          {counts.data?.doubtful.map((doubt) => (
            <p key={doubt.since} className={own.doubt}>
              In doubt from {moment(doubt.since, site.time_zone, counts.data.until)}
              {doubt.until ? ` to ${moment(doubt.until, site.time_zone, counts.data.until)}` : " on"}: the
              camera had been moved, and its zones and lines may have been off. Do not compare these counts
              with others.{!doubt.until && <Recalibrate camera={camera} />}
            </p>
          ))}
          <div className={own.charts}>
            {charts.map((chart) => (
              <div key={chart.key}>
                <TimeChart
                  times_s={at_s}
                  series={chart.series}
                  unit={chart.unit}
                  caption={chart.caption}
                  timeZone={site.time_zone}
                />
                {chart.note && <p className={own.note}>{chart.note}</p>}
              </div>
            ))}
          </div>
        </Panel>
        <Panel title="Where" padded>
          {heat.error && <Failure error={heat.error} retry={() => void heat.refetch()} />}
          {heat.isPending && <Loading what="the heat map" rows={4} />}
          {heat.data && <Where camera={camera} heat={heat.data} />}
        </Panel>
      </div>
    </div>
  );
}

function Where({ camera, heat }: { camera: Camera; heat: HeatMap }) {
  const { site } = useHere();
  if (heat.maps === 0)
    return (
      <Empty title="No map yet">
        <p>Add the behaviour Flow: it keeps a map of where people stand and which way they go.</p>
      </Empty>
    );
  const most = Math.max(...heat.seconds, 1e-9);
  return (
    <>
      <CameraPicture camera={camera}>
        {(width, height) => (
          <svg className={editor.surface} viewBox={`0 0 ${width} ${height}`}>
            <title>Where people were</title>
            <Cells heat={heat} most={most} width={width} height={height} />
          </svg>
        )}
      </CameraPicture>
      <dl className={classes.rows}>
        <div>
          <dt>Busiest place</dt>
          <dd className="mono">{`${Math.round(most)} s`}</dd>
        </div>
        <div>
          <dt>Mapped</dt>
          <dd className="mono">{`${Math.round(heat.covered_s / 60)} min`}</dd>
        </div>
        {heat.moved_at && (
          <div>
            <dt>Begins</dt>
            <dd>{moment(heat.moved_at, site.time_zone, heat.until)}, when the camera was moved</dd>
          </div>
        )}
      </dl>
      {heat.moved_at && (
        <p className={own.doubt}>
          What was mapped of the view before is left out: its places are others in this picture.
          {camera.state.needs_recalibration && <Recalibrate camera={camera} />}
        </p>
      )}
    </>
  );
}

/** What to do about a view that nobody has confirmed; the button for that stands at the top of the page. */
function Recalibrate({ camera }: { camera: Camera }) {
  const to = { to: "/cameras/$cameraId", params: { cameraId: camera.id } } as const;
  return (
    <>
      {" "}
      Put the camera back, or bring its{" "}
      <Link {...to} search={{}}>
        zones and lines
      </Link>{" "}
      {camera.ground && (
        <>
          and its{" "}
          <Link {...to} search={{ show: "ground" }}>
            ground
          </Link>{" "}
        </>
      )}
      into the new view; then confirm above that they are right.
    </>
  );
}

/** Fewer object seconds than this share of the busiest cell are not drawn. */
const FAINT = 0.02;

function Cells({
  heat,
  most,
  width,
  height,
}: {
  heat: HeatMap;
  most: number;
  width: number;
  height: number;
}) {
  const [cellWidth, cellHeight] = [width / heat.columns, height / heat.rows];
  return heat.seconds.map((seconds, i) => {
    const share = seconds / most;
    if (share < FAINT) return null;
    const [x, y] = [(i % heat.columns) * cellWidth, Math.floor(i / heat.columns) * cellHeight];
    const [wayX = 0, wayY = 0] = heat.ways[i] ?? [];
    const length = Math.hypot(wayX * width, wayY * height);
    const [middleX, middleY] = [x + cellWidth / 2, y + cellHeight / 2];
    const reach = Math.min(cellWidth, cellHeight) * 0.8;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no other name than its place
      <g key={i}>
        <rect
          x={x}
          y={y}
          width={cellWidth + 0.5}
          height={cellHeight + 0.5}
          className={own.cell}
          style={{ opacity: 0.12 + 0.68 * Math.sqrt(share) }}
        />
        {length > 0 && (
          <line
            x1={middleX}
            y1={middleY}
            x2={middleX + ((wayX * width) / length) * reach}
            y2={middleY + ((wayY * height) / length) * reach}
            className={own.way}
          />
        )}
      </g>
    );
  });
}
