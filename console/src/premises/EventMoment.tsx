/** The newest event of a thing, in a line of a list. */

import { useQuery } from "@tanstack/react-query";
import { namedAreasQuery, namedCamerasQuery } from "../api/queries";
import type { CustosEvent } from "../api/types";
import { sentence } from "../events/words";
import { useHolderNames } from "../holders/naming";
import { useHere } from "../shell/session";
import { ago, full } from "../time/format";
import { useNow } from "../time/useNow";

export function EventMoment({ event }: { event: CustosEvent | null }) {
  const { time_zone } = useHere().site;
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const { data: areas = [] } = useQuery(namedAreasQuery);
  const holders = useHolderNames(event ? [event] : []);
  const now = useNow();
  if (!event) return <span className="dim">nothing yet</span>;
  return (
    <span>
      {sentence(event, cameras, areas, holders)}{" "}
      <time className="dim" dateTime={event.time} title={full(event.time, time_zone)}>
        {ago(event.time, now)}
      </time>
    </span>
  );
}
