/** A small plan on which only what somebody asks about is marked: for pages about something that is somewhere. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { areasQuery, doorsQuery, faringCamerasQuery, planQuery } from "../api/queries";
import { layOut } from "./layout";
import classes from "./map.module.css";
import { placed } from "./placed";
import { SiteMap } from "./SiteMap";

/** `of`: places as incidents name them, "doors/front", "cameras/lobby"; nothing where none of them is on the plan. */
export function PlaceOnPlan({ of }: { of: readonly string[] }) {
  const { data: plan } = useQuery(planQuery);
  const { data: areas } = useQuery(areasQuery);
  const { data: doors } = useQuery({ ...doorsQuery, refetchInterval: false });
  const { data: cameras } = useQuery({ ...faringCamerasQuery, refetchInterval: false });
  const layout = useMemo(
    () => plan && areas && doors && cameras && placed(layOut({ plan, areas, doors, cameras }), of),
    [plan, areas, doors, cameras, of],
  );
  if (!plan || !areas || !doors || !cameras || !layout) return null;
  return (
    <div className={classes.inset}>
      <SiteMap
        plan={{ ...plan, risks: [] }}
        layout={layout}
        areas={areas}
        doors={doors}
        cameras={cameras}
        lit={of}
      />
    </div>
  );
}
