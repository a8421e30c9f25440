/** Zones and lines by name, and the settings of the one that is chosen. */

import { Button, NumberInput, SegmentedControl, Stack, TextInput } from "@mantine/core";
import type { Dispatch } from "react";
import type { Direction, Line, Zone } from "../../api/types";
import { Icon } from "../../ui/Icon";
import { HoursEditor } from "../behaviours/HoursEditor";
import { Sensitivity } from "../behaviours/Sensitivity";
import { ClassChoice } from "./ClassChoice";
import type { Draft, DraftAction } from "./draft";
import classes from "./shapes.module.css";

const LONGEST_LOITER_S = 86_400;
const LONGEST_DWELL_S = 60;

interface ShapeListProps {
  draft: Draft;
  act: Dispatch<DraftAction>;
  /** What is wrong, by JSON pointer ("/zones/0/polygon"). */
  errors: ReadonlyMap<string, string>;
  editable: boolean;
}

export function ShapeList({ draft, act, errors, editable }: ShapeListProps) {
  const { zones, lines } = draft.shapes;
  const rows = [
    ...zones.map((zone, i) => ({ kind: "zone" as const, shape: zone, at: `/zones/${i}` })),
    ...lines.map((line, i) => ({ kind: "line" as const, shape: line, at: `/lines/${i}` })),
  ];
  return (
    <ul className={classes.list}>
      {rows.map(({ kind, shape, at }) => {
        const open = draft.chosen?.kind === kind && draft.chosen.id === shape.id;
        const wrong = [...errors.keys()].some((pointer) => pointer === at || pointer.startsWith(`${at}/`));
        return (
          <li key={`${kind}-${shape.id}`} data-open={open || undefined}>
            <button
              type="button"
              className={classes.name}
              aria-expanded={open}
              onClick={() => act({ do: "choose", chosen: open ? null : { kind, id: shape.id } })}
            >
              <Icon name={kind} size={17} />
              <span>{shape.name || shape.id}</span>
              {wrong ? <em>Needs mending</em> : <small>{brief(kind, shape)}</small>}
            </button>
            {open && "polygon" in shape && (
              <ZoneForm zone={shape} at={at} act={act} errors={errors} editable={editable} />
            )}
            {open && "direction" in shape && (
              <LineForm line={shape} at={at} act={act} errors={errors} editable={editable} />
            )}
          </li>
        );
      })}
    </ul>
  );
}

function brief(kind: "zone" | "line", shape: Zone | Line): string {
  const classes = shape.classes.join(", ");
  if (kind === "zone" && "loiter_s" in shape && shape.loiter_s)
    return `${classes}, loiter ${shape.loiter_s} s`;
  return classes;
}

interface FormProps {
  at: string;
  act: Dispatch<DraftAction>;
  errors: ReadonlyMap<string, string>;
  editable: boolean;
}

/** The server's word on a field or on anything inside it ("/zones/0/polygon/2"). */
function wordOn(errors: ReadonlyMap<string, string>, pointer: string): string | undefined {
  const found = [...errors].find(([at]) => at === pointer || at.startsWith(`${pointer}/`));
  return found?.[1];
}

function ZoneForm({ zone, at, act, errors, editable }: FormProps & { zone: Zone }) {
  const set = (change: Partial<Omit<Zone, "id">>) => act({ do: "zone", id: zone.id, change });
  const outline = wordOn(errors, `${at}/polygon`);
  const whole = errors.get(at);
  return (
    <Stack gap="sm" className={classes.form}>
      {(outline || whole) && (
        <p className={classes.wrong} role="alert">
          {outline ?? whole}
        </p>
      )}
      <TextInput
        label="Name"
        value={zone.name}
        disabled={!editable}
        error={wordOn(errors, `${at}/name`)}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <ClassChoice
        value={zone.classes}
        disabled={!editable}
        error={wordOn(errors, `${at}/classes`)}
        change={(value) => set({ classes: value })}
      />
      <NumberInput
        label="Loitering after"
        description="An event when somebody stays longer without a break. Empty: never."
        suffix=" s"
        min={1}
        max={LONGEST_LOITER_S}
        value={zone.loiter_s ?? ""}
        disabled={!editable}
        error={wordOn(errors, `${at}/loiter_s`)}
        onChange={(value) => set({ loiter_s: typeof value === "number" ? value : null })}
      />
      <NumberInput
        label="Inside after"
        description="Shorter touches of the border do not count."
        suffix=" s"
        min={0}
        max={LONGEST_DWELL_S}
        step={0.1}
        decimalScale={2}
        value={zone.min_dwell_s}
        disabled={!editable}
        error={wordOn(errors, `${at}/min_dwell_s`)}
        onChange={(value) => typeof value === "number" && set({ min_dwell_s: value })}
      />
      <Sensitivity
        id={`zone-${zone.id}`}
        value={zone.sensitivity}
        editable={editable}
        change={(sensitivity) => set({ sensitivity })}
      />
      <HoursEditor
        hours={zone.hours}
        disabled={!editable}
        error={wordOn(errors, `${at}/hours`)}
        change={(hours) => set({ hours })}
      />
      {editable && (
        <Remove what="zone" act={() => act({ do: "remove", shape: { kind: "zone", id: zone.id } })} />
      )}
    </Stack>
  );
}

const DIRECTIONS: { value: Direction; label: string }[] = [
  { value: "left", label: "To the left" },
  { value: "any", label: "Both ways" },
  { value: "right", label: "To the right" },
];

function LineForm({ line, at, act, errors, editable }: FormProps & { line: Line }) {
  const set = (change: Partial<Omit<Line, "id">>) => act({ do: "line", id: line.id, change });
  const points = wordOn(errors, `${at}/points`) ?? errors.get(at);
  return (
    <Stack gap="sm" className={classes.form}>
      {points && (
        <p className={classes.wrong} role="alert">
          {points}
        </p>
      )}
      <TextInput
        label="Name"
        value={line.name}
        disabled={!editable}
        error={wordOn(errors, `${at}/name`)}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <div>
        <span className={classes.label} id={`direction-${line.id}`}>
          Direction that counts
        </span>
        <SegmentedControl
          role="radiogroup"
          fullWidth
          size="xs"
          data={DIRECTIONS}
          value={line.direction}
          disabled={!editable}
          aria-labelledby={`direction-${line.id}`}
          onChange={(value) => set({ direction: value as Direction })}
        />
        <p className={classes.hint}>
          As seen looking from point 1 to point 2; the arrow on the picture shows it.
        </p>
      </div>
      <ClassChoice
        value={line.classes}
        disabled={!editable}
        error={wordOn(errors, `${at}/classes`)}
        change={(value) => set({ classes: value })}
      />
      <Sensitivity
        id={`line-${line.id}`}
        value={line.sensitivity}
        editable={editable}
        change={(sensitivity) => set({ sensitivity })}
      />
      <HoursEditor
        hours={line.hours}
        disabled={!editable}
        error={wordOn(errors, `${at}/hours`)}
        change={(hours) => set({ hours })}
      />
      {editable && (
        <Remove what="line" act={() => act({ do: "remove", shape: { kind: "line", id: line.id } })} />
      )}
    </Stack>
  );
}

function Remove({ what, act }: { what: string; act: () => void }) {
  return (
    <Button
      variant="subtle"
      color="alarm"
      onClick={act}
      leftSection={<Icon name="trash" size={16} />}
      className={classes.remove}
    >
      Remove this {what}
    </Button>
  );
}
