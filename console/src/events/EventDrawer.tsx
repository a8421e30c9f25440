/** One event in full: picture, fields with their meaning, and the CloudEvent as any other program gets it. */

import { Button, CopyButton, Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  eventPictureUrl,
  eventQuery,
  eventTypesQuery,
  namedAreasQuery,
  namedCamerasQuery,
  namedDoorsQuery,
} from "../api/queries";
import type { CustosEvent, Json } from "../api/types";
import { useHolderNames } from "../holders/naming";
import { nameFromId } from "../map/subjects";
import { useHere } from "../shell/session";
import { full } from "../time/format";
import { AnnotatedPicture } from "../ui/AnnotatedPicture";
import { Failure, Loading } from "../ui/surfaces";
import { Ticked } from "../ui/Ticked";
import classes from "./events.module.css";
import { boxOf, cameraOf, pathOf, sentence, typeName } from "./words";

interface EventDrawerProps {
  eventId: string | null;
  known: readonly CustosEvent[];
  close: () => void;
}

export function EventDrawer({ eventId, known, close }: EventDrawerProps) {
  const here = known.find((e) => e.id === eventId);
  const fetched = useQuery({ ...eventQuery(eventId ?? ""), enabled: eventId !== null && !here });
  const event = here ?? fetched.data;
  return (
    <Drawer opened={eventId !== null} onClose={close} title={event ? typeName(event) : "Event"} size={460}>
      {event && <EventBody event={event} />}
      {!event && fetched.error && <Failure error={fetched.error} retry={() => void fetched.refetch()} />}
      {!event && fetched.isPending && <Loading what="the event" />}
    </Drawer>
  );
}

function EventBody({ event }: { event: CustosEvent }) {
  const { time_zone } = useHere().site;
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const { data: areas = [] } = useQuery(namedAreasQuery);
  const { data: doors = [] } = useQuery(namedDoorsQuery);
  const holders = useHolderNames([event]);
  const { data: types = [] } = useQuery(eventTypesQuery);
  const type = types.find((t) => t.name === typeName(event));
  const cameraId = cameraOf(event);
  const camera = cameras.find((c) => c.id === cameraId);
  const zone = camera?.zones.find((z) => z.id === event.data.zone_id) ?? null;
  const named: Record<string, readonly { id: string; name: string }[] | undefined> = {
    ...{ door_id: doors, area_id: areas, from_area: areas, into_area: areas, camera_id: cameras },
    ...{ zone_id: camera?.zones, line_id: camera?.lines },
  };
  const nameOf = (field: string, value: Json) => {
    if (field === "holder_id") return holders.get(`holders/${value}`);
    if (field === "till_id" || field === "panel_id") return nameFromId(String(value));
    return named[field]?.find((one) => one.id === value)?.name;
  };
  const path = pathOf(event);
  const pictured = boxOf(event) !== null;
  return (
    <div className={classes.drawer}>
      <h2>{sentence(event, cameras, areas, holders)}</h2>
      <p className="dim">
        <time dateTime={event.time}>{full(event.time, time_zone)}</time>
        {camera && (
          <>
            {", "}
            <Link to="/live" search={{ camera: camera.id }}>
              {camera.name}
            </Link>
          </>
        )}
      </p>
      {pictured && (
        <AnnotatedPicture
          src={eventPictureUrl(event.id)}
          alt={sentence(event, cameras, areas, holders)}
          box={boxOf(event)}
          zone={zone}
          paths={
            path.length > 1
              ? [{ subject: event.id, class: String(event.data.class ?? "unknown"), points: path }]
              : []
          }
        />
      )}
      {type && (
        <p className="dim">
          <Ticked words={type.meaning} />
        </p>
      )}
      <dl className={classes.fields}>
        {Object.entries(event.data).map(([name, value]) => (
          <div key={name}>
            <dt title={type?.fields.find((f) => f.name === name)?.meaning}>{name}</dt>
            <dd>
              {name === "holder_id" && holders.get(`holders/${value}`) ? (
                <Link to="/holders/$holderId" params={{ holderId: String(value) }}>
                  {nameOf(name, value)}
                </Link>
              ) : (
                nameOf(name, value)
              )}{" "}
              <span className="mono">{brief(value)}</span>
            </dd>
          </div>
        ))}
        {event.subject && (
          <div>
            <dt>subject</dt>
            <dd className="mono">
              <Link to="/events" search={{ subject: event.subject }}>
                {event.subject}
              </Link>
            </dd>
          </div>
        )}
      </dl>
      <Raw event={event} />
    </div>
  );
}

function brief(value: Json): string {
  if (typeof value === "number") return String(Math.round(value * 1000) / 1000);
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.length > 4) return `${value.length} points`;
  if (Array.isArray(value)) return value.map(brief).join(", ");
  if (value === null || typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${isGroup(one) ? `(${brief(one)})` : brief(one)}`)
    .join(", ");
}

function isGroup(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function Raw({ event }: { event: CustosEvent }) {
  const text = JSON.stringify(event, null, 2);
  return (
    <section className={classes.raw} aria-label="CloudEvent">
      <div className={classes.rawHead}>
        <h3>CloudEvent</h3>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="subtle" size="compact-xs" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
