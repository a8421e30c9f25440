/** Every door: how it is now, and how its week was. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { areasQuery, doorsQuery } from "../api/queries";
import type { Area, Door } from "../api/types";
import { headcount } from "../map/headcount";
import { EventMoment } from "../premises/EventMoment";
import { usePremisesFeed } from "../premises/feed";
import { usePageTitle } from "../shell/session";
import { useNow } from "../time/useNow";
import { Records } from "../ui/Records";
import classes from "../ui/records.module.css";
import { PageHead } from "../ui/surfaces";
import { DoorMark } from "./DoorMark";
import { byNeed, doorLook } from "./look";

export function DoorsPage() {
  usePageTitle("Doors");
  usePremisesFeed(["doors", "areas"]);
  const doors = useQuery(doorsQuery);
  return (
    <div className={classes.page}>
      <PageHead title="Doors">
        <p className="dim">Figures of the last seven days</p>
      </PageHead>
      <Records
        what="doors"
        query={doors}
        rows={8}
        none="Doors, the areas they join and their readers are described in the site file, under “areas” and “doors”. From then on Custos knows a forced door from an opened one."
      >
        {(some) => <DoorTable doors={some} />}
      </Records>
    </div>
  );
}

const WEEK: [title: string, field: keyof Door["week"], meaning: string, grave: boolean][] = [
  ["Forced", "forced", "Opened with no grant, in seven days", true],
  ["Held", "held", "Stood open for too long, in seven days", false],
  ["Tailgated", "tailgated", "More people than credentials went through, in seven days", true],
  ["Denied", "denied", "Credentials refused, in seven days", false],
  ["Used", "used", "Opened and closed again, in seven days", false],
];

function DoorTable({ doors }: { doors: Door[] }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Door</th>
          <th scope="col">State</th>
          <th scope="col">Last event</th>
          {WEEK.map(([title, field, meaning]) => (
            <th key={field} scope="col" className={classes.figure} title={meaning}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {byNeed(doors).map((door) => (
          <DoorRow key={door.id} door={door} />
        ))}
      </tbody>
    </table>
  );
}

function DoorRow({ door }: { door: Door }) {
  const { data: areas = [] } = useQuery(areasQuery);
  const name = (id: string) => areas.find((a) => a.id === id)?.name ?? id;
  const { besides } = doorLook(door);
  return (
    <tr>
      <th scope="row">
        <Link to="/doors/$doorId" params={{ doorId: door.id }} className={classes.rowLink}>
          {door.name}
        </Link>
        <small>
          {name(door.areas[0])} to {name(door.areas[1])}
        </small>
        {areas
          .filter((area) => area.disagreed_since !== null && door.areas.includes(area.id))
          .map((area) => (
            <Disagreement key={area.id} area={area} />
          ))}
      </th>
      <td className={classes.wide}>
        <DoorMark door={door} />
        {(besides.length > 0 || door.state?.mode) && (
          <small>{[...besides, ...(door.state?.mode ? [`mode: ${door.state.mode}`] : [])].join(", ")}</small>
        )}
      </td>
      <td className={classes.wide}>
        <EventMoment event={door.last_event} />
      </td>
      {WEEK.map(([title, field, , grave]) => (
        <td
          key={field}
          className={`mono ${classes.figure}`}
          data-title={title}
          data-some={door.week[field] > 0 && field !== "used" ? (grave ? "grave" : true) : undefined}
        >
          {door.week[field]}
        </td>
      ))}
    </tr>
  );
}

/** Beside a door: that in an area behind it cameras have seen more people than badges say. */
function Disagreement({ area }: { area: Area }) {
  const { words, why } = headcount(area, useNow());
  return (
    <small data-warns title={why}>
      <Link to="/areas/$areaId" params={{ areaId: area.id }}>
        {area.name}
      </Link>
      : {words}
    </small>
  );
}
