/** One holder: credentials, where they are, and what is on record of their day. */

import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { areasQuery, doorsQuery, holderQuery, logQuery } from "../api/queries";
import type { Area, Door, Holder } from "../api/types";
import { IncidentsAbout } from "../incidents/IncidentsAbout";
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
import { whenWords, whereWords } from "./permissions";
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
        <span className={classes.spring}>{holder.role_names.join(", ")}</span>
      </div>
      <div className={classes.columns}>
        <div className={classes.column} data-last>
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
          <IncidentsAbout of={`holders/${holder.id}`} none="None is about them." />
          <WhereTheyMayGo holder={holder} areas={areas} doors={doors} />
          <Credentials holder={holder} />
        </div>
      </div>
    </div>
  );
}

function WhereTheyMayGo({ holder, areas, doors }: { holder: Holder; areas: Area[]; doors: Door[] }) {
  const now = useNow(MINUTE_MS);
  const usable = holder.credentials.some((one) => credentialState(one, now, () => "").usable);
  const nameIn = (all: { id: string; name: string }[]) => (id: string) =>
    all.find((one) => one.id === id)?.name ?? id;
  return (
    <Panel title="Where they may go">
      <ul className={classes.list}>
        {holder.may.map((one, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what a role permits has no id, and keeps its place
          <li key={i}>
            <span>
              {whereWords(one, nameIn(areas), nameIn(doors))}
              <br />
              <small>
                {whenWords(one.when)}
                {one.when && `, as “${one.when.name}” says`} · {one.role}
              </small>
            </span>
            <span>
              <Dot colour={one.now && usable ? "var(--ok)" : "var(--text-3)"} hollow={!(one.now && usable)} />{" "}
              {one.now && usable ? "now" : "not now"}
            </span>
          </li>
        ))}
      </ul>
      {holder.may.length === 0 && (
        <p className={classes.plain}>No door lets them in: no role of theirs may.</p>
      )}
      {!usable && <p className={classes.plain}>None of their credentials may be used now.</p>}
      {holder.needs_escort && (
        <p className={classes.plain}>Only together with somebody whose role may escort them.</p>
      )}
    </Panel>
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
