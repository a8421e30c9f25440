/** From an address to a picture: add, watch it connect, and mend the address while it does not. */

import { Button, Group } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { camerasQuery, changes, faringCamerasQuery } from "../api/queries";
import type { Camera } from "../api/types";
import { SnapshotPicture } from "../live/SnapshotPicture";
import { LinkMark } from "../ui/marks";
import { asSentence } from "../ui/sentence";
import { Panel } from "../ui/surfaces";
import { type CameraFields, CameraForm } from "./CameraForm";
import classes from "./cameras.module.css";
import { figures } from "./figures";
import { settingsOf } from "./Saving";

const BLANK: CameraFields = {
  name: "",
  url: "",
  transport: "tcp",
  loop: false,
  enabled: true,
  detect_fps: 5,
};

const EXAMPLES: [kind: string, address: string][] = [
  ["IP camera", "rtsp://user:password@192.168.1.20:554/stream1"],
  ["MJPEG over HTTP", "http://192.168.1.21/video.mjpg"],
  ["Video file", "/videos/entrance.mp4"],
  ["Camera of this machine", "/dev/video0"],
];

/** `addedId`: the camera that was added and is being tried; it stands in the address, so that nothing is lost by a reload. */
export function AddCamera({ addedId }: { addedId?: string | undefined }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: cameras = [] } = useQuery(faringCamerasQuery);
  const added = cameras.find((c) => c.id === addedId);
  const add = useMutation({
    mutationFn: ({ name, url, transport }: CameraFields) => changes.addCamera({ name, url, transport }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: camerasQuery.queryKey });
      void client.invalidateQueries({ queryKey: ["site"] });
      await navigate({ to: "/cameras/new", search: { added: id } });
    },
  });
  if (added) return <Trial camera={added} again={() => void navigate({ to: "/cameras/new" })} />;
  return (
    <div className={classes.adding}>
      <Panel title="New camera" padded>
        <CameraForm
          initial={BLANK}
          present={null}
          submit="Connect"
          pending={add.isPending}
          error={add.error}
          send={(fields) => add.mutate(fields)}
        />
      </Panel>
      <Panel title="What an address looks like" padded>
        <dl className={classes.examples}>
          {EXAMPLES.map(([kind, address]) => (
            <div key={kind}>
              <dt>{kind}</dt>
              <dd className="mono">{address}</dd>
            </div>
          ))}
        </dl>
        <p className={classes.hint}>
          The maker's manual names the path after the port. User and password stay on the server and are never
          shown again.
        </p>
      </Panel>
    </div>
  );
}

/** The camera is there; is there a picture? */
function Trial({ camera, again }: { camera: Camera; again: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: camerasQuery.queryKey });
  const change = useMutation({
    mutationFn: (fields: CameraFields) => changes.putCamera(camera.id, { ...settingsOf(camera), ...fields }),
    onSuccess: refresh,
  });
  const remove = useMutation({
    mutationFn: () => changes.removeCamera(camera.id),
    onSuccess: async () => {
      await refresh();
      again();
    },
  });
  const { state } = camera;
  const connected = state.state === "connected";
  // A new camera waits a moment for a worker to take it up; that is no failure yet.
  const waiting = state.state === "connecting" || state.state === "unserved";
  const failed = !connected && !waiting;
  return (
    <div className={classes.adding}>
      <Panel title={camera.name} padded>
        <p role="status" className={classes.trialState}>
          <LinkMark link={state.state} />
          {connected && <span className="dim">{figures(state).stream}</span>}
        </p>
        {waiting && <p className="dim">Waiting for the first picture. This may take some seconds.</p>}
        {failed && (
          <p className={classes.wrong} role="alert">
            {asSentence(state.reason || "there is no picture yet")} It is tried again by itself; correct the
            address if it is wrong.
          </p>
        )}
        {connected && (
          <>
            <div
              className={classes.trialPicture}
              style={{ aspectRatio: `${state.width_px || 16}/${state.height_px || 9}` }}
            >
              <SnapshotPicture cameraId={camera.id} alt={`Picture of ${camera.name}`} every_ms={1_000} />
            </div>
            <Group gap="xs" mt="md">
              <Button
                size="sm"
                onClick={() => void navigate({ to: "/cameras/$cameraId", params: { cameraId: camera.id } })}
              >
                Draw zones
              </Button>
              <Button
                size="sm"
                variant="default"
                onClick={() => void navigate({ to: "/live", search: { camera: camera.id } })}
              >
                Watch live
              </Button>
              <Button size="sm" variant="subtle" onClick={again}>
                Add another
              </Button>
            </Group>
          </>
        )}
      </Panel>
      {failed && (
        <Panel title="Correct it" padded>
          <CameraForm
            initial={settingsOf(camera)}
            present={camera.url}
            submit="Try again"
            pending={change.isPending}
            error={change.error}
            send={(fields) => change.mutate(fields)}
            beside={
              <Button
                size="sm"
                variant="subtle"
                color="alarm"
                loading={remove.isPending}
                onClick={() => remove.mutate()}
              >
                Remove it
              </Button>
            }
          />
        </Panel>
      )}
    </div>
  );
}
