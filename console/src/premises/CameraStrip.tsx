/** The cameras that see something, as they see it now. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { namedCamerasQuery } from "../api/queries";
import { SnapshotPicture } from "../live/SnapshotPicture";
import classes from "../ui/records.module.css";
import { Panel } from "../ui/surfaces";

export function CameraStrip({ cameraIds, none }: { cameraIds: readonly string[]; none: string }) {
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  return (
    <Panel title="Seen by">
      {cameraIds.length === 0 && <p className={classes.plain}>{none}</p>}
      {cameraIds.length > 0 && (
        <div className={classes.cameras}>
          {cameraIds.map((id) => {
            const name = cameras.find((c) => c.id === id)?.name ?? id;
            return (
              <Link key={id} to="/live" search={{ camera: id }}>
                <SnapshotPicture cameraId={id} alt={`${name}, now`} every_ms={3_000} />
                <span>{name}</span>
              </Link>
            );
          })}
        </div>
      )}
    </Panel>
  );
}
