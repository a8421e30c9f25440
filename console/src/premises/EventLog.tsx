/** What a door, a holder or a till has on record, newest first; each line opens its event. */

import { Button } from "@mantine/core";
import { type UseInfiniteQueryResult, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { namedAreasQuery, namedCamerasQuery } from "../api/queries";
import type { CustosEvent, Page } from "../api/types";
import { sentence, typeName } from "../events/words";
import { useHolderNames } from "../holders/naming";
import { useHere } from "../shell/session";
import { full, moment } from "../time/format";
import { MINUTE_MS, useNow } from "../time/useNow";
import classes from "../ui/records.module.css";
import { Empty, Failure, Loading, Panel } from "../ui/surfaces";

interface EventLogProps {
  title: string;
  log: UseInfiniteQueryResult<{ pages: Page<CustosEvent>[] }>;
  /** What it says while there is nothing. */
  empty: string;
  actions?: ReactNode;
  /** Where it happened, to stand in place of the event's type. */
  placeOf?: ((event: CustosEvent) => string | null) | undefined;
  chosen?: string | null;
  /** Instead of opening the event on the page of events. */
  choose?: ((event: CustosEvent) => void) | undefined;
}

export function EventLog({ title, log, empty, actions, placeOf, chosen, choose }: EventLogProps) {
  const events = useMemo(() => log.data?.pages.flatMap((page) => page.items) ?? [], [log.data]);
  return (
    <Panel title={title} actions={actions} className={classes.scrolls}>
      {log.error && !log.data ? <Failure error={log.error} retry={() => void log.refetch()} /> : null}
      {log.isPending && <Loading what="the log" rows={6} />}
      {log.data && events.length === 0 && (
        <Empty title="Nothing on record">
          <p>{empty}</p>
        </Empty>
      )}
      <ol className={classes.log}>
        {events.map((event) => (
          <LogLine
            key={event.id}
            event={event}
            place={placeOf?.(event)}
            chosen={event.id === chosen}
            choose={choose}
          />
        ))}
      </ol>
      {log.hasNextPage && (
        <Button
          fullWidth
          variant="subtle"
          loading={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          Older
        </Button>
      )}
    </Panel>
  );
}

interface LogLineProps {
  event: CustosEvent;
  place: string | null | undefined;
  chosen: boolean;
  choose: ((event: CustosEvent) => void) | undefined;
}

function LogLine({ event, place, chosen, choose }: LogLineProps) {
  const { time_zone } = useHere().site;
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const { data: areas = [] } = useQuery(namedAreasQuery);
  const holders = useHolderNames([event]);
  const now = useNow(MINUTE_MS);
  const inside = (
    <>
      <time className="mono" dateTime={event.time} title={full(event.time, time_zone)}>
        {moment(event.time, time_zone, now)}
      </time>
      <span>{sentence(event, cameras, areas, holders)}</span>
      <small className={place ? undefined : "mono"}>{place ?? typeName(event)}</small>
    </>
  );
  return (
    <li>
      {choose ? (
        <button type="button" aria-pressed={chosen} onClick={() => choose(event)}>
          {inside}
        </button>
      ) : (
        <Link to="/events" search={{ event: event.id }}>
          {inside}
        </Link>
      )}
    </li>
  );
}
