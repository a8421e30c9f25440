/** One camera: draw its zones and lines, see how it fares, change its settings. */

import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useBlocker, useNavigate } from "@tanstack/react-router";
import { useReducer, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { camerasQuery, changes, faringCamerasQuery } from "../api/queries";
import type { Camera, CameraSettings } from "../api/types";
import { useKeys } from "../shell/keys";
import { usePageTitle, useRights } from "../shell/session";
import { toastDone } from "../shell/toasts";
import { Icon } from "../ui/Icon";
import { LinkMark } from "../ui/marks";
import { asSentence } from "../ui/sentence";
import { Empty, errorText, Failure, IconButton, Loading, Panel } from "../ui/surfaces";
import { CameraForm } from "./CameraForm";
import classes from "./cameras.module.css";
import { type Draft, draftOf, problemsOf, reduce, type Shapes } from "./editor/draft";
import { ShapeEditor } from "./editor/ShapeEditor";
import { ShapeList } from "./editor/ShapeList";
import { figures } from "./figures";

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
      <Shaping camera={camera} />
      <div className={classes.below}>
        <Figures camera={camera} />
        <Settings camera={camera} />
      </div>
    </div>
  );
}

/** What a PUT needs of a camera as it is. An empty address keeps the present one, whose password we are not told. */
export function settingsOf({
  name,
  transport,
  loop,
  enabled,
  detect_fps,
  zones,
  lines,
}: Camera): CameraSettings {
  return { name, url: "", transport, loop, enabled, detect_fps, zones, lines };
}

function useSaveShapes(camera: Camera, saved: (shapes: Shapes) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (shapes: Shapes) => changes.putCamera(camera.id, { ...settingsOf(camera), ...shapes }),
    onSuccess: (changed) => {
      client.setQueryData(camerasQuery.queryKey, (all) =>
        all?.map((c) => (c.id === changed.id ? changed : c)),
      );
      saved({ zones: changed.zones, lines: changed.lines });
      toastDone("Zones and lines saved", `${camera.name} uses them from now on.`);
    },
  });
}

function Shaping({ camera }: { camera: Camera }) {
  const { administers } = useRights();
  const [draft, act] = useReducer(reduce, { zones: camera.zones, lines: camera.lines }, draftOf);
  const [kept, setKept] = useState<Shapes>(draft.shapes);
  const save = useSaveShapes(camera, (shapes) => {
    setKept(shapes);
    act({ do: "load", shapes });
  });
  const changed = JSON.stringify(draft.shapes) !== JSON.stringify(kept);
  const errors = errorsOf(draft, save.error);
  const holder = useRef<HTMLDivElement>(null);

  const trySave = () => {
    const [wrong] = problemsOf(draft.shapes).keys();
    if (wrong) act({ do: "choose", chosen: { kind: "zone", id: wrong } });
    else if (changed) save.mutate(draft.shapes);
  };
  useKeys({
    "ctrl+s": trySave,
    "ctrl+z": () => act({ do: "undo" }),
    ...(draft.drawing && { enter: () => act({ do: "finish" }) }),
    escape: () => act(draft.drawing ? { do: "cancel" } : { do: "choose", chosen: null }),
  });

  return (
    <div className={classes.shaping} ref={holder}>
      <div className={classes.drawingColumn}>
        <Toolbar draft={draft} act={act} administers={administers} />
        <ShapeEditor camera={camera} draft={draft} act={administers ? act : onlyChoosing(act)} />
      </div>
      <Panel title="Zones and lines" className={classes.shapesPanel}>
        {draft.shapes.zones.length + draft.shapes.lines.length === 0 && (
          <Empty title="None yet">
            <p>
              Without zones and lines Custos still follows people, but nothing that matters to this place has
              a name.
            </p>
          </Empty>
        )}
        <ShapeList draft={draft} act={act} errors={errors} editable={administers} />
        {administers && (
          <SaveBar
            changed={changed}
            saving={save.isPending}
            error={save.error}
            errors={errors}
            save={trySave}
            discard={() => act({ do: "load", shapes: kept })}
          />
        )}
      </Panel>
      <Leaving changed={changed} />
    </div>
  );
}

/** What is wrong with the shapes, by pointer: our own look first, then what the server said of the last save. */
function errorsOf(draft: Draft, error: Error | null): Map<string, string> {
  const errors = error instanceof ApiError ? error.fields() : new Map<string, string>();
  const problems = problemsOf(draft.shapes);
  for (const [i, { id }] of draft.shapes.zones.entries()) {
    const problem = problems.get(id);
    if (problem) errors.set(`/zones/${i}/polygon`, problem);
  }
  return errors;
}

type Act = React.Dispatch<Parameters<typeof reduce>[1]>;

/** Whoever may not change anything may still look at each shape. */
function onlyChoosing(act: Act): Act {
  return (action) => action.do === "choose" && act(action);
}

function Toolbar({ draft, act, administers }: { draft: Draft; act: Act; administers: boolean }) {
  const { drawing } = draft;
  if (!administers) return <p className={classes.guide}>An administrator can change zones and lines.</p>;
  if (drawing) {
    const enough = drawing.kind === "zone" && drawing.points.length >= 3;
    return (
      <div className={classes.toolbar}>
        <p className={classes.guide} role="status">
          {drawing.kind === "zone"
            ? "Click corner after corner; close it at the first one, or with Enter. Enter alone places a plain zone."
            : "Click where the line begins, then where it ends. Enter alone places a plain line."}
        </p>
        <Button variant="default" onClick={() => act({ do: "cancel" })}>
          Cancel
        </Button>
        <Button onClick={() => act({ do: "finish" })} disabled={drawing.points.length > 0 && !enough}>
          Done
        </Button>
      </div>
    );
  }
  return (
    <div className={classes.toolbar}>
      <Button
        variant="default"
        leftSection={<Icon name="zone" size={16} />}
        onClick={() => act({ do: "draw", kind: "zone" })}
      >
        Draw a zone
      </Button>
      <Button
        variant="default"
        leftSection={<Icon name="line" size={16} />}
        onClick={() => act({ do: "draw", kind: "line" })}
      >
        Draw a line
      </Button>
      <IconButton
        icon="undo"
        label="Undo (Ctrl+Z)"
        disabled={draft.past.length === 0}
        onClick={() => act({ do: "undo" })}
      />
      <p className={classes.guide}>
        {draft.chosen ? "Drag a point; a small dot adds one; a double click removes one." : ""}
      </p>
    </div>
  );
}

interface SaveBarProps {
  changed: boolean;
  saving: boolean;
  error: Error | null;
  errors: ReadonlyMap<string, string>;
  save: () => void;
  discard: () => void;
}

function SaveBar({ changed, saving, error, errors, save, discard }: SaveBarProps) {
  const loose = [...errors]
    .filter(([pointer]) => !/^\/(zones|lines)\/\d+/.test(pointer))
    .map(([, detail]) => detail);
  const said = error ? errorText(error) : null;
  if (!changed && !said) return null;
  return (
    <div className={classes.saveBar}>
      {said && (
        <p className={classes.wrong} role="alert">
          <strong>{said.title}</strong> {loose.length ? loose.join(" ") : said.detail}
        </p>
      )}
      {changed && (
        <div className={classes.saveButtons}>
          <Button variant="default" size="sm" onClick={discard}>
            Discard
          </Button>
          <Button size="sm" onClick={save} loading={saving}>
            Save zones and lines
          </Button>
        </div>
      )}
    </div>
  );
}

/** Asks before drawn and unsaved things are lost. */
function Leaving({ changed }: { changed: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: () => changed,
    enableBeforeUnload: changed,
    withResolver: true,
  });
  return (
    <Modal
      opened={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title="Leave without saving?"
      size="sm"
    >
      <p className="dim">Zones and lines that you changed are not saved yet.</p>
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" size="sm" onClick={() => blocker.proceed?.()}>
          Leave
        </Button>
        <Button size="sm" onClick={() => blocker.reset?.()}>
          Stay
        </Button>
      </Group>
    </Modal>
  );
}

function Figures({ camera }: { camera: Camera }) {
  const { state } = camera;
  const shown = figures(state);
  const rows: [string, string][] = [
    ["Pictures", shown.fps],
    ["Detection", shown.detection],
    ["Dropped", shown.dropped],
    ["Damaged", String(state.damaged)],
    ["Latency", shown.latency],
    ["Bit rate", shown.bitRate],
    ["Stream", shown.stream],
    ["Clock", { camera: "the camera's", arrival: "time of arrival", file: "the file's" }[state.clock]],
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
