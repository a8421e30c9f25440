/** Everything that happens, as it happens, and everything that happened. */

import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { memo, useCallback, useMemo, useState } from "react";
import { useFeed } from "../api/feed";
import {
  type EventFilter,
  eventsQuery,
  namedAreasQuery,
  namedCamerasQuery,
  namedDoorsQuery,
} from "../api/queries";
import type { CustosEvent } from "../api/types";
import { useHolderNames } from "../holders/naming";
import { useKeys } from "../shell/keys";
import { useHere, usePageTitle } from "../shell/session";
import { full, moment } from "../time/format";
import { MINUTE_MS, useNow } from "../time/useNow";
import { Icon } from "../ui/Icon";
import { Dot, Kbd } from "../ui/marks";
import { Empty, Failure, Loading } from "../ui/surfaces";
import { EventDrawer } from "./EventDrawer";
import { EventFilters } from "./EventFilters";
import classes from "./events.module.css";
import { filterOf, matches, merge } from "./filter";
import { placeName, sentence, typeName } from "./words";

const ROWS_AT_MOST = 2_000;
const FRESH_AT_MOST = 500;

const route = getRouteApi("/app/events");

export function EventsPage() {
  usePageTitle("Events");
  const search = route.useSearch();
  const { site } = useHere();
  const { event: _, ...asked } = search;
  const key = JSON.stringify(asked);
  // A span counted back from now begins when it was asked for and does not slide along.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the search without the open event
  const filter = useMemo(() => filterOf(search, Date.now(), site.id), [key]);
  return (
    <div className={classes.page}>
      <EventFilters />
      <EventList key={key} filter={filter} />
    </div>
  );
}

/** Live events that belong here, held back while paused. */
function useFresh(filter: EventFilter, refetch: () => void) {
  const [paused, setPaused] = useState(false);
  const [fresh, setFresh] = useState<CustosEvent[]>([]);
  const [held, setHeld] = useState<CustosEvent[]>([]);
  useFeed((item) => {
    if (item.kind === "gap") return refetch();
    if (!matches(filter, item.event)) return;
    const add = (list: CustosEvent[]) => [item.event, ...list].slice(0, FRESH_AT_MOST);
    if (paused) setHeld(add);
    else setFresh(add);
  });
  const toggle = () => {
    if (paused) {
      setFresh((list) => [...held, ...list].slice(0, FRESH_AT_MOST));
      setHeld([]);
    }
    setPaused(!paused);
  };
  return { paused, toggle, fresh, held: held.length };
}

function EventList({ filter }: { filter: EventFilter }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const events = useInfiniteQuery(eventsQuery(filter));
  const { paused, toggle, fresh, held } = useFresh(filter, () => void events.refetch());
  const rows = useMemo(
    () => merge(fresh, events.data?.pages.flatMap((page) => page.items) ?? [], ROWS_AT_MOST),
    [fresh, events.data],
  );
  const open = useCallback(
    (id: string | undefined) => void navigate({ search: (s) => ({ ...s, event: id }) }),
    [navigate],
  );
  const step = (by: 1 | -1) => {
    const at = rows.findIndex((e) => `event-${e.id}` === document.activeElement?.id);
    const next = at < 0 ? rows[0] : rows[at + by];
    if (next) document.getElementById(`event-${next.id}`)?.focus();
  };
  useKeys({ p: toggle, j: () => step(1), k: () => step(-1) });

  return (
    <section className={classes.list} aria-label="Events">
      <div className={classes.listHead}>
        <span className={classes.liveState}>
          <Dot colour={paused ? "var(--medium)" : "var(--ok)"} hollow={paused} />
          <span role="status">{paused ? "Paused" : "Live"}</span>
          {paused && <span className="dim">{held} new</span>}
        </span>
        <Button
          variant="default"
          size="compact-sm"
          onClick={toggle}
          leftSection={<Icon name={paused ? "play" : "pause"} size={15} />}
          rightSection={<Kbd>p</Kbd>}
        >
          {paused ? "Go on" : "Pause"}
        </Button>
      </div>
      <div className={classes.rows}>
        {events.error && !events.data ? (
          <Failure error={events.error} retry={() => void events.refetch()} />
        ) : null}
        {events.isPending && <Loading what="events" rows={14} />}
        {events.data && rows.length === 0 && (
          <Empty title="No events">
            <p>None matches these filters yet. What happens from now on appears here by itself.</p>
          </Empty>
        )}
        <ol>
          {rows.map((event) => (
            <EventRow key={event.id} event={event} chosen={event.id === search.event} open={open} />
          ))}
        </ol>
        {events.hasNextPage && rows.length < ROWS_AT_MOST && (
          <Button
            fullWidth
            variant="subtle"
            loading={events.isFetchingNextPage}
            onClick={() => void events.fetchNextPage()}
          >
            Load more
          </Button>
        )}
      </div>
      <EventDrawer eventId={search.event ?? null} known={rows} close={() => open(undefined)} />
    </section>
  );
}

interface EventRowProps {
  event: CustosEvent;
  chosen: boolean;
  open: (id: string) => void;
}

/** Drawn again only when it changes itself: the list may be long, and it moves. */
const EventRow = memo(function EventRow({ event, chosen, open }: EventRowProps) {
  const { time_zone } = useHere().site;
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const { data: areas = [] } = useQuery(namedAreasQuery);
  const { data: doors = [] } = useQuery(namedDoorsQuery);
  const holders = useHolderNames([event]);
  const now = useNow(MINUTE_MS);
  return (
    <li>
      <button
        type="button"
        id={`event-${event.id}`}
        className={classes.row}
        data-event-type={typeName(event)}
        aria-current={chosen || undefined}
        onClick={() => open(event.id)}
      >
        <time className="mono" dateTime={event.time} title={full(event.time, time_zone)}>
          {moment(event.time, time_zone, now)}
        </time>
        <span className={classes.what}>{sentence(event, cameras, areas, holders)}</span>
        <span className={classes.camera}>{placeName(event, cameras, { areas, doors })}</span>
        <span className={`mono ${classes.type}`} data-family={typeName(event).split(".")[0]}>
          {typeName(event)}
        </span>
      </button>
    </li>
  );
});
