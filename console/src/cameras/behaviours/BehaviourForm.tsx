/** The settings of one behaviour, made from what the server says of its kind. */

import { Button, NumberInput, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import type { Behaviour, BehaviourKind, BehaviourSetting, Camera, Direction, Need } from "../../api/types";
import { Icon } from "../../ui/Icon";
import { ClassChoice } from "../editor/ClassChoice";
import shapes from "../editor/shapes.module.css";
import { inForce, kindName, lackOf, measure, settingLabel } from "./behaviours";
import classes from "./behaviours.module.css";
import { HoursEditor } from "./HoursEditor";
import { Sensitivity } from "./Sensitivity";

interface BehaviourFormProps {
  behaviour: Behaviour;
  kind: BehaviourKind;
  camera: Camera;
  editable: boolean;
  /** The server's word on a field of this behaviour, by its name. */
  word: (field: string) => string | undefined;
  change: (change: Partial<Behaviour>) => void;
  remove: () => void;
}

export function BehaviourForm({
  behaviour,
  kind,
  camera,
  editable,
  word,
  change,
  remove,
}: BehaviourFormProps) {
  const lack = lackOf(behaviour, kind, camera);
  const whole = word("");
  return (
    <Stack gap="sm" className={shapes.form}>
      <p className={classes.meaning}>
        {kind.meaning}
        {kind.onvif_rule && <small>ONVIF: {kind.onvif_rule}</small>}
      </p>
      {lack && (
        <p className={classes.missing} role="status">
          {lack}
        </p>
      )}
      {whole && (
        <p className={classes.wrong} role="alert">
          {whole}
        </p>
      )}
      <TextInput
        label="Name"
        placeholder={kindName(behaviour.kind)}
        value={behaviour.name ?? ""}
        disabled={!editable}
        error={word("name")}
        onChange={(event) => change({ name: event.currentTarget.value || null })}
      />
      <PlaceChoice
        label="Zone"
        need={kind.zone}
        places={camera.zones}
        value={behaviour.zone}
        disabled={!editable}
        error={word("zone")}
        change={(zone) => change({ zone })}
      />
      <PlaceChoice
        label="Line"
        need={kind.line}
        places={camera.lines}
        value={behaviour.line}
        disabled={!editable}
        error={word("line")}
        change={(line) => change({ line })}
      />
      {kind.directions && (
        <DirectionChoice
          id={behaviour.id}
          value={behaviour.direction ?? "any"}
          disabled={!editable}
          change={(way) => change({ direction: way === "any" ? null : way })}
        />
      )}
      <ClassChoice
        value={behaviour.classes}
        disabled={!editable}
        error={word("classes")}
        empty={kind.classes.join(", ")}
        change={(value) => change({ classes: value })}
      />
      {kind.settings.map((setting) => (
        <SettingInput
          key={setting.name}
          setting={setting}
          behaviour={behaviour}
          editable={editable}
          error={word(`settings/${setting.name}`)}
          change={(settings) => change({ settings })}
        />
      ))}
      {kind.settings.some((s) => s.stricter !== "same") && (
        <Sensitivity
          id={behaviour.id}
          value={behaviour.sensitivity}
          editable={editable}
          change={(sensitivity) => change({ sensitivity })}
        />
      )}
      <HoursEditor
        hours={behaviour.hours}
        disabled={!editable}
        error={word("hours")}
        change={(hours) => change({ hours })}
      />
      {editable && (
        <Button
          variant="subtle"
          color="alarm"
          onClick={remove}
          leftSection={<Icon name="trash" size={16} />}
          className={shapes.remove}
        >
          Remove this behaviour
        </Button>
      )}
    </Stack>
  );
}

interface PlaceChoiceProps {
  label: string;
  need: Need;
  places: readonly { id: string; name: string }[];
  value: string | null;
  disabled: boolean;
  error: string | undefined;
  change: (id: string | null) => void;
}

function PlaceChoice({ label, need, places, value, disabled, error, change }: PlaceChoiceProps) {
  if (need === "no") return null;
  return (
    <Select
      label={label}
      data={places.map(({ id, name }) => ({ value: id, label: name || id }))}
      value={value}
      clearable={need === "may"}
      placeholder={need === "may" ? "The whole picture" : "Choose one"}
      disabled={disabled}
      error={error}
      onChange={change}
    />
  );
}

interface DirectionChoiceProps {
  id: string;
  value: Direction;
  disabled: boolean;
  change: (way: Direction) => void;
}

function DirectionChoice({ id, value, disabled, change }: DirectionChoiceProps) {
  return (
    <div>
      <span className={shapes.label} id={`way-${id}`}>
        Direction that counts
      </span>
      <SegmentedControl
        role="radiogroup"
        fullWidth
        size="xs"
        data={[
          { value: "left", label: "To the left" },
          { value: "any", label: "Both ways" },
          { value: "right", label: "To the right" },
        ]}
        value={value}
        disabled={disabled}
        aria-labelledby={`way-${id}`}
        onChange={(way) => change(way as Direction)}
      />
      <p className={shapes.hint}>As seen looking from point 1 of the line to point 2.</p>
    </div>
  );
}

interface SettingInputProps {
  setting: BehaviourSetting;
  behaviour: Behaviour;
  editable: boolean;
  error: string | undefined;
  change: (settings: Behaviour["settings"]) => void;
}

function SettingInput({ setting, behaviour, editable, error, change }: SettingInputProps) {
  const { [setting.name]: own, ...others } = behaviour.settings;
  const effective = inForce(setting, behaviour);
  const moved = effective !== (own ?? setting.default);
  return (
    <NumberInput
      label={settingLabel(setting.name)}
      description={
        <>
          {setting.meaning}
          {moved && <span className={classes.force}> · in force: {measure(effective, setting.unit)}</span>}
        </>
      }
      placeholder={measure(setting.default, setting.unit)}
      suffix={setting.unit ? ` ${setting.unit}` : ""}
      min={setting.low}
      max={setting.high}
      decimalScale={3}
      value={own ?? ""}
      disabled={!editable}
      error={error}
      onChange={(value) => change(typeof value === "number" ? { ...others, [setting.name]: value } : others)}
    />
  );
}
