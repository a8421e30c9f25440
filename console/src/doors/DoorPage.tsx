/** One door: how it is, who may pass now, what it has on record, and who sees it. */

import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import {
  areasQuery,
  changes,
  doorQuery,
  logQuery,
  type NamedCamera,
  namedCamerasQuery,
  passingQuery,
} from "../api/queries";
import type { Area, Door, Passing } from "../api/types";
import { IncidentsAbout } from "../incidents/IncidentsAbout";
import { CameraStrip } from "../premises/CameraStrip";
import { EventLog } from "../premises/EventLog";
import { usePremisesFeed } from "../premises/feed";
import { useHere, usePageTitle, useRights } from "../shell/session";
import { toastDone } from "../shell/toasts";
import { ago, clock, duration } from "../time/format";
import { useNow } from "../time/useNow";
import { Icon } from "../ui/Icon";
import classes from "../ui/records.module.css";
import { errorText, Failure, Loading, Panel } from "../ui/surfaces";
import { DoorMark } from "./DoorMark";
import styles from "./doors.module.css";
import { doorLook } from "./look";

const route = getRouteApi("/app/doors/$doorId");

export function DoorPage() {
  const { doorId } = route.useParams();
  usePremisesFeed(["doors", "log"]);
  const door = useQuery(doorQuery(doorId));
  usePageTitle(door.data?.name ?? "Door");
  if (door.data) return <DoorView key={doorId} door={door.data} />;
  if (door.error) return <Failure error={door.error} retry={() => void door.refetch()} />;
  return <Loading what="the door" rows={8} />;
}

function DoorView({ door }: { door: Door }) {
  const { operates } = useRights();
  const { data: areas = [] } = useQuery(areasQuery);
  const log = useInfiniteQuery(logQuery(`doors/${door.id}`));
  const look = doorLook(door);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <Link to="/doors" className={classes.back} aria-label="All doors">
          <Icon name="back" size={18} />
        </Link>
        <h1>{door.name}</h1>
        <DoorMark door={door} />
        <span className={classes.spring}>{look.besides.join(", ")}</span>
        <Link to="/map" search={{ at: `doors/${door.id}` }}>
          On the map
        </Link>
        {operates && <Shunting door={door} />}
      </div>
      <div className={classes.columns}>
        <div className={classes.column} data-last>
          <EventLog title="Log" log={log} empty="What this door and its readers tell appears here." />
        </div>
        <div className={classes.column}>
          <IncidentsAbout of={`doors/${door.id}`} none="None is on record of this door." />
          <State door={door} areas={areas} />
          {operates && <WhoMayPass door={door} areas={areas} />}
          <CameraStrip
            cameraIds={door.cameras}
            none="No camera sees this door. Name some under “cameras” in its entry of the site file."
          />
        </div>
      </div>
    </div>
  );
}

const WEEK: [title: string, field: keyof Door["week"], grave: boolean][] = [
  ["Forced", "forced", true],
  ["Held", "held", true],
  ["Propped", "propped", true],
  ["Tailgated", "tailgated", true],
  ["Denied", "denied", false],
  ["Used", "used", false],
];

function State({ door, areas }: { door: Door; areas: Area[] }) {
  const { state, readers } = door;
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const { site } = useHere();
  const now = useNow();
  const name = nameIn(areas);
  const rows: [string, string][] = [
    ["Joins", `${name(door.areas[0])} and ${name(door.areas[1])}`],
    ["Contact", state ? (door.sensor ? state.contact : "no contact") : "not known yet"],
    ["Lock", state?.lock ?? "not known yet"],
    ...(state?.mode ? [["Mode", state.mode] as [string, string]] : []),
    ...(state?.opened_at
      ? [
          ["Open since", `${clock(state.opened_at, site.time_zone)}, ${ago(state.opened_at, now)}`] as [
            string,
            string,
          ],
        ]
      : []),
    ["Readers", readers.map((r) => `${r.id}, into ${name(r.into)}`).join("; ") || "none: both ways are free"],
    ["People counted", countedWords(door, cameras)],
    [
      "Alarm when open",
      `after ${duration(door.open_time_s)}, ${duration(door.extended_open_time_s)} for who needs longer`,
    ],
    ...(door.free ? [["Stands free", `in the hours of “${door.free}”`] as [string, string]] : []),
    ...(door.interlock.length ? [["Interlocked with", door.interlock.join(", ")] as [string, string]] : []),
    ...(door.device ? [["Told by", door.device] as [string, string]] : []),
  ];
  return (
    <Panel title="State and last seven days">
      <dl className={styles.week}>
        {WEEK.map(([title, field, grave]) => (
          <div key={field} data-grave={(grave && door.week[field] > 0) || undefined}>
            <dt>{title}</dt>
            <dd>{door.week[field]}</dd>
          </div>
        ))}
      </dl>
      <dl className={`${classes.facts} ${styles.factsBody}`}>
        {rows.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function countedWords({ state, threshold }: Door, cameras: readonly NamedCamera[]): string {
  if (!state) return "not known yet";
  if (state.uncounted) return `not now. ${state.uncounted}`;
  const camera = cameras.find((one) => one.id === threshold?.camera_id);
  const line = camera?.lines.find((one) => one.id === threshold?.line_id);
  const by = threshold
    ? `by camera ${camera?.name ?? threshold.camera_id}, line “${line?.name ?? threshold.line_id}”`
    : "";
  if (state.people_in === null) return by;
  return `${state.people_in} in and ${state.people_out ?? 0} out in this opening, ${by}`;
}

const nameIn = (areas: Area[]) => (id: string) => areas.find((a) => a.id === id)?.name ?? id;

function WhoMayPass({ door, areas }: { door: Door; areas: Area[] }) {
  const passing = useQuery(passingQuery(door.id));
  const name = nameIn(areas);
  return (
    <Panel title="Who may pass now">
      {passing.error && !passing.data ? (
        <Failure error={passing.error} retry={() => void passing.refetch()} />
      ) : null}
      {passing.isPending && <Loading what="who may pass" rows={3} />}
      {passing.data?.ways.map((way) => (
        <Way key={way.into} way={way} into={name(way.into)} />
      ))}
    </Panel>
  );
}

function Way({ way, into }: { way: Passing["ways"][number]; into: string }) {
  if (way.free)
    return (
      <div className={styles.way}>
        <h3>Into {into}: anybody</h3>
        <p>{way.free_because}</p>
      </div>
    );
  return (
    <div className={styles.way}>
      <h3>
        Into {into}: {way.count === 1 ? "one holder" : `${way.count} holders`}
      </h3>
      <p className={styles.names}>
        {way.holders.map((one) => (
          <Link
            key={one.id}
            to="/holders/$holderId"
            params={{ holderId: one.id }}
            title={one.roles.join(", ")}
          >
            {one.name}
          </Link>
        ))}
        {way.count > way.holders.length && <span>and {way.count - way.holders.length} more</span>}
        {way.count === 0 && <span>Nobody is let in at this hour.</span>}
      </p>
    </div>
  );
}

const SPANS = [
  { value: "600", label: "10 minutes" },
  { value: "1800", label: "30 minutes" },
  { value: "7200", label: "2 hours" },
  { value: "28800", label: "8 hours" },
];

function Shunting({ door }: { door: Door }) {
  const [asked, setAsked] = useState(false);
  const [reason, setReason] = useState("");
  const [span, setSpan] = useState("1800");
  const client = useQueryClient();
  const done = (words: string) => {
    toastDone(words, door.name);
    setAsked(false);
    void client.invalidateQueries({ queryKey: ["doors"] });
    void client.invalidateQueries({ queryKey: ["log"] });
  };
  const shunt = useMutation({
    mutationFn: () => changes.shunt(door.id, { for_s: Number(span), reason: reason.trim() }),
    onSuccess: () => done("Alarms suspended"),
  });
  const unshunt = useMutation({
    mutationFn: () => changes.unshunt(door.id),
    onSuccess: () => done("Alarms in force"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    shunt.mutate();
  };
  if (door.state?.shunted)
    return (
      <Button loading={unshunt.isPending} onClick={() => unshunt.mutate()}>
        Alarms in force again
      </Button>
    );
  return (
    <>
      <Button variant="default" onClick={() => setAsked(true)}>
        Suspend alarms
      </Button>
      <Modal
        opened={asked}
        onClose={() => setAsked(false)}
        title={`Suspend the alarms of ${door.name}`}
        size="sm"
      >
        <form onSubmit={submit}>
          <Stack gap="md">
            <p className="dim">
              Nothing of this door is an alarm for so long. It goes on record with your name.
            </p>
            <Select label="For" data={SPANS} value={span} onChange={(value) => setSpan(value ?? "1800")} />
            <TextInput
              data-autofocus
              label="Why"
              placeholder="A delivery, a repair"
              required
              maxLength={200}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {shunt.error && (
              <p className={classes.wrong} role="alert">
                {errorText(shunt.error).detail || errorText(shunt.error).title}
              </p>
            )}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" size="sm" onClick={() => setAsked(false)}>
                Cancel
              </Button>
              <Button type="submit" size="sm" disabled={!reason.trim()} loading={shunt.isPending}>
                Suspend
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
