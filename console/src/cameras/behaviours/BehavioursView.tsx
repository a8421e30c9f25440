/** What tracks may do in this camera's picture: chosen from what Custos knows, set, and tied to zones and lines. */

import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "../../api/client";
import { behaviourKindsQuery } from "../../api/queries";
import type { Behaviour, BehaviourKind, Camera } from "../../api/types";
import { useKeys } from "../../shell/keys";
import { useRights } from "../../shell/session";
import { Icon } from "../../ui/Icon";
import { Empty, Failure, Loading, Panel } from "../../ui/surfaces";
import classes from "../cameras.module.css";
import { draftOf } from "../editor/draft";
import { ShapeEditor } from "../editor/ShapeEditor";
import shapes from "../editor/shapes.module.css";
import { Leaving, SaveBar, useSaveCamera } from "../Saving";
import { BehaviourForm } from "./BehaviourForm";
import { kindName, lackOf, newBehaviour } from "./behaviours";
import own from "./behaviours.module.css";

export function BehavioursView({ camera }: { camera: Camera }) {
  const kinds = useQuery(behaviourKindsQuery);
  if (kinds.error) return <Failure error={kinds.error} retry={() => void kinds.refetch()} />;
  if (!kinds.data) return <Loading what="the kinds of behaviour" rows={6} />;
  return <Behaviours camera={camera} kinds={kinds.data} />;
}

function Behaviours({ camera, kinds }: { camera: Camera; kinds: BehaviourKind[] }) {
  const { administers } = useRights();
  const [all, setAll] = useState(camera.behaviours);
  const [kept, setKept] = useState(all);
  const [open, setOpen] = useState<string | null>(null);
  const save = useSaveCamera(camera, "Behaviours", ({ behaviours }) => {
    setAll(behaviours);
    setKept(behaviours);
  });
  const changed = JSON.stringify(all) !== JSON.stringify(kept);
  const errors = save.error instanceof ApiError ? save.error.fields() : new Map<string, string>();
  const kindOf = (b: Behaviour) => kinds.find((k) => k.name === b.kind);

  const trySave = () => {
    const wanting = all.find((b) => {
      const kind = kindOf(b);
      return kind && lackOf(b, kind, camera);
    });
    if (wanting) setOpen(wanting.id);
    else if (changed) save.mutate({ behaviours: all });
  };
  useKeys({ "ctrl+s": trySave, escape: () => setOpen(null) });

  const add = (name: string | null) => {
    const kind = kinds.find((k) => k.name === name);
    if (!kind) return;
    const added = newBehaviour(kind, camera, all);
    setAll([...all, added]);
    setOpen(added.id);
  };
  const chosen = all.find((b) => b.id === open);
  return (
    <div className={classes.shaping}>
      <div className={classes.drawingColumn}>
        <p className={`${classes.toolbar} ${classes.guide}`}>
          {chosen
            ? "The zone or line that this behaviour watches is marked on the picture."
            : "Behaviours watch the zones and lines drawn on the picture."}
        </p>
        <ShapeEditor camera={camera} draft={watched(camera, chosen)} act={() => undefined} />
      </div>
      <Panel title="Behaviours" className={classes.shapesPanel}>
        {administers && (
          <div className={own.adding}>
            <Select
              label="Watch for"
              placeholder="Choose what Custos should notice here"
              data={kinds.map((k) => ({ value: k.name, label: kindName(k.name) }))}
              value={null}
              searchable
              onChange={add}
            />
          </div>
        )}
        {all.length === 0 && (
          <Empty title="None yet">
            <p>Who enters and leaves zones and crosses lines is told in any case.</p>
          </Empty>
        )}
        <ul className={shapes.list}>
          {all.map((behaviour, i) => {
            const kind = kindOf(behaviour);
            const at = `/behaviours/${i}`;
            const word = (field: string) =>
              [...errors].find(([pointer]) =>
                field ? pointer.startsWith(`${at}/${field}`) : pointer === at,
              )?.[1];
            return (
              <Row
                key={behaviour.id}
                behaviour={behaviour}
                kind={kind}
                camera={camera}
                open={open === behaviour.id}
                wrong={[...errors.keys()].some((p) => p === at || p.startsWith(`${at}/`))}
                toggle={() => setOpen(open === behaviour.id ? null : behaviour.id)}
                editable={administers}
                word={word}
                change={(change) => setAll(all.map((b) => (b.id === behaviour.id ? { ...b, ...change } : b)))}
                remove={() => setAll(all.filter((b) => b.id !== behaviour.id))}
              />
            );
          })}
        </ul>
        {administers && (
          <SaveBar
            what="behaviours"
            changed={changed}
            saving={save.isPending}
            error={save.error}
            errors={errors}
            shown={/^\/behaviours\/\d+/}
            save={trySave}
            discard={() => setAll(kept)}
          />
        )}
      </Panel>
      <Leaving what="Behaviours" changed={changed} />
    </div>
  );
}

/** The camera's shapes with the one marked that `behaviour` watches. */
function watched(camera: Camera, behaviour: Behaviour | undefined) {
  const draft = draftOf({ zones: camera.zones, lines: camera.lines });
  if (behaviour?.zone) return { ...draft, chosen: { kind: "zone" as const, id: behaviour.zone } };
  if (behaviour?.line) return { ...draft, chosen: { kind: "line" as const, id: behaviour.line } };
  return draft;
}

interface RowProps {
  behaviour: Behaviour;
  kind: BehaviourKind | undefined;
  camera: Camera;
  open: boolean;
  wrong: boolean;
  toggle: () => void;
  editable: boolean;
  word: (field: string) => string | undefined;
  change: (change: Partial<Behaviour>) => void;
  remove: () => void;
}

function Row({ behaviour, kind, camera, open, wrong, toggle, ...form }: RowProps) {
  const lack = kind && lackOf(behaviour, kind, camera);
  const place = [...camera.zones, ...camera.lines].find((p) => p.id === (behaviour.zone ?? behaviour.line));
  return (
    <li data-open={open || undefined}>
      <button type="button" className={shapes.name} aria-expanded={open} onClick={toggle}>
        <Icon name="behaviour" size={17} />
        <span>{behaviour.name || kindName(behaviour.kind)}</span>
        {wrong || lack ? <em>Needs mending</em> : <small>{place?.name || place?.id || ""}</small>}
      </button>
      {open && kind && <BehaviourForm behaviour={behaviour} kind={kind} camera={camera} {...form} />}
    </li>
  );
}
