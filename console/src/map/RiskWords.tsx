/** Why a place has its colour: the incidents there that are not resolved. */

import { Link } from "@tanstack/react-router";
import type { Risk } from "../api/types";
import { RiskMeter, StateMark } from "../ui/marks";
import classes from "../ui/records.module.css";

export function RiskWords({ risk }: { risk: Risk }) {
  return (
    <ul className={classes.list}>
      {risk.incidents.map((one) => (
        <li key={one.id}>
          <Link to="/incidents/$incidentId" params={{ incidentId: one.id }}>
            #{one.number} {one.title}
          </Link>
          <StateMark state={one.state} />
          <RiskMeter risk={one.risk} severity={one.severity} />
        </li>
      ))}
    </ul>
  );
}
