/** One till: its transactions, what was out of the ordinary, and what its camera saw at that moment. */

import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { eventPictureUrl, eventsQuery, namedCamerasQuery, sourceQuery, tillsQuery } from "../api/queries";
import type { CustosEvent, Till } from "../api/types";
import { boxOf, sentence, typeName } from "../events/words";
import { IncidentsAbout } from "../incidents/IncidentsAbout";
import { nameFromId } from "../map/subjects";
import { CameraStrip } from "../premises/CameraStrip";
import { EventLog } from "../premises/EventLog";
import { usePremisesFeed } from "../premises/feed";
import { useHere, usePageTitle } from "../shell/session";
import { clock, full } from "../time/format";
import { AnnotatedPicture } from "../ui/AnnotatedPicture";
import { Icon } from "../ui/Icon";
import classes from "../ui/records.module.css";
import { Empty, Failure, Loading, Panel } from "../ui/surfaces";
import { aroundThe, EXCEPTIONS, nearest } from "./exceptions";

const route = getRouteApi("/app/tills/$tillId");

export function TillPage() {
  const { tillId } = route.useParams();
  usePremisesFeed(["tills", "log"]);
  usePageTitle(nameFromId(tillId));
  const tills = useQuery(tillsQuery);
  const till = tills.data?.find((one) => one.id === tillId);
  if (till) return <TillView key={tillId} till={till} />;
  if (tills.error) return <Failure error={tills.error} retry={() => void tills.refetch()} />;
  if (tills.isPending) return <Loading what="the till" rows={8} />;
  return (
    <Empty title="There is no such till">
      <Link to="/tills">All tills</Link>
    </Empty>
  );
}

function TillView({ till }: { till: Till }) {
  const { site } = useHere();
  const [which, setWhich] = useState<"exceptions" | "all">("exceptions");
  const [chosen, setChosen] = useState<CustosEvent | null>(null);
  const types = which === "exceptions" ? EXCEPTIONS : ["pos."];
  const log = useInfiniteQuery(sourceQuery(`/sites/${site.id}/tills/${till.id}`, types));
  const newest = log.data?.pages[0]?.items[0] ?? null;
  const shown = chosen ?? newest;
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <Link to="/tills" className={classes.back} aria-label="All tills">
          <Icon name="back" size={18} />
        </Link>
        <h1 title={till.id}>{nameFromId(till.id)}</h1>
        <span className={classes.spring}>
          Seven days: sales {till.week.sales}, refunds {till.week.refunds}, voids {till.week.voids}, no sale{" "}
          {till.week.no_sales}, overrides {till.week.overrides}
        </span>
        <Link to="/map" search={{ at: `tills/${till.id}` }}>
          On the map
        </Link>
      </div>
      <div className={classes.columns}>
        <div className={classes.column}>
          <EventLog
            title="Transactions"
            log={log}
            empty={
              which === "exceptions"
                ? "No refund, void, drawer opened without a sale or changed price."
                : "This till has told nothing yet."
            }
            chosen={shown?.id ?? null}
            choose={setChosen}
            actions={
              <SegmentedControl
                size="xs"
                aria-label="Which transactions"
                data={[
                  { value: "exceptions", label: "Exceptions" },
                  { value: "all", label: "All" },
                ]}
                value={which}
                onChange={(value) => {
                  setWhich(value === "all" ? "all" : "exceptions");
                  setChosen(null);
                }}
              />
            }
          />
        </div>
        <div className={classes.column}>
          {shown && <AtThatMoment key={shown.id} event={shown} cameraIds={till.cameras} />}
          <IncidentsAbout of={`tills/${till.id}`} none="None is on record of this till." />
          <CameraStrip
            cameraIds={till.cameras}
            none="No camera is known to see this till. Say so under “views” in the site file."
          />
        </div>
      </div>
    </div>
  );
}

/** What is told with the picture of its own moment: of who leaves there is none. */
const PICTURED = ["zone.entered", "zone.loitered", "line.crossed", "track.started", "object.left"];

/** What the cameras saw within a minute of a transaction: the picture nearest to it. */
function AtThatMoment({ event, cameraIds }: { event: CustosEvent; cameraIds: readonly string[] }) {
  const { time_zone } = useHere().site;
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const camera = cameraIds[0] ?? null;
  const span = aroundThe(event.time);
  const seen = useInfiniteQuery({
    ...eventsQuery({ types: PICTURED, camera, subject: null, ...span }, 100),
    enabled: camera !== null,
  });
  const best = nearest(seen.data?.pages[0]?.items.filter((one) => boxOf(one) !== null) ?? [], event.time);
  return (
    <Panel title="At that moment">
      <div className={classes.list}>
        <AnnotatedPicture
          src={best && eventPictureUrl(best.id)}
          alt={best ? sentence(best, cameras) : "No picture"}
          box={best && boxOf(best)}
          missing={
            camera
              ? "Nobody came or moved about before the camera within a minute."
              : "No camera sees this till."
          }
        />
      </div>
      <p className={classes.plain}>
        <strong>{sentence(event, cameras)}</strong>, {full(event.time, time_zone)}.{" "}
        {best && (
          <>
            {sentence(best, cameras)} at {clock(best.time, time_zone)}.{" "}
          </>
        )}
        <Link to="/events" search={{ event: event.id }}>
          The {typeName(event)} event
        </Link>
      </p>
    </Panel>
  );
}
