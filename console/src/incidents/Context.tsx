/** Why an incident was opened, event by event; what logs had; who was inside; where it is; what is related. */

import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { Happened, IncidentContext, IncidentDetail, LogExcerpt } from "../api/types";
import { PlaceOnPlan } from "../map/PlaceOnPlan";
import { useHere } from "../shell/session";
import { full, moment } from "../time/format";
import { MINUTE_MS, useNow } from "../time/useNow";
import { StateMark } from "../ui/marks";
import { Panel } from "../ui/surfaces";
import { offsetMark, sharedWords, spelled } from "./context";
import classes from "./context.module.css";
import incidents from "./incidents.module.css";

export function Why({
  incident,
  context,
}: {
  incident: IncidentDetail;
  context: IncidentContext | undefined;
}) {
  const cause = context?.cause;
  return (
    <Panel title="Why this matters" padded>
      <ul className={incidents.reasons}>
        {incident.reasons.map((reason) => (
          <li key={reason}>{spelled(reason)}</li>
        ))}
      </ul>
      {cause && (
        <dl className={classes.cause}>
          <dt>The rule</dt>
          <dd>
            {cause.description || cause.title} <small className="mono">{cause.rule_id}</small>
          </dd>
          {cause.falsepositives.length > 0 && (
            <>
              <dt>It may also be</dt>
              <dd>
                <ul>
                  {cause.falsepositives.map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                </ul>
              </dd>
            </>
          )}
        </dl>
      )}
    </Panel>
  );
}

export function Because({ context }: { context: IncidentContext | undefined }) {
  return (
    <Panel title="Events it rests on" className={classes.scrolls}>
      <Lines events={context?.because ?? []} empty="They are no longer stored." marks />
    </Panel>
  );
}

export function Logs({ context }: { context: IncidentContext | undefined }) {
  const rests = new Set(context?.because.map((event) => event.event_id));
  return (
    <>
      {context?.logs.map((log) => (
        <Panel
          key={log.of}
          title={titleOf(log)}
          actions={<PlaceLink place={log.of}>All of it</PlaceLink>}
          className={classes.scrolls}
        >
          <Lines events={log.events} empty="Nothing on record." rests={rests} of={log.of} />
        </Panel>
      ))}
    </>
  );
}

function titleOf({ of, name }: LogExcerpt): string {
  return of.startsWith("doors/") ? `Log of ${name}` : `${name}, that day`;
}

interface LinesProps {
  events: Happened[];
  empty: string;
  /** Offsets in place of times of day. */
  marks?: boolean;
  /** Events to be told from the others. */
  rests?: Set<string>;
  /** Whose log it is: that goes without saying in its lines. */
  of?: string;
}

function Lines({ events, empty, marks = false, rests, of = "" }: LinesProps) {
  const { time_zone } = useHere().site;
  const now = useNow(MINUTE_MS);
  if (events.length === 0) return <p className={classes.none}>{empty}</p>;
  return (
    <ol className={classes.lines}>
      {events.map((event) => (
        <li key={event.event_id} data-rests={rests?.has(event.event_id) || undefined}>
          <Link to="/events" search={{ event: event.event_id }}>
            <time className="mono" dateTime={event.at} title={full(event.at, time_zone)}>
              {moment(event.at, time_zone, now)}
              {marks && <small>{offsetMark(event.offset_s)}</small>}
            </time>
            <span>
              {event.words}
              <small>
                {[
                  of.startsWith("holders/") || event.words.includes(event.holder?.name ?? "")
                    ? null
                    : event.holder?.name,
                  of.startsWith("doors/") || event.words.includes(event.place_name ?? "")
                    ? null
                    : event.place_name,
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </small>
            </span>
          </Link>
        </li>
      ))}
    </ol>
  );
}

export function Where({ context }: { context: IncidentContext | undefined }) {
  const of = useMemo(() => context?.places.map((one) => one.place) ?? [], [context?.places]);
  if (!context || context.places.length === 0) return null;
  return (
    <Panel
      title="Where"
      padded
      actions={
        context.map_at && (
          <Link to="/map" search={{ at: context.map_at }} className={classes.map}>
            On the map
          </Link>
        )
      }
    >
      <PlaceOnPlan of={of} />
      <p className={classes.places}>
        {context.places.map((place) => (
          <span key={place.place}>
            <PlaceLink place={place.place}>{place.name}</PlaceLink>
            {place.place.startsWith("cameras/") && ", camera"}
          </span>
        ))}
      </p>
      {context.holders && context.holders.length > 0 && (
        <p className={classes.about}>
          About{" "}
          {context.holders.map((one, i) => (
            <span key={one.id}>
              {i > 0 && ", "}
              <PlaceLink place={`holders/${one.id}`}>{one.name}</PlaceLink>
            </span>
          ))}
        </p>
      )}
    </Panel>
  );
}

/** To the page of a door, an area, a camera, a till or a holder; plain text for what has none. */
function PlaceLink({ place, children }: { place: string; children: ReactNode }) {
  const [kind, id = ""] = place.split("/");
  switch (kind) {
    case "doors":
      return (
        <Link to="/doors/$doorId" params={{ doorId: id }}>
          {children}
        </Link>
      );
    case "areas":
      return (
        <Link to="/areas/$areaId" params={{ areaId: id }}>
          {children}
        </Link>
      );
    case "cameras":
      return (
        <Link to="/live" search={{ camera: id }}>
          {children}
        </Link>
      );
    case "tills":
      return (
        <Link to="/tills/$tillId" params={{ tillId: id }}>
          {children}
        </Link>
      );
    case "holders":
      return (
        <Link to="/holders/$holderId" params={{ holderId: id }}>
          {children}
        </Link>
      );
    default:
      return children;
  }
}

export function Inside({ context }: { context: IncidentContext | undefined }) {
  const { time_zone } = useHere().site;
  const now = useNow(MINUTE_MS);
  if (!context || context.people.length === 0) return null;
  return (
    <Panel title="Who was inside" className={classes.scrolls}>
      {context.people.map((area) => (
        <section key={area.area_id} className={classes.area}>
          <h3>
            {area.name} <b>{area.people}</b> by badge
            {area.seen !== null && (
              <span data-differs={area.seen > area.people || undefined}>, {area.seen} seen</span>
            )}
          </h3>
          <ul>
            {area.inside?.map((one) => (
              <li key={`${one.holder_id ?? ""}${one.credential ?? ""}`}>
                <span>{one.name ?? one.holder_id ?? `Credential ${one.credential ?? "unknown"}`}</span>
                <time className="mono" dateTime={one.since}>
                  since {moment(one.since, time_zone, now)}
                </time>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {context.known_at && (
        <p className={classes.none}>
          As of {moment(context.known_at, time_zone, now)}, by readers and cameras.
        </p>
      )}
    </Panel>
  );
}

export function RelatedIncidents({ context }: { context: IncidentContext | undefined }) {
  const { time_zone } = useHere().site;
  const now = useNow(MINUTE_MS);
  if (!context || context.state === "waiting" || context.state === "none") return null;
  const hours = Math.round(context.related_within_s / 3600);
  return (
    <Panel title="Related incidents" className={classes.scrolls}>
      {context.related.length === 0 && (
        <p className={classes.none}>None at these places in the {hours} hours before.</p>
      )}
      <ol className={classes.lines}>
        {context.related.map((one) => (
          <li key={one.id}>
            <Link to="/incidents/$incidentId" params={{ incidentId: one.id }} search={(s) => s}>
              <time className="mono" dateTime={one.opened_at}>
                {moment(one.opened_at, time_zone, now)}
              </time>
              <span>
                <span className={incidents.number}>#{one.number}</span> {one.title}
                <small>{sharedWords(one.shared)}</small>
              </span>
              <StateMark state={one.state} />
            </Link>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
