/** Arranging: areas, doors, cameras and tills dragged to where they are, by mouse, touch or keyboard. */

import { Button, NumberInput } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type PointerEvent, useMemo, useRef, useState } from "react";
import { changes } from "../api/queries";
import type { CameraPlace, Point } from "../api/types";
import { Handle } from "../cameras/editor/Handle";
import { Leaving } from "../cameras/Saving";
import { useKeys } from "../shell/keys";
import { toastDone } from "../shell/toasts";
import records from "../ui/records.module.css";
import { errorText, IconButton, PageHead, Panel } from "../ui/surfaces";
import {
  aimOf,
  draftOf,
  isNothing,
  lookingAt,
  moved,
  off,
  type PlanDraft,
  placingOf,
  pointsOf,
  put,
  split,
  unpoint,
} from "./draft";
import { labelOf, type MapLayout, type Premises } from "./layout";
import { nameOf } from "./MapPage";
import classes from "./map.module.css";
import { Ground, Sheet } from "./SiteMap";
import { subjectOf } from "./subjects";

interface MapEditorProps {
  premises: Premises;
  layout: MapLayout;
  close: () => void;
}

const NOTHING: PlanDraft = { areas: {}, doors: {}, cameras: {}, things: {} };
const NO_RISKS = new Map();

export function MapEditor({ premises, layout, close }: MapEditorProps) {
  const { plan } = premises;
  // What a scheme shows stands in no file yet: saving writes all of it.
  const [kept] = useState<PlanDraft>(() => (layout.scheme ? NOTHING : draftOf(layout)));
  const [draft, setDraft] = useState<PlanDraft>(() => draftOf(layout));
  const [past, setPast] = useState<PlanDraft[]>([]);
  const [chosen, setChosen] = useState<string | null>(null);
  const placing = useMemo(() => placingOf(kept, draft), [kept, draft]);
  const isSame = isNothing(placing) || (layout.scheme && past.length === 0);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => changes.putPlan(placing),
    onSuccess: async () => {
      await Promise.all(
        ["plan", "areas", "named-areas", "doors", "named-doors"].map((key) =>
          client.invalidateQueries({ queryKey: [key] }),
        ),
      );
      toastDone("The map is saved", "It stands in the site file.");
      close();
    },
  });
  const hold = () => setPast((all) => [...all.slice(-99), draft]);
  const act = (next: PlanDraft) => {
    hold();
    setDraft(next);
  };
  const undo = () => {
    const last = past.at(-1);
    if (!last) return;
    setPast(past.slice(0, -1));
    setDraft(last);
  };
  useKeys({ "ctrl+z": undo, "ctrl+s": () => !isSame && save.mutate(), escape: () => setChosen(null) });
  return (
    <div className={classes.page}>
      <PageHead title="Arrange the map">
        <IconButton icon="undo" label="Undo (Ctrl+Z)" disabled={past.length === 0} onClick={undo} />
        <Button variant="default" onClick={close}>
          {isSame ? "Close" : "Discard"}
        </Button>
        <Button disabled={isSame} loading={save.isPending} onClick={() => save.mutate()}>
          Save
        </Button>
      </PageHead>
      <div className={classes.main}>
        <p className={classes.note} role="status">
          {chosen ? hintFor(chosen) : "Choose something at the side, or press its point, then drag it."}
        </p>
        {save.error && (
          <p className={records.wrong} role="alert">
            <strong>{errorText(save.error).title}</strong> {errorText(save.error).detail}
          </p>
        )}
        <Sheet plan={plan}>
          <Ground
            plan={plan}
            layout={asLayout(draft, premises)}
            riskOf={NO_RISKS}
            lit={chosen ? [chosen] : []}
          />
          <Surface
            premises={premises}
            draft={draft}
            chosen={chosen}
            choose={setChosen}
            hold={hold}
            drag={setDraft}
            act={act}
          />
        </Sheet>
      </div>
      <div className={classes.side}>
        {chosen && <Chosen of={chosen} draft={draft} act={act} premises={premises} />}
        <Everything premises={premises} draft={draft} chosen={chosen} choose={setChosen} act={act} />
      </div>
      <Leaving what="Things on the map" changed={!isSame && !save.isSuccess} />
    </div>
  );
}

function hintFor(of: string): string {
  const { kind } = subjectOf(of);
  if (kind === "areas") return "Drag its corners. Insert adds one after the one in focus, Delete removes it.";
  if (kind === "cameras") return "Drag the camera, and the small point to where it looks.";
  return "Drag it, or move it with the arrow keys (Shift: finely).";
}

function asLayout(draft: PlanDraft, { areas }: Premises): MapLayout {
  const name = (id: string) => areas.find((a) => a.id === id)?.name ?? id;
  return {
    scheme: false,
    areas: Object.entries(draft.areas).map(([id, outline]) => ({
      id,
      name: name(id),
      outline,
      label: labelOf(outline),
    })),
    doors: [],
    cameras: Object.entries(draft.cameras).map(([id, place]) => ({ id, place })),
    things: [],
    loose: [],
  };
}

interface SurfaceProps {
  premises: Premises;
  draft: PlanDraft;
  chosen: string | null;
  choose: (of: string | null) => void;
  hold: () => void;
  drag: (draft: PlanDraft) => void;
  act: (draft: PlanDraft) => void;
}

const MARKS: Record<string, string> = {
  doors: "D",
  cameras: "C",
  tills: "T",
  panels: "P",
  sensors: "S",
  devices: "S",
};

function Surface({ premises, draft, chosen, choose, hold, drag, act }: SurfaceProps) {
  const { ref, width, height } = useElementSize();
  const surface = useRef<SVGSVGElement>(null);
  const toPixels = ([x, y]: Point): Point => [x * width, y * height];
  const at = (event: PointerEvent): Point => {
    const box = surface.current?.getBoundingClientRect();
    return box ? [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height] : [0, 0];
  };
  const pins = [
    ...Object.keys(draft.cameras).map((id) => `cameras/${id}`),
    ...Object.keys(draft.things),
    ...Object.keys(draft.doors).map((id) => `doors/${id}`),
  ];
  const place = chosen?.startsWith("cameras/") ? draft.cameras[subjectOf(chosen).id] : undefined;
  return (
    <div className={classes.surface} ref={ref}>
      <svg ref={surface} viewBox={`0 0 ${width || 1} ${height || 1}`} onPointerDown={() => choose(null)}>
        <title>Things on the plan</title>
        {width > 0 &&
          Object.entries(draft.areas).map(([id, outline]) => {
            const [x, y] = toPixels(labelOf(outline));
            return (
              <text key={id} x={x} y={y} className={classes.tag}>
                {nameOf(`areas/${id}`, premises)}
              </text>
            );
          })}
        {width > 0 &&
          pins.map((of) => {
            const [point] = pointsOf(draft, of);
            if (!point) return null;
            const [x, y] = toPixels(point);
            return (
              <g key={of} onPointerDownCapture={() => choose(of)} onFocusCapture={() => choose(of)}>
                <Handle
                  point={point}
                  mark={MARKS[subjectOf(of).kind] ?? "?"}
                  name={nameOf(of, premises)}
                  at={at}
                  toPixels={toPixels}
                  hold={hold}
                  drag={(to) => drag(moved(draft, of, 0, to))}
                  move={(to) => act(moved(draft, of, 0, to))}
                  remove={() => act(off(draft, of))}
                />
                <text x={x} y={y + 20} className={classes.tag}>
                  {nameOf(of, premises)}
                </text>
              </g>
            );
          })}
        {width > 0 && chosen && place && (
          <Aim
            place={place}
            premises={premises}
            at={at}
            toPixels={toPixels}
            hold={hold}
            of={chosen}
            draft={draft}
            drag={drag}
            act={act}
          />
        )}
        {width > 0 &&
          chosen?.startsWith("areas/") &&
          pointsOf(draft, chosen).map((point, i, all) => (
            <Handle
              // biome-ignore lint/suspicious/noArrayIndexKey: a corner has no other name than its place
              key={i}
              point={point}
              mark={String(i + 1)}
              name={`Corner ${i + 1} of ${all.length}`}
              at={at}
              toPixels={toPixels}
              hold={hold}
              drag={(to) => drag(moved(draft, chosen, i, to))}
              move={(to) => act(moved(draft, chosen, i, to))}
              remove={() => act(unpoint(draft, chosen, i))}
              split={() => act(split(draft, chosen, i))}
            />
          ))}
      </svg>
    </div>
  );
}

interface AimProps {
  of: string;
  place: CameraPlace;
  premises: Premises;
  draft: PlanDraft;
  at: (event: PointerEvent) => Point;
  toPixels: (point: Point) => Point;
  hold: () => void;
  drag: (draft: PlanDraft) => void;
  act: (draft: PlanDraft) => void;
}

function Aim({ of, place, premises, draft, at, toPixels, hold, drag, act }: AimProps) {
  const { width_m, height_m } = premises.plan;
  const { id } = subjectOf(of);
  const turned = (to: Point): PlanDraft => ({
    ...draft,
    cameras: { ...draft.cameras, [id]: lookingAt(place, to, width_m, height_m) },
  });
  return (
    <Handle
      point={aimOf(place, width_m, height_m)}
      mark="→"
      name="Where it looks"
      at={at}
      toPixels={toPixels}
      hold={hold}
      drag={(to) => drag(turned(to))}
      move={(to) => act(turned(to))}
    />
  );
}

interface ChosenProps {
  of: string;
  draft: PlanDraft;
  act: (draft: PlanDraft) => void;
  premises: Premises;
}

function Chosen({ of, draft, act, premises }: ChosenProps) {
  const { kind, id } = subjectOf(of);
  const place = kind === "cameras" ? draft.cameras[id] : undefined;
  if (pointsOf(draft, of).length === 0) return null;
  const set = (part: Partial<CameraPlace>) =>
    place && act({ ...draft, cameras: { ...draft.cameras, [id]: { ...place, ...part } } });
  return (
    <Panel title={nameOf(of, premises)}>
      <div className={classes.settings}>
        {place && (
          <>
            <Amount
              label="Looks towards, degrees"
              value={place.bearing_deg ?? ""}
              low={0}
              high={360}
              set={(v) => set({ bearing_deg: v })}
            />
            <Amount
              label="Sees so wide, degrees"
              value={place.view_deg}
              low={1}
              high={360}
              set={(v) => set({ view_deg: v })}
            />
            <Amount
              label="Sees so far, metres"
              value={place.range_m}
              low={1}
              high={10_000}
              set={(v) => set({ range_m: v })}
            />
          </>
        )}
        <Button variant="default" onClick={() => act(off(draft, of))}>
          Take off the plan
        </Button>
      </div>
    </Panel>
  );
}

interface AmountProps {
  label: string;
  value: number | "";
  low: number;
  high: number;
  set: (value: number) => void;
}

function Amount({ label, value, low, high, set }: AmountProps) {
  return (
    <NumberInput
      size="xs"
      label={label}
      value={value}
      min={low}
      max={high}
      clampBehavior="strict"
      onChange={(v) => typeof v === "number" && v >= low && v <= high && set(v)}
    />
  );
}

interface EverythingProps {
  premises: Premises;
  draft: PlanDraft;
  chosen: string | null;
  choose: (of: string | null) => void;
  act: (draft: PlanDraft) => void;
}

function Everything({ premises, draft, chosen, choose, act }: EverythingProps) {
  const { plan, areas, doors, cameras } = premises;
  const all = [
    ...areas.map((a) => `areas/${a.id}`),
    ...doors.map((d) => `doors/${d.id}`),
    ...cameras.map((c) => `cameras/${c.id}`),
    ...plan.things.map((t) => t.of),
  ];
  return (
    <Panel title="Everything" className={records.scrolls}>
      <div className={classes.choices}>
        {all.map((of) => {
          const loose = pointsOf(draft, of).length === 0;
          const press = () => {
            if (loose) act(put(draft, of));
            choose(of);
          };
          return (
            <button key={of} type="button" aria-pressed={of === chosen} onClick={press}>
              {nameOf(of, premises)} <small>{loose ? "put on the plan" : subjectOf(of).word}</small>
            </button>
          );
        })}
      </div>
    </Panel>
  );
}
