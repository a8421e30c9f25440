/** One holder: credentials, where they are, and what is on record of their day. */

import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { areasQuery, doorsQuery, holderQuery, logQuery } from "../api/queries";
import type { Holder } from "../api/types";
import { EventLog } from "../premises/EventLog";
import { usePremisesFeed } from "../premises/feed";
import { useHere, usePageTitle, useRights } from "../shell/session";
import { ago, day, fromWallClock, toWallClock } from "../time/format";
import { MINUTE_MS, useNow } from "../time/useNow";
import { Icon } from "../ui/Icon";
import { Dot } from "../ui/marks";
import classes from "../ui/records.module.css";
import { Failure, Loading, Panel } from "../ui/surfaces";
import { NotForViewers } from "./HoldersPage";
import { credentialState } from "./words";

const route = getRouteApi("/app/holders/$holderId");

export function HolderPage() {
  const { operates } = useRights();
  usePageTitle("Holder");
  return operates ? <Known /> : <NotForViewers />;
}

function Known() {
  const { holderId } = route.useParams();
  usePremisesFeed(["holder", "log"]);
  const holder = useQuery(holderQuery(holderId));
  if (holder.data) return <HolderView key={holderId} holder={holder.data} />;
  if (holder.error) return <Failure error={holder.error} retry={() => void holder.refetch()} />;
  return <Loading what="the holder" rows={8} />;
}

function HolderView({ holder }: { holder: Holder }) {
  const { time_zone } = useHere().site;
  const { data: areas = [] } = useQuery(areasQuery);
  const { data: doors = [] } = useQuery({ ...doorsQuery, refetchInterval: false });
  const now = useNow(MINUTE_MS);
  const [span, setSpan] = useState<"today" | "all">("today");
  // The day as the site counts it.
  const midnight = fromWallClock(
    `${toWallClock(new Date(now).toISOString(), time_zone).slice(0, 10)}T00:00`,
    time_zone,
  );
  const log = useInfiniteQuery(logQuery(`holders/${holder.id}`, span === "today" ? midnight : null));
  const where = areas.find((a) => a.id === holder.area_id);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <Link to="/holders" className={classes.back} aria-label="All holders">
          <Icon name="back" size={18} />
        </Link>
        <h1>{holder.name}</h1>
        <span className={classes.spring}>{holder.roles.join(", ")}</span>
      </div>
      <div className={classes.columns}>
        <div className={classes.column}>
          <EventLog
            title="Log"
            log={log}
            placeOf={(event) =>
              doors.find((door) => event.source.endsWith(`/doors/${door.id}`))?.name ?? null
            }
            empty={
              span === "today"
                ? "Nothing yet today: no door has let them in or refused them."
                : "No door has let them in or refused them."
            }
            actions={
              <SegmentedControl
                size="xs"
                aria-label="Of when"
                data={[
                  { value: "today", label: "Today" },
                  { value: "all", label: "All" },
                ]}
                value={span}
                onChange={(value) => setSpan(value === "all" ? "all" : "today")}
              />
            }
          />
        </div>
        <div className={classes.column}>
          <Panel title="Where" padded>
            {holder.area_id ? (
              <p>
                In{" "}
                <Link to="/areas/$areaId" params={{ areaId: holder.area_id }}>
                  {where?.name ?? holder.area_id}
                </Link>
                {holder.area_since && ` since ${ago(holder.area_since, now)}`}, by their credentials.
              </p>
            ) : (
              <p className="dim">Not known to be inside: they have not come in, or have gone out.</p>
            )}
          </Panel>
          <Credentials holder={holder} />
        </div>
      </div>
    </div>
  );
}

function Credentials({ holder }: { holder: Holder }) {
  const { time_zone } = useHere().site;
  const now = useNow(MINUTE_MS);
  return (
    <Panel title="Credentials">
      <ul className={classes.list}>
        {holder.credentials.map((one) => {
          const { words, usable } = credentialState(one, now, (at) => day(at, time_zone));
          return (
            <li key={one.number}>
              <span className="mono">{one.number}</span>
              <span>
                <Dot colour={usable ? "var(--ok)" : "var(--high)"} hollow={!usable} /> {words}
              </span>
            </li>
          );
        })}
      </ul>
      {holder.credentials.length === 0 && <p className={classes.plain}>They have none.</p>}
      {holder.needs_longer && <p className={classes.plain}>Doors may stand open for their extended time.</p>}
    </Panel>
  );
}
