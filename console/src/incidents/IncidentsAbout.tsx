/** What has happened at a door, an area or a till, or with a holder: what waits for somebody, and what was lately
 * resolved. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { incidentsAboutQuery } from "../api/queries";
import type { Incident } from "../api/types";
import { useHere } from "../shell/session";
import { full, moment } from "../time/format";
import { MINUTE_MS, useNow } from "../time/useNow";
import { SEVERITY_COLOUR, SeverityMark, StateMark } from "../ui/marks";
import { Failure, Loading, Panel } from "../ui/surfaces";
import classes from "./incidents.module.css";

interface IncidentsAboutProps {
  /** "doors/front", "holders/ada" */
  of: string;
  /** What it says while there is none. */
  none: string;
}

export function IncidentsAbout({ of, none }: IncidentsAboutProps) {
  const waiting = useQuery(incidentsAboutQuery(of, ["open", "acknowledged"], 20));
  const resolved = useQuery(incidentsAboutQuery(of, ["resolved"], 5));
  const failed = [waiting, resolved].find((one) => one.error && !one.data);
  const list = waiting.data && resolved.data && [...waiting.data, ...resolved.data];
  return (
    <Panel title="Incidents" className={classes.aboutPanel}>
      {failed ? <Failure error={failed.error} retry={() => void failed.refetch()} /> : null}
      {!failed && !list && <Loading what="incidents" rows={3} />}
      {list?.length === 0 && <p className={classes.quiet}>{none}</p>}
      <ul className={classes.about}>
        {list?.map((one) => (
          <Line key={one.id} incident={one} />
        ))}
      </ul>
    </Panel>
  );
}

function Line({ incident }: { incident: Incident }) {
  const { time_zone } = useHere().site;
  const now = useNow(MINUTE_MS);
  return (
    <li style={{ borderLeftColor: SEVERITY_COLOUR[incident.severity] }}>
      <Link to="/incidents/$incidentId" params={{ incidentId: incident.id }} search={{ state: "all" }}>
        <span>
          <span className={classes.number}>#{incident.number}</span> {incident.title}
        </span>
        <span className={classes.facts}>
          <SeverityMark severity={incident.severity} />
          <StateMark state={incident.state} />
          <time dateTime={incident.opened_at} title={full(incident.opened_at, time_zone)}>
            {moment(incident.opened_at, time_zone, now)}
          </time>
        </span>
      </Link>
    </li>
  );
}
