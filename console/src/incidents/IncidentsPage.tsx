/** The list of incidents; the one chosen opens beside it. */

import { Button, SegmentedControl, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { incidentsQuery, namedCamerasQuery } from "../api/queries";
import type { Incident, IncidentState, Severity } from "../api/types";
import { useKeys } from "../shell/keys";
import { useHere, usePageTitle } from "../shell/session";
import { ago, full } from "../time/format";
import { useNow } from "../time/useNow";
import { RiskMeter, SEVERITY_COLOUR, SeverityMark, StateMark } from "../ui/marks";
import { Empty, Failure, Loading } from "../ui/surfaces";
import classes from "./incidents.module.css";

export type StateFilter = "active" | "open" | "resolved" | "all";

const STATES: Record<StateFilter, IncidentState[]> = {
  active: ["open", "acknowledged"],
  open: ["open"],
  resolved: ["resolved"],
  all: [],
};

const STATE_CHOICES: { value: StateFilter; label: string }[] = [
  { value: "active", label: "Active" },
  { value: "open", label: "Open" },
  { value: "resolved", label: "Resolved" },
  { value: "all", label: "All" },
];

const SEVERITY_CHOICES: { value: Severity | "any"; label: string }[] = [
  { value: "any", label: "Any severity" },
  { value: "high", label: "High" },
  { value: "medium", label: "Medium" },
  { value: "low", label: "Low" },
];

const route = getRouteApi("/app/incidents");

export function IncidentsPage() {
  usePageTitle("Incidents");
  const { state = "active", severity } = route.useSearch();
  const navigate = route.useNavigate();
  const { incidentId } = useParams({ strict: false });
  const incidents = useInfiniteQuery(incidentsQuery(STATES[state]));
  const all = incidents.data?.pages.flatMap((page) => page.items) ?? [];
  const list = severity ? all.filter((one) => one.severity === severity) : all;

  const step = (by: 1 | -1) => {
    const at = list.findIndex((one) => one.id === incidentId);
    const next = at < 0 ? list[0] : list[at + by];
    if (next)
      void navigate({ to: "/incidents/$incidentId", params: { incidentId: next.id }, search: (s) => s });
  };
  useKeys({ j: () => step(1), k: () => step(-1) });

  return (
    <div className={classes.split} data-detail={incidentId ? true : undefined}>
      <section className={classes.listColumn} aria-label="Incidents">
        <div className={classes.filters}>
          <h1>Incidents</h1>
          <SegmentedControl
            role="radiogroup"
            size="xs"
            aria-label="State"
            data={STATE_CHOICES}
            value={state}
            onChange={(value) => void navigate({ to: ".", search: (s) => ({ ...s, state: value }) })}
          />
          <Select
            size="xs"
            w={132}
            aria-label="Severity"
            data={SEVERITY_CHOICES}
            value={severity ?? "any"}
            onChange={(value) =>
              void navigate({
                to: ".",
                search: (s) => ({ ...s, severity: value === "any" ? undefined : (value as Severity) }),
              })
            }
          />
        </div>
        <div className={classes.list}>
          {incidents.error && !incidents.data ? (
            <Failure error={incidents.error} retry={() => void incidents.refetch()} />
          ) : null}
          {incidents.isPending && <Loading what="incidents" rows={9} />}
          {incidents.data && list.length === 0 && <Nothing state={state} />}
          <ul>
            {list.map((one) => (
              <Row key={one.id} incident={one} chosen={one.id === incidentId} />
            ))}
          </ul>
          {incidents.hasNextPage && (
            <Button
              fullWidth
              variant="subtle"
              loading={incidents.isFetchingNextPage}
              onClick={() => void incidents.fetchNextPage()}
            >
              Older incidents
            </Button>
          )}
        </div>
      </section>
      <Outlet />
    </div>
  );
}

function Nothing({ state }: { state: StateFilter }) {
  if (state === "active" || state === "open") {
    return (
      <Empty title="Nothing waits for you">
        <p>New incidents appear here by themselves. Resolved ones are under “Resolved”.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No incidents">
      <p>None matches these filters.</p>
    </Empty>
  );
}

function Row({ incident, chosen }: { incident: Incident; chosen: boolean }) {
  const { time_zone } = useHere().site;
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const now = useNow();
  const camera = cameras.find((c) => c.id === incident.camera_id);
  useEffect(() => {
    if (chosen) document.getElementById(`row-${incident.id}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen, incident.id]);
  return (
    <li id={`row-${incident.id}`} style={{ borderLeftColor: SEVERITY_COLOUR[incident.severity] }}>
      <Link
        to="/incidents/$incidentId"
        params={{ incidentId: incident.id }}
        search={(s) => s}
        className={classes.row}
        aria-current={chosen || undefined}
      >
        <span className={classes.rowTop}>
          <span className={classes.number}>#{incident.number}</span>
          <strong>{incident.title}</strong>
          <RiskMeter risk={incident.risk} severity={incident.severity} />
        </span>
        <span className={classes.rowFacts}>
          <SeverityMark severity={incident.severity} />
          <StateMark state={incident.state} />
          <span className={classes.where}>{camera?.name ?? incident.camera_id}</span>
          <time dateTime={incident.opened_at} title={full(incident.opened_at, time_zone)}>
            {ago(incident.opened_at, now)}
          </time>
        </span>
      </Link>
    </li>
  );
}

export function NoIncidentChosen() {
  return (
    <section className={classes.detailColumn} aria-label="Incident">
      <Empty title="Choose an incident">
        <p>Its picture, reasons and history open here. The keys j and k go through the list.</p>
      </Empty>
    </section>
  );
}
