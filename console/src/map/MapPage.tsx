/** The site from above: where everything is, how it is now, and where something waits for somebody. */

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { areasQuery, doorsQuery, faringCamerasQuery, planQuery } from "../api/queries";
import type { Area, Camera, Door, Plan, Risk } from "../api/types";
import { DoorMark } from "../doors/DoorMark";
import { byNeed, isUnwell } from "../doors/look";
import { usePremisesFeed } from "../premises/feed";
import { usePageTitle, useRights } from "../shell/session";
import { useNow } from "../time/useNow";
import { Icon } from "../ui/Icon";
import { RiskMeter } from "../ui/marks";
import records from "../ui/records.module.css";
import { Failure, Loading, PageHead, Panel } from "../ui/surfaces";
import { headcount } from "./headcount";
import { layOut } from "./layout";
import { MapEditor } from "./MapEditor";
import classes from "./map.module.css";
import { SiteMap } from "./SiteMap";
import { pageOf, subjectOf } from "./subjects";

const route = getRouteApi("/app/map");

export function MapPage() {
  usePageTitle("Map");
  usePremisesFeed(["doors", "areas", "plan"]);
  const plan = useQuery(planQuery);
  const areas = useQuery(areasQuery);
  const doors = useQuery(doorsQuery);
  const cameras = useQuery(faringCamerasQuery);
  const failed = [plan, areas, doors, cameras].find((one) => one.error && !one.data);
  if (failed) return <Failure error={failed.error} retry={() => void failed.refetch()} />;
  if (!plan.data || !areas.data || !doors.data || !cameras.data) return <Loading what="the map" rows={10} />;
  return <MapView plan={plan.data} areas={areas.data} doors={doors.data} cameras={cameras.data} />;
}

interface MapViewProps {
  plan: Plan;
  areas: Area[];
  doors: Door[];
  cameras: Camera[];
}

function MapView({ plan, areas, doors, cameras }: MapViewProps) {
  const { at } = route.useSearch();
  const { administers } = useRights();
  const [arranging, setArranging] = useState(false);
  const layout = useMemo(() => layOut({ plan, areas, doors, cameras }), [plan, areas, doors, cameras]);
  useEffect(() => {
    if (at) document.querySelector(`[data-of="${CSS.escape(at)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at]);
  if (arranging)
    return (
      <MapEditor
        premises={{ plan, areas, doors, cameras }}
        layout={layout}
        close={() => setArranging(false)}
      />
    );
  return (
    <div className={classes.page}>
      <PageHead title="Map">
        <Legend />
        {administers && (
          <Button
            variant="default"
            leftSection={<Icon name="zone" size={16} />}
            onClick={() => setArranging(true)}
          >
            Arrange
          </Button>
        )}
      </PageHead>
      <div className={classes.main}>
        {areas.length + cameras.length === 0 ? (
          <p className={classes.note}>
            There is nothing to show yet: add a camera, or describe areas and doors in the site file.
          </p>
        ) : (
          <SiteMap
            plan={plan}
            layout={layout}
            areas={areas}
            doors={doors}
            cameras={cameras}
            lit={at ? [at] : []}
          />
        )}
        {layout.scheme && areas.length > 0 && (
          <p className={classes.note}>
            A scheme, drawn from which doors join which areas.
            {administers && " Arrange it, or give the site file a plan, to see things where they are."}
          </p>
        )}
        <Loose loose={layout.loose} areas={areas} doors={doors} cameras={cameras} />
      </div>
      <div className={classes.side}>
        <Areas areas={areas} risks={plan.risks} at={at} />
        <Doors doors={doors} />
      </div>
    </div>
  );
}

function Legend() {
  return (
    <div className={classes.legend}>
      <span title="A place has the risk of the gravest incident there that is not resolved">
        Risk of incidents not resolved:
      </span>
      {(["high", "medium", "low"] as const).map((severity) => (
        <span key={severity} style={{ "--tone": `var(--${severity})` } as React.CSSProperties}>
          <i className={classes.swatch} aria-hidden="true" />
          {severity}
        </span>
      ))}
    </div>
  );
}

function Areas({ areas, risks, at }: { areas: Area[]; risks: Risk[]; at: string | undefined }) {
  return (
    <Panel title="Areas">
      {areas.length === 0 && (
        <p className={records.plain}>
          The site file says nothing of areas, so that only cameras are on the map.
        </p>
      )}
      <ul className={classes.areas}>
        {areas.map((area) => (
          <AreaLine
            key={area.id}
            area={area}
            risk={risks.find((one) => one.of === `areas/${area.id}`)}
            lit={at === `areas/${area.id}`}
          />
        ))}
      </ul>
    </Panel>
  );
}

function AreaLine({ area, risk, lit }: { area: Area; risk: Risk | undefined; lit: boolean }) {
  const { words, disagree, why } = headcount(area, useNow());
  const [gravest] = risk?.incidents ?? [];
  return (
    <li aria-current={lit || undefined}>
      <span className={classes.areaTop}>
        <Link to="/areas/$areaId" params={{ areaId: area.id }}>
          {area.name}
        </Link>
        {risk && <RiskMeter risk={risk.risk} severity={risk.severity} />}
      </span>
      <small data-disagree={disagree || undefined}>{why || words || "outside: nobody is counted"}</small>
      {risk && gravest && (
        <small>
          because of{" "}
          <Link to="/incidents/$incidentId" params={{ incidentId: gravest.id }}>
            #{gravest.number} {gravest.title}
          </Link>
          {risk.incidents.length > 1 && ` and ${risk.incidents.length - 1} more`}
        </small>
      )}
    </li>
  );
}

function Doors({ doors }: { doors: Door[] }) {
  const unwell = byNeed(doors).filter(isUnwell);
  if (doors.length === 0) return null;
  return (
    <Panel
      title="Doors that need a look"
      actions={
        <Link to="/doors" className={records.dim}>
          All doors
        </Link>
      }
    >
      {unwell.length === 0 && (
        <p className={records.plain}>None: all {doors.length} are as they should be.</p>
      )}
      <ul className={records.list}>
        {unwell.map((door) => (
          <li key={door.id}>
            <Link to="/doors/$doorId" params={{ doorId: door.id }}>
              {door.name}
            </Link>
            <DoorMark door={door} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

interface Named {
  id: string;
  name: string;
}

export function nameOf(
  of: string,
  { areas, doors, cameras }: { areas: readonly Named[]; doors: readonly Named[]; cameras: readonly Named[] },
): string {
  const { kind, id, name } = subjectOf(of);
  const list = { areas, doors, cameras }[kind];
  return list?.find((one) => one.id === id)?.name ?? name;
}

function Loose({ loose, ...known }: { loose: string[]; areas: Area[]; doors: Door[]; cameras: Camera[] }) {
  if (loose.length === 0) return null;
  return (
    <div className={classes.loose}>
      Not on the plan:
      {loose.map((of) => (
        <Link key={of} {...(pageOf(of) ?? { to: "/map" })} className={records.chip}>
          {nameOf(of, known)}
        </Link>
      ))}
    </div>
  );
}
