/** One area: who is in it by badge and by camera, its doors, and what is open there. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { areasQuery, camerasQuery, doorsQuery, planQuery } from "../api/queries";
import type { Area } from "../api/types";
import { headcount } from "../map/headcount";
import { RiskWords } from "../map/RiskWords";
import { CameraStrip } from "../premises/CameraStrip";
import { usePremisesFeed } from "../premises/feed";
import { usePageTitle } from "../shell/session";
import { ago } from "../time/format";
import { useNow } from "../time/useNow";
import { Icon } from "../ui/Icon";
import classes from "../ui/records.module.css";
import { Empty, Failure, Loading, Panel } from "../ui/surfaces";
import { DoorMark } from "./DoorMark";

const route = getRouteApi("/app/areas/$areaId");

export function AreaPage() {
  const { areaId } = route.useParams();
  usePremisesFeed(["doors", "areas", "plan"]);
  const areas = useQuery(areasQuery);
  const area = areas.data?.find((one) => one.id === areaId);
  usePageTitle(area?.name ?? "Area");
  if (area) return <AreaView area={area} />;
  if (areas.error) return <Failure error={areas.error} retry={() => void areas.refetch()} />;
  if (areas.isPending) return <Loading what="the area" rows={8} />;
  return (
    <Empty title="There is no such area">
      <Link to="/map">To the map</Link>
    </Empty>
  );
}

function AreaView({ area }: { area: Area }) {
  const { data: doors = [] } = useQuery(doorsQuery);
  const { data: plan } = useQuery(planQuery);
  const { data: cameras = [] } = useQuery(camerasQuery);
  const risk = plan?.risks.find((one) => one.of === `areas/${area.id}`);
  const count = headcount(area, useNow());
  const its = doors.filter((door) => door.areas.includes(area.id));
  const seenBy = cameras.filter((c) => area.cameras.includes(c.id)).map((c) => c.id);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <Link to="/map" className={classes.back} aria-label="To the map">
          <Icon name="back" size={18} />
        </Link>
        <h1>{area.name}</h1>
        <span className={classes.spring}>{area.outside ? "outside: nobody is counted" : count.words}</span>
        <Link to="/map" search={{ at: `areas/${area.id}` }}>
          On the map
        </Link>
      </div>
      {count.disagree && (
        <p className={classes.warning} role="status">
          {count.why}
        </p>
      )}
      <div className={classes.columns}>
        <div className={classes.column}>
          <Inside area={area} />
          <CameraStrip cameraIds={seenBy} none="No camera's zones belong to this area." />
        </div>
        <div className={classes.column}>
          <Panel title="Open here">
            {risk ? (
              <RiskWords risk={risk} />
            ) : (
              <p className={classes.plain}>Nothing waits for anybody here.</p>
            )}
          </Panel>
          <Panel title="Doors">
            <ul className={classes.list}>
              {its.map((door) => (
                <li key={door.id}>
                  <Link to="/doors/$doorId" params={{ doorId: door.id }}>
                    {door.name}
                  </Link>
                  <DoorMark door={door} />
                </li>
              ))}
            </ul>
            {its.length === 0 && <p className={classes.plain}>No door leads here.</p>}
          </Panel>
        </div>
      </div>
    </div>
  );
}

function Inside({ area }: { area: Area }) {
  const now = useNow();
  return (
    <Panel title="Inside, by credentials">
      {area.inside === null && (
        <p className={classes.plain}>{area.people} people. Who they are is for those who handle incidents.</p>
      )}
      {area.inside?.length === 0 && <p className={classes.plain}>Nobody is known to be inside.</p>}
      <ul className={classes.list}>
        {area.inside?.map((one) => (
          <li key={`${one.holder_id}-${one.credential}`}>
            {one.holder_id ? (
              <Link to="/holders/$holderId" params={{ holderId: one.holder_id }}>
                {one.name ?? one.holder_id}
              </Link>
            ) : (
              <span>Credential {one.credential ?? "unknown"}</span>
            )}
            <small>since {ago(one.since, now)}</small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
