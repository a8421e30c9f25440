/** How every camera fares. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { faringCamerasQuery } from "../api/queries";
import type { Camera } from "../api/types";
import { usePageTitle, useRights } from "../shell/session";
import { duration } from "../time/format";
import { useNow } from "../time/useNow";
import { Icon } from "../ui/Icon";
import { LinkMark } from "../ui/marks";
import { Records } from "../ui/Records";
import { PageHead } from "../ui/surfaces";
import classes from "./cameras.module.css";
import { FirstCamera } from "./FirstCamera";
import { figures } from "./figures";
import { troublesOf, watchOf } from "./health/health";
import { DoubtMark, TroubleMark, WatchMark } from "./health/marks";

export function CamerasPage() {
  usePageTitle("Cameras");
  const cameras = useQuery(faringCamerasQuery);
  const { administers } = useRights();
  const navigate = useNavigate();
  if (cameras.data?.length === 0) return <FirstCamera />;
  return (
    <div className={classes.page}>
      <PageHead title="Cameras">
        {administers && (
          <Button
            leftSection={<Icon name="plus" size={16} />}
            onClick={() => void navigate({ to: "/cameras/new" })}
          >
            Add a camera
          </Button>
        )}
      </PageHead>
      <Records what="cameras" query={cameras} rows={6} none="">
        {(some) => <CameraTable cameras={some} />}
      </Records>
    </div>
  );
}

const COLUMNS: [title: string, meaning: string][] = [
  ["Pictures", "Pictures a second that arrive"],
  ["Detection", "Pictures a second the detector looked at"],
  ["Dropped", "Of the pictures that wanted detection, how many got none"],
  ["Latency", "From capture to the end of understanding, median of the last minute"],
  ["Bit rate", "Of the stream"],
  ["Stream", "Codec and size"],
  ["Objects", "In the picture now"],
];

function CameraTable({ cameras }: { cameras: Camera[] }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Camera</th>
          <th scope="col">State</th>
          <th scope="col" title="What is wrong with the camera itself, and how much of it is looked at">
            View
          </th>
          {COLUMNS.map(([title, meaning]) => (
            <th key={title} scope="col" className={classes.figure} title={meaning}>
              {title}
            </th>
          ))}
          <th scope="col">Zones, lines</th>
        </tr>
      </thead>
      <tbody>
        {cameras.map((camera) => (
          <CameraRow key={camera.id} camera={camera} />
        ))}
      </tbody>
    </table>
  );
}

function CameraRow({ camera }: { camera: Camera }) {
  const { zones, lines, state } = camera;
  const shown = figures(state);
  const cells = [
    shown.fps,
    shown.detection,
    shown.dropped,
    shown.latency,
    shown.bitRate,
    shown.stream,
    shown.objects,
  ];
  return (
    <tr>
      <th scope="row">
        <Link to="/cameras/$cameraId" params={{ cameraId: camera.id }} className={classes.rowLink}>
          {camera.name}
        </Link>
        <small className="mono">{camera.url}</small>
      </th>
      <td className={classes.stacked}>
        <LinkMark link={state.state} />
        {state.reason && <small className={classes.reason}>{state.reason}</small>}
      </td>
      <td className={classes.stacked}>
        <View camera={camera} />
      </td>
      {cells.map((cell, i) => (
        <td key={COLUMNS[i]?.[0]} className={`mono ${classes.figure}`} data-title={COLUMNS[i]?.[0]}>
          {cell}
        </td>
      ))}
      <td className={classes.wide} data-title="Zones, lines">
        {zones.length} {zones.length === 1 ? "zone" : "zones"}, {lines.length}{" "}
        {lines.length === 1 ? "line" : "lines"}
      </td>
    </tr>
  );
}

function View({ camera: { state } }: { camera: Camera }) {
  const troubles = troublesOf(state);
  const watch = watchOf(state);
  const now = useNow();
  const [gravest] = troubles;
  return (
    <span className={classes.view}>
      {troubles.map((trouble) => (
        <TroubleMark key={trouble.what} trouble={trouble} />
      ))}
      {gravest && (
        <small className={classes.reason}>
          {gravest.words} For {duration((now - Date.parse(gravest.since)) / 1000)}.
        </small>
      )}
      {state.needs_recalibration && <DoubtMark reason={state.recalibration_reason} />}
      {watch.how !== "away" && (troubles.length === 0 || watch.how === "strained") && (
        <WatchMark watch={watch} />
      )}
    </span>
  );
}
