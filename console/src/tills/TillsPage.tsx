/** Every till, and what its week was like. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { namedCamerasQuery, tillsQuery } from "../api/queries";
import type { Till } from "../api/types";
import { nameFromId } from "../map/subjects";
import { EventMoment } from "../premises/EventMoment";
import { usePremisesFeed } from "../premises/feed";
import { usePageTitle } from "../shell/session";
import { Records } from "../ui/Records";
import classes from "../ui/records.module.css";
import { PageHead } from "../ui/surfaces";

export function TillsPage() {
  usePageTitle("Tills");
  usePremisesFeed(["tills"]);
  const tills = useQuery(tillsQuery);
  return (
    <div className={classes.page}>
      <PageHead title="Tills" />
      <Records
        what="tills"
        query={tills}
        rows={5}
        none="A till appears here once it speaks, or once the site file says which camera sees it, under “views”. Tills speak JSON over HTTP or lines of text over TCP: see “devices”."
      >
        {(some) => <TillTable tills={some} />}
      </Records>
    </div>
  );
}

const WEEK: [title: string, field: keyof Till["week"], meaning: string][] = [
  ["Sales", "sales", "In seven days"],
  ["Refunds", "refunds", "Money given back, in seven days"],
  ["Voids", "voids", "Sales or lines cancelled, in seven days"],
  ["No sale", "no_sales", "Drawer opened without a sale, in seven days"],
  ["Overrides", "overrides", "Prices changed by hand, in seven days"],
];

function TillTable({ tills }: { tills: Till[] }) {
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const name = (id: string) => cameras.find((c) => c.id === id)?.name ?? id;
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Till</th>
          <th scope="col">Last event</th>
          {WEEK.map(([title, field, meaning]) => (
            <th key={field} scope="col" className={classes.figure} title={meaning}>
              {title}
            </th>
          ))}
          <th scope="col">Seen by</th>
        </tr>
      </thead>
      <tbody>
        {tills.map((till) => (
          <tr key={till.id}>
            <th scope="row">
              <Link to="/tills/$tillId" params={{ tillId: till.id }} className={classes.rowLink}>
                {nameFromId(till.id)}
              </Link>
            </th>
            <td className={classes.wide}>
              <EventMoment event={till.last_event} />
            </td>
            {WEEK.map(([title, field]) => (
              <td
                key={field}
                className={`mono ${classes.figure}`}
                data-title={title}
                data-some={(till.week[field] > 0 && field !== "sales") || undefined}
              >
                {till.week[field]}
              </td>
            ))}
            <td data-title="Seen by">{till.cameras.map(name).join(", ") || "no camera"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
