/** Things of known height: their metres beside the picture, and their feet and tops on it. */

import { Button, NumberInput } from "@mantine/core";
import type { PointerEvent } from "react";
import type { Height, Point } from "../../api/types";
import { Icon } from "../../ui/Icon";
import { IconButton } from "../../ui/surfaces";
import { Handle } from "../editor/Handle";
import { settle } from "../editor/polygon";
import own from "./ground.module.css";
import { HEIGHTS_AT_MOST, heightProblem, heightsTell, newHeight, withEnd } from "./heights";

type Change = (heights: Height[]) => void;

interface FormProps {
  heights: Height[];
  editable: boolean;
  change: Change;
}

export function HeightsForm({ heights, editable, change }: FormProps) {
  return (
    <section className={own.heights} aria-label="Known heights">
      <h3>Known heights</h3>
      <p className="dim">{heightsTell(heights)}</p>
      {heights.map((height, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a height has no other name than its place
        <div key={i} className={own.heightRow}>
          <NumberInput
            aria-label={`Height ${letter(i)}, metres`}
            leftSection={<span className={own.mark}>{letter(i)}</span>}
            suffix=" m"
            min={0.2}
            max={20}
            step={0.1}
            decimalScale={2}
            value={height.height_m}
            error={heightProblem(height)}
            disabled={!editable}
            onChange={(value) =>
              typeof value === "number" && change(heights.with(i, { ...height, height_m: value }))
            }
          />
          {editable && (
            <IconButton
              icon="trash"
              label={`Remove height ${letter(i)}`}
              onClick={() => change(heights.toSpliced(i, 1))}
            />
          )}
        </div>
      ))}
      {editable && (
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="plus" size={14} />}
          disabled={heights.length >= HEIGHTS_AT_MOST}
          onClick={() => change([...heights, newHeight(heights)])}
        >
          Add a height
        </Button>
      )}
    </section>
  );
}

interface MarksProps extends FormProps {
  at: (event: PointerEvent) => Point;
  toPixels: (point: Point) => Point;
}

export function HeightMarks({ heights, editable, change, at, toPixels }: MarksProps) {
  const put = (index: number, height: Height, end: "bottom" | "top", to: Point) =>
    change(heights.with(index, withEnd(height, end, settle(to))));
  return heights.map((height, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a height has no other name than its place
    <g key={i} className={own.height} data-wrong={heightProblem(height) !== null || undefined}>
      <polyline points={[height.bottom, height.top].map((p) => toPixels(p).join()).join(" ")} />
      {editable &&
        (["bottom", "top"] as const).map((end) => (
          <Handle
            key={end}
            point={height[end]}
            mark={letter(i)}
            name={`${end === "bottom" ? "Foot" : "Top"} of height ${letter(i)}`}
            at={at}
            toPixels={toPixels}
            drag={(to) => put(i, height, end, to)}
            move={(to) => put(i, height, end, to)}
          />
        ))}
    </g>
  ));
}

/** H, I, J ...: A and B are the ruler's. */
function letter(index: number): string {
  return String.fromCharCode("H".charCodeAt(0) + index);
}
