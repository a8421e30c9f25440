/** One camera: draw its zones and lines, see how it fares, change its settings. */

import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { camerasQuery, changes, faringCamerasQuery } from "../api/queries";
import type { Camera, CameraSettings } from "../api/types";
import { usePageTitle, useRights } from "../shell/session";
import { toastDone } from "../shell/toasts";
import { Icon } from "../ui/Icon";
import { LinkMark } from "../ui/marks";
import { asSentence } from "../ui/sentence";
import { Empty, errorText, Failure, Loading, Panel } from "../ui/surfaces";
import { BehavioursView } from "./behaviours/BehavioursView";
import { CameraForm } from "./CameraForm";
import classes from "./cameras.module.css";
import { CountsView } from "./counts/CountsView";
import { Shaping } from "./editor/Shaping";
import { figures } from "./figures";
import { GroundView } from "./ground/GroundView";
import { CameraTroubles } from "./health/CameraTroubles";
import { HealthView } from "./health/HealthView";
import { watchOf } from "./health/health";
import { settingsOf } from "./Saving";
import type { CameraShow } from "./show";

const route = getRouteApi("/app/cameras/$cameraId");

export function CameraPage() {
  const { cameraId } = route.useParams();
  const cameras = useQuery(faringCamerasQuery);
  const camera = cameras.data?.find((c) => c.id === cameraId);
  usePageTitle(camera?.name ?? "Camera");
  if (camera) return <CameraView key={cameraId} camera={camera} />;
  if (cameras.error) return <Failure error={cameras.error} retry={() => void cameras.refetch()} />;
  if (cameras.isPending) return <Loading what="the camera" rows={8} />;
  return (
    <Empty title="There is no such camera">
      <Link to="/cameras">All cameras</Link>
    </Empty>
  );
}

function CameraView({ camera }: { camera: Camera }) {
  const { show } = route.useSearch();
  return (
    <div className={classes.page}>
      <div className={classes.cameraHead}>
        <Link to="/cameras" className={classes.back} aria-label="All cameras">
          <Icon name="back" size={18} />
        </Link>
        <h1>{camera.name}</h1>
        <LinkMark link={camera.state.state} />
        <span className={classes.headReason}>{camera.state.reason && asSentence(camera.state.reason)}</span>
        <Link to="/live" search={{ camera: camera.id }} className={classes.watch}>
          Watch live
        </Link>
      </div>
      <CameraTroubles camera={camera} />
      <Views camera={camera} />
      {show === "behaviours" ? (
        <BehavioursView camera={camera} />
      ) : show === "ground" ? (
        <GroundView camera={camera} />
      ) : show === "counts" ? (
        <CountsView camera={camera} />
      ) : show === "health" ? (
        <HealthView camera={camera} />
      ) : (
        <Shaping camera={camera} />
      )}
      <div className={classes.below}>
        <Figures camera={camera} />
        <Settings camera={camera} />
      </div>
    </div>
  );
}

const VIEWS: [view: CameraShow | undefined, title: string][] = [
  [undefined, "Zones and lines"],
  ["behaviours", "Behaviours"],
  ["ground", "Ground"],
  ["counts", "Counts"],
  ["health", "Health"],
];

function Views({ camera }: { camera: Camera }) {
  return (
    <nav className={classes.views} aria-label="Of this camera">
      {VIEWS.map(([view, title]) => (
        <Link
          key={title}
          to="/cameras/$cameraId"
          params={{ cameraId: camera.id }}
          search={view ? { show: view } : {}}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}

function Figures({ camera }: { camera: Camera }) {
  const { state } = camera;
  const shown = figures(state);
  const watch = watchOf(state);
  const rows: [string, string][] = [
    ["Pictures", shown.fps],
    ["Detection", shown.detection],
    ["Dropped", shown.dropped],
    ["Damaged", String(state.damaged)],
    ["Latency", shown.latency],
    ["Bit rate", shown.bitRate],
    ["Stream", shown.stream],
    ["Clock", { camera: "the camera's", arrival: "time of arrival", file: "the file's" }[state.clock]],
    ["Attention", watch.title],
    ["Motion", state.moving ? "yes" : "no"],
    ["Objects", shown.objects],
  ];
  return (
    <Panel title="How it fares" padded>
      <dl className={classes.rows}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Settings({ camera }: { camera: Camera }) {
  const { administers } = useRights();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (settings: CameraSettings) => changes.putCamera(camera.id, settings),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: camerasQuery.queryKey });
      toastDone("Settings saved", camera.name);
    },
  });
  if (!administers) return null;
  return (
    <Panel title="Settings" padded>
      <CameraForm
        initial={settingsOf(camera)}
        present={camera.url}
        submit="Save settings"
        pending={save.isPending}
        error={save.error}
        send={(settings) => save.mutate({ ...settingsOf(camera), ...settings })}
      />
      <RemoveCamera camera={camera} />
    </Panel>
  );
}

function RemoveCamera({ camera }: { camera: Camera }) {
  const [asked, setAsked] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => changes.removeCamera(camera.id),
    onSuccess: async () => {
      toastDone(`${camera.name} removed`);
      await navigate({ to: "/cameras", ignoreBlocker: true });
      await client.invalidateQueries({ queryKey: camerasQuery.queryKey });
    },
  });
  return (
    <div className={classes.danger}>
      <Button
        variant="subtle"
        color="alarm"
        leftSection={<Icon name="trash" size={16} />}
        onClick={() => setAsked(true)}
      >
        Remove this camera
      </Button>
      <Modal opened={asked} onClose={() => setAsked(false)} title={`Remove ${camera.name}?`} size="sm">
        <p className="dim">Its picture, zones and lines go. Events and incidents that it gave stay.</p>
        {remove.error && (
          <p className={classes.wrong} role="alert">
            <strong>{errorText(remove.error).title}</strong> {errorText(remove.error).detail}
          </p>
        )}
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" size="sm" onClick={() => setAsked(false)}>
            Keep it
          </Button>
          <Button color="alarm" size="sm" loading={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
        </Group>
      </Modal>
    </div>
  );
}
