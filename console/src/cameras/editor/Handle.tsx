/** A point on the picture that moves by mouse, touch and keyboard. */

import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import type { Point } from "../../api/types";
import classes from "./editor.module.css";

const STEP = 0.01;
const FINE_STEP = 0.001;
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface HandleProps {
  point: Point;
  /** Stands in the circle. */
  mark: string;
  name: string;
  /** Where on the picture, 0..1, a pointer is. */
  at: (event: PointerEvent) => Point;
  toPixels: (point: Point) => Point;
  /** Before a drag. */
  hold?: () => void;
  /** One of the many small steps of a drag. */
  drag: (to: Point) => void;
  /** By keyboard. */
  move: (to: Point) => void;
  remove?: () => void;
  split?: () => void;
}

export function Handle({ point, mark, name, at, toPixels, hold, drag, move, remove, split }: HandleProps) {
  const held = useRef(false);
  const press = (event: PointerEvent<SVGElement>) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.focus();
    held.current = true;
    hold?.();
  };
  const release = () => {
    held.current = false;
  };
  const key = (event: KeyboardEvent<SVGElement>) => {
    const arrow = ARROWS[event.key];
    const step = event.shiftKey ? FINE_STEP : STEP;
    if (arrow) move([point[0] + arrow[0] * step, point[1] + arrow[1] * step]);
    else if (remove && (event.key === "Delete" || event.key === "Backspace")) remove();
    else if (split && (event.key === "Insert" || event.key === "Enter")) split();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const [x, y] = toPixels(point);
  const percent = (v: number) => Math.round(v * 100);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button element cannot stand inside an SVG
    <g
      tabIndex={0}
      role="button"
      aria-label={`${name}, ${percent(point[0])} % from the left, ${percent(point[1])} % from the top`}
      data-point={mark}
      onPointerDown={press}
      onPointerMove={(event) => held.current && drag(at(event))}
      onPointerUp={release}
      onPointerCancel={release}
      onDoubleClick={remove}
      onKeyDown={key}
    >
      <circle cx={x} cy={y} r={18} className={classes.hit} />
      <circle cx={x} cy={y} r={8.5} />
      <text x={x} y={y + 0.5}>
        {mark}
      </text>
    </g>
  );
}
