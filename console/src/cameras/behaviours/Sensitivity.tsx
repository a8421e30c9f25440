/** How keen a behaviour, a zone or a line is. */

import { Slider } from "@mantine/core";
import shapes from "../editor/shapes.module.css";
import classes from "./behaviours.module.css";

interface SensitivityProps {
  /** Of what it belongs to; unique on the page. */
  id: string;
  value: number;
  editable: boolean;
  change: (sensitivity: number) => void;
}

export function Sensitivity({ id, value, editable, change }: SensitivityProps) {
  return (
    <div>
      <span className={shapes.label} id={`sensitivity-${id}`}>
        Sensitivity
      </span>
      <Slider
        className={classes.slider}
        aria-labelledby={`sensitivity-${id}`}
        thumbLabel={`Sensitivity, ${Math.round(value * 100)} %`}
        min={0}
        max={1}
        step={0.05}
        value={value}
        disabled={!editable}
        label={(share) => `${Math.round(share * 100)} %`}
        marks={[
          { value: 0, label: "calm" },
          { value: 0.5, label: "as set" },
          { value: 1, label: "keen" },
        ]}
        onChange={change}
      />
    </div>
  );
}
