/** What waits for somebody, beside the picture. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { incidentsQuery } from "../api/queries";
import { ago } from "../time/format";
import { useNow } from "../time/useNow";
import { SEVERITY_COLOUR, SeverityMark, StateMark } from "../ui/marks";
import { Empty, Failure, Loading, Panel } from "../ui/surfaces";
import classes from "./live.module.css";

export function OpenIncidents() {
  const incidents = useInfiniteQuery(incidentsQuery(["open", "acknowledged"], 30));
  const now = useNow();
  const list = incidents.data?.pages[0]?.items ?? [];
  return (
    <Panel
      title="Needs attention"
      className={classes.attention}
      actions={
        <Link to="/incidents" className={classes.more}>
          All incidents
        </Link>
      }
    >
      {incidents.error && !incidents.data ? (
        <Failure error={incidents.error} retry={() => void incidents.refetch()} />
      ) : null}
      {incidents.isPending && <Loading what="incidents" rows={4} />}
      {incidents.data && list.length === 0 && (
        <Empty title="All quiet">
          <p>Incidents appear here by themselves, the newest first.</p>
        </Empty>
      )}
      <ul className={classes.waiting}>
        {list.map((one) => (
          <li key={one.id} style={{ borderLeftColor: SEVERITY_COLOUR[one.severity] }}>
            <Link to="/incidents/$incidentId" params={{ incidentId: one.id }}>
              <strong>{one.title}</strong>
              <span className={classes.waitingFacts}>
                <SeverityMark severity={one.severity} />
                <StateMark state={one.state} />
                <time dateTime={one.opened_at}>{ago(one.opened_at, now)}</time>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
