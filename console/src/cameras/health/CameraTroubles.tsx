/** What is wrong with a camera now, and what to do about it: above whatever else its page shows. */

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { camerasQuery, changes } from "../../api/queries";
import type { Camera } from "../../api/types";
import { useHere, useRights } from "../../shell/session";
import { toastDone, toastFailed } from "../../shell/toasts";
import { duration, full, moment } from "../../time/format";
import { useNow } from "../../time/useNow";
import { Icon } from "../../ui/Icon";
import { errorText } from "../../ui/surfaces";
import { isAttack, remedy, troublesOf, troubleWord } from "./health";
import own from "./health.module.css";

export function CameraTroubles({ camera }: { camera: Camera }) {
  const { time_zone } = useHere().site;
  const now = useNow();
  const troubles = troublesOf(camera.state);
  if (troubles.length === 0 && !camera.state.needs_recalibration) return null;
  return (
    <section className={own.troubles} aria-label="What is wrong with this camera">
      {troubles.map((trouble) => (
        <div
          key={trouble.what}
          className={own.trouble}
          data-grave={isAttack(trouble) || undefined}
          role="status"
        >
          <Icon name="incidents" size={18} />
          <div>
            <strong>{troubleWord(trouble.what)}</strong> <span>{trouble.words}</span>
            <p>
              Since{" "}
              <time dateTime={trouble.since} title={full(trouble.since, time_zone)}>
                {moment(trouble.since, time_zone, now)}
              </time>
              , {duration((now - Date.parse(trouble.since)) / 1000)}. {remedy(trouble.what)}
            </p>
          </div>
        </div>
      ))}
      {camera.state.needs_recalibration && <Recalibration camera={camera} />}
    </section>
  );
}

/** After a move: the zones fit what is seen now, or they are drawn anew. */
function Recalibration({ camera }: { camera: Camera }) {
  const { administers } = useRights();
  const client = useQueryClient();
  const accept = useMutation({
    mutationFn: () => changes.recalibrate(camera.id),
    onSuccess: (changed) => {
      client.setQueryData(camerasQuery.queryKey, (all) =>
        all?.map((c) => (c.id === changed.id ? changed : c)),
      );
      toastDone("Zones confirmed", `${camera.name} is trusted again, as it looks now.`);
    },
    onError: (error) => {
      const { title, detail } = errorText(error);
      toastFailed(title, detail);
    },
  });
  const { integrity, recalibration_reason } = camera.state;
  const isMoved = integrity.some(({ what }) => what === "moved"); // then the reason stands above already
  return (
    <div className={own.trouble} role="status">
      <Icon name="zone" size={18} />
      <div>
        <strong>Needs recalibration</strong> {!isMoved && <span>{recalibration_reason}</span>}
        <p>
          Zones, lines and ground were drawn on another view, and their events are marked as doubtful. Compare
          them with the picture{administers ? "." : ", and tell an administrator."}
        </p>
        {administers && (
          <div className={own.ways}>
            <Button size="xs" loading={accept.isPending} onClick={() => accept.mutate()}>
              They fit: accept the picture as it is
            </Button>
            <Way camera={camera}>Redraw zones and lines</Way>
            {camera.ground && (
              <Way camera={camera} show="ground">
                Calibrate the ground anew
              </Way>
            )}
          </div>
        )}
      </div>
    </div>
  );
}

function Way({ camera, show, children }: { camera: Camera; show?: "ground"; children: string }) {
  return (
    <Link
      to="/cameras/$cameraId"
      params={{ cameraId: camera.id }}
      search={show ? { show } : {}}
      className={own.way}
    >
      {children}
    </Link>
  );
}
