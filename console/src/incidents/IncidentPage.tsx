/** One incident on one page: what was seen, why it matters, what has been done, and what to do next. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { incidentContextQuery, incidentQuery, namedCamerasQuery } from "../api/queries";
import type { IncidentDetail, TimelineEntry } from "../api/types";
import { useKeys } from "../shell/keys";
import { useHere, useRights } from "../shell/session";
import { full, moment } from "../time/format";
import { MINUTE_MS, useNow } from "../time/useNow";
import { Icon } from "../ui/Icon";
import { Kbd, RiskMeter, SeverityMark, StateMark } from "../ui/marks";
import { errorText, Failure, Loading, Panel } from "../ui/surfaces";
import { Because, Inside, Logs, RelatedIncidents, Where, Why } from "./Context";
import { spelled } from "./context";
import { NoteDialog, ResolveDialog } from "./dialogs";
import classes from "./incidents.module.css";
import { Pictures } from "./Pictures";
import { type IncidentWish, useIncidentChange } from "./useIncidentChange";
import { dispositionName } from "./words";

const route = getRouteApi("/app/incidents/$incidentId");

export function IncidentPage() {
  const { incidentId } = route.useParams();
  const incident = useQuery(incidentQuery(incidentId));
  return (
    <article className={classes.detailColumn} aria-label="Incident">
      <Link to="/incidents" search={(s) => s} className={classes.back}>
        <Icon name="back" size={18} /> Incidents
      </Link>
      {incident.error && !incident.data ? (
        <Failure error={incident.error} retry={() => void incident.refetch()} />
      ) : null}
      {incident.isPending && <Loading what="the incident" rows={10} />}
      {incident.data && <Detail key={incidentId} incident={incident.data} />}
    </article>
  );
}

function Detail({ incident }: { incident: IncidentDetail }) {
  const { time_zone } = useHere().site;
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const camera = cameras.find((c) => c.id === incident.camera_id);
  const { data: context, error } = useQuery(incidentContextQuery(incident.id));
  return (
    <>
      <header className={classes.head}>
        <div className={classes.title}>
          <h2>
            <span className={classes.number}>#{incident.number}</span> {incident.title}
          </h2>
          <p className={classes.facts}>
            <SeverityMark severity={incident.severity} />
            <RiskMeter risk={incident.risk} severity={incident.severity} />
            <StateMark state={incident.state} />
            {incident.disposition && <span>{dispositionName(incident.disposition)}</span>}
            <time dateTime={incident.opened_at}>{full(incident.opened_at, time_zone)}</time>
            {camera && (
              <Link to="/live" search={{ camera: camera.id }}>
                {camera.name}, live
              </Link>
            )}
          </p>
        </div>
        <Actions incident={incident} />
      </header>
      {error && !context ? <Failure error={error} /> : null}
      <div className={classes.columns}>
        <div className={classes.column}>
          <Pictures incident={incident} context={context} />
          <Because context={context} />
          <Logs context={context} />
        </div>
        <div className={classes.column}>
          <Why incident={incident} context={context} />
          <Where context={context} />
          <Inside context={context} />
          <Timeline entries={incident.timeline} />
          <RelatedIncidents context={context} />
        </div>
      </div>
    </>
  );
}

function Actions({ incident }: { incident: IncidentDetail }) {
  const { operates } = useRights();
  const [dialog, setDialog] = useState<"resolve" | "note" | null>(null);
  const change = useIncidentChange(incident, () => setDialog(null));
  const act = (wish: IncidentWish) => change.mutate(wish);
  const { state } = incident;
  const open = (which: "resolve" | "note") => {
    change.reset();
    setDialog(which);
  };
  useKeys({
    a: () => operates && state === "open" && act({ action: "acknowledge" }),
    r: () => operates && state !== "resolved" && open("resolve"),
    n: () => operates && open("note"),
  });
  if (!operates) return null;
  return (
    <div className={classes.actions}>
      {change.error && !dialog ? (
        <p className={classes.conflict} role="alert">
          <strong>{errorText(change.error).title}</strong> {errorText(change.error).detail}
        </p>
      ) : null}
      <div className={classes.buttons}>
        <Button variant="default" size="sm" onClick={() => open("note")} rightSection={<Kbd>n</Kbd>}>
          Note
        </Button>
        {state === "resolved" ? (
          <Button
            variant="default"
            size="sm"
            loading={change.isPending}
            onClick={() => act({ action: "reopen" })}
          >
            Reopen
          </Button>
        ) : (
          <Button
            variant={state === "open" ? "default" : "filled"}
            size="sm"
            onClick={() => open("resolve")}
            rightSection={<Kbd>r</Kbd>}
          >
            Resolve
          </Button>
        )}
        {state === "open" && (
          <Button
            size="sm"
            loading={change.isPending && !dialog}
            onClick={() => act({ action: "acknowledge" })}
            rightSection={<Kbd>a</Kbd>}
          >
            Acknowledge
          </Button>
        )}
      </div>
      <ResolveDialog opened={dialog === "resolve"} close={() => setDialog(null)} change={change} />
      <NoteDialog opened={dialog === "note"} close={() => setDialog(null)} change={change} />
    </div>
  );
}

function Timeline({ entries }: { entries: TimelineEntry[] }) {
  const { time_zone } = useHere().site;
  const now = useNow(MINUTE_MS);
  const newestFirst = entries.toReversed();
  return (
    <Panel title="Timeline" className={classes.timelinePanel}>
      <ol className={classes.timeline}>
        {newestFirst.map((entry, i) => (
          <li key={`${entry.at}-${(entries.length - i).toString()}`} data-kind={entry.kind}>
            <time className="mono" dateTime={entry.at}>
              {moment(entry.at, time_zone, now)}
            </time>
            <span>
              {entry.kind === "signal" ? spelled(entry.text) : entry.text}
              {entry.actor !== "custos" && <small> {entry.actor}</small>}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
