/** Zones and lines of a camera: drawn on its picture, named and set beside it. */

import { Button } from "@mantine/core";
import { type Dispatch, useReducer, useState } from "react";
import { ApiError } from "../../api/client";
import type { Camera } from "../../api/types";
import { useKeys } from "../../shell/keys";
import { useRights } from "../../shell/session";
import { Icon } from "../../ui/Icon";
import { Empty, IconButton, Panel } from "../../ui/surfaces";
import classes from "../cameras.module.css";
import { Leaving, SaveBar, useSaveCamera } from "../Saving";
import { type Draft, type DraftAction, draftOf, problemsOf, reduce, type Shapes } from "./draft";
import { ShapeEditor } from "./ShapeEditor";
import { ShapeList } from "./ShapeList";

export function Shaping({ camera }: { camera: Camera }) {
  const { administers } = useRights();
  const [draft, act] = useReducer(reduce, { zones: camera.zones, lines: camera.lines }, draftOf);
  const [kept, setKept] = useState<Shapes>(draft.shapes);
  const save = useSaveCamera(camera, "Zones and lines", ({ zones, lines }) => {
    setKept({ zones, lines });
    act({ do: "load", shapes: { zones, lines } });
  });
  const changed = JSON.stringify(draft.shapes) !== JSON.stringify(kept);
  const errors = errorsOf(draft, kept, save.error);

  const trySave = () => {
    const [wrong] = problemsOf(draft.shapes, kept);
    if (wrong) act({ do: "choose", chosen: { kind: wrong.kind, id: wrong.id } });
    else if (changed) save.mutate(draft.shapes);
  };
  useKeys({
    "ctrl+s": trySave,
    "ctrl+z": () => act({ do: "undo" }),
    ...(draft.drawing && { enter: () => act({ do: "finish" }) }),
    escape: () => act(draft.drawing ? { do: "cancel" } : { do: "choose", chosen: null }),
  });

  return (
    <div className={classes.shaping}>
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
            what="zones and lines"
            changed={changed}
            saving={save.isPending}
            error={save.error}
            errors={errors}
            shown={/^\/(zones|lines)\/\d+/}
            save={trySave}
            discard={() => act({ do: "load", shapes: kept })}
          />
        )}
      </Panel>
      <Leaving what="Zones and lines" changed={changed} />
    </div>
  );
}

/** What is wrong with the shapes, by pointer: our own look first, then what the server said of the last save. */
function errorsOf(draft: Draft, kept: Shapes, error: Error | null): Map<string, string> {
  const errors = error instanceof ApiError ? error.fields() : new Map<string, string>();
  for (const { at, problem } of problemsOf(draft.shapes, kept)) errors.set(at, problem);
  return errors;
}

type Act = Dispatch<DraftAction>;

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
