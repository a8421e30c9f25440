/** The last things that happened at the camera being watched. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useFeed } from "../api/feed";
import { eventsQuery } from "../api/queries";
import type { Camera } from "../api/types";
import { cameraOf, sentence, typeName } from "../events/words";
import { useHere } from "../shell/session";
import { moment } from "../time/format";
import { MINUTE_MS, useNow } from "../time/useNow";
import { Empty, Failure, Loading, Panel } from "../ui/surfaces";
import classes from "./live.module.css";

const SHOWN = 12;
const TYPES = ["zone.", "line.", "camera."];

export function CameraEvents({ camera }: { camera: Camera }) {
  const { time_zone } = useHere().site;
  const client = useQueryClient();
  const query = eventsQuery(
    { types: TYPES, camera: camera.id, subject: null, since: null, until: null },
    SHOWN,
  );
  const events = useInfiniteQuery(query);
  const now = useNow(MINUTE_MS);
  useFeed((item) => {
    if (item.kind !== "event" || cameraOf(item.event) !== camera.id) return;
    if (TYPES.some((t) => typeName(item.event).startsWith(t)))
      void client.invalidateQueries({ queryKey: query.queryKey });
  });
  const list = events.data?.pages[0]?.items ?? [];
  return (
    <Panel
      title="Latest here"
      className={classes.latest}
      actions={
        <Link to="/events" search={{ camera: camera.id }} className={classes.more}>
          All events
        </Link>
      }
    >
      {events.error && !events.data ? (
        <Failure error={events.error} retry={() => void events.refetch()} />
      ) : null}
      {events.isPending && <Loading what="events" rows={3} />}
      {events.data && list.length === 0 && (
        <Empty title="Nothing has happened here yet">
          <p>People and vehicles that enter zones or cross lines of this camera appear here.</p>
        </Empty>
      )}
      <ol className={classes.ticker}>
        {list.map((event) => (
          <li key={event.id}>
            <Link to="/events" search={{ camera: camera.id, event: event.id }}>
              <time className="mono" dateTime={event.time}>
                {moment(event.time, time_zone, now)}
              </time>
              <span>{sentence(event, [camera])}</span>
            </Link>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
