/** Where metres lie in the picture: four points clicked on the floor, their places in metres, and a ruler to check; and
 * things of known height, against which people are measured. */

import { Button, NumberInput, Stack } from "@mantine/core";
import { type PointerEvent, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import type { Camera, Four, Ground, Height, Point } from "../../api/types";
import { useKeys } from "../../shell/keys";
import { useRights } from "../../shell/session";
import { Icon } from "../../ui/Icon";
import { Empty, Panel } from "../../ui/surfaces";
import classes from "../cameras.module.css";
import editor from "../editor/editor.module.css";
import { Handle } from "../editor/Handle";
import { settle } from "../editor/polygon";
import { CameraPicture } from "../editor/ShapeEditor";
import shapes from "../editor/shapes.module.css";
import { Leaving, SaveBar, useSaveCamera } from "../Saving";
import own from "./ground.module.css";
import { HeightMarks, HeightsForm } from "./HeightsForm";
import { heightProblem } from "./heights";
import { distance_m, grid, groundProblem, rectangleAt, rectangleOf } from "./homography";

const PLAIN: Ground = {
  image: [
    [0.3, 0.85],
    [0.7, 0.85],
    [0.6, 0.6],
    [0.4, 0.6],
  ],
  metres: [
    [0, 0],
    [4, 0],
    [4, 6],
    [0, 6],
  ],
};
const FARTHEST_M = 2000;

type Ruler = [Point, Point];

export function GroundView({ camera }: { camera: Camera }) {
  const { administers } = useRights();
  const [ground, setGround] = useState<Ground | null>(camera.ground);
  const [heights, setHeights] = useState<Height[]>(camera.heights);
  const [kept, setKept] = useState<Pick<Camera, "ground" | "heights">>(camera);
  const [ruler, setRuler] = useState<Ruler>([
    [0.4, 0.75],
    [0.6, 0.75],
  ]);
  const save = useSaveCamera(camera, "Ground", (saved) => {
    setGround(saved.ground);
    setHeights(saved.heights);
    setKept(saved);
  });
  const changed = JSON.stringify([ground, heights]) !== JSON.stringify([kept.ground, kept.heights]);
  const errors = save.error instanceof ApiError ? save.error.fields() : new Map<string, string>();
  const problem = ground && groundProblem(ground);
  const sound = !problem && !heights.some(heightProblem);
  const trySave = () => {
    if (changed && sound) save.mutate({ ground, heights });
  };
  useKeys({ "ctrl+s": trySave });
  const length_m = ground && !problem ? distance_m(ground, ...ruler) : null;
  return (
    <div className={classes.shaping}>
      <div className={classes.drawingColumn}>
        <p className={`${classes.toolbar} ${classes.guide}`} role="status">
          {ground
            ? "Drag 1 to 4 onto the corners of something flat whose size you know. Then lay the ruler A–B along something else you know."
            : "Speeds and distances need to know how large things are on this camera's floor."}
        </p>
        <CameraPicture camera={camera}>
          {(width, height) => (
            <Surface
              ground={ground}
              sound={!problem}
              ruler={ruler}
              length_m={length_m}
              width={width}
              height={height}
              heights={heights}
              raise={setHeights}
              editable={administers}
              place={(index, to) =>
                setGround((now) => now && { ...now, image: replaced(now.image, index, settle(to)) })
              }
              lay={(index, to) =>
                setRuler((now) => now.map((p, i) => (i === index ? settle(to) : p)) as Ruler)
              }
            />
          )}
        </CameraPicture>
      </div>
      <Panel title="Ground" className={classes.shapesPanel}>
        {ground ? (
          <GroundForm
            ground={ground}
            problem={problem}
            length_m={length_m}
            editable={administers}
            change={setGround}
          />
        ) : (
          <Empty title="Not calibrated">
            <p>Four points on the floor are enough: a parking bay, a mat, a row of tiles.</p>
            {administers && <Button onClick={() => setGround(PLAIN)}>Calibrate</Button>}
          </Empty>
        )}
        <HeightsForm heights={heights} editable={administers} change={setHeights} />
        {administers && (
          <SaveBar
            what="ground"
            changed={changed}
            saving={save.isPending}
            error={save.error}
            errors={errors}
            shown={/^$/}
            save={trySave}
            discard={() => {
              setGround(kept.ground);
              setHeights(kept.heights);
            }}
          />
        )}
      </Panel>
      <Leaving what="The ground's points" changed={changed} />
    </div>
  );
}

function replaced(points: Four, index: number, by: Point): Four {
  return points.map((p, i) => (i === index ? by : p)) as Four;
}

interface SurfaceProps {
  ground: Ground | null;
  sound: boolean;
  ruler: Ruler;
  length_m: number | null;
  width: number;
  height: number;
  heights: Height[];
  raise: (heights: Height[]) => void;
  editable: boolean;
  place: (index: number, to: Point) => void;
  lay: (index: number, to: Point) => void;
}

function Surface(props: SurfaceProps) {
  const { ground, sound, ruler, length_m, width, height, heights, raise, editable, place, lay } = props;
  const surface = useRef<SVGSVGElement>(null);
  const at = (event: PointerEvent): Point => {
    const box = surface.current?.getBoundingClientRect();
    return box ? [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height] : [0, 0];
  };
  const toPixels = ([x, y]: Point): Point => [x * width, y * height];
  const path = (points: readonly Point[]) => points.map((p) => toPixels(p).join()).join(" ");
  if (!ground && heights.length === 0) return null;
  const [middleX, middleY] = toPixels([(ruler[0][0] + ruler[1][0]) / 2, (ruler[0][1] + ruler[1][1]) / 2]);
  return (
    <svg ref={surface} className={editor.surface} viewBox={`0 0 ${width} ${height}`}>
      <title>The ground on the picture</title>
      {ground && (
        <g className={own.ground} data-wrong={!sound || undefined}>
          <polygon points={path(ground.image)} />
          {sound && grid(ground).lines.map((line) => <polyline key={line.join(";")} points={path(line)} />)}
        </g>
      )}
      {ground && sound && (
        <g className={own.ruler}>
          <polyline points={path(ruler)} />
          <text x={middleX} y={middleY - 14}>
            {length_m === null ? "beyond the ground" : `${length_m.toFixed(2)} m`}
          </text>
        </g>
      )}
      <g className={editor.handles}>
        <HeightMarks heights={heights} editable={editable} change={raise} at={at} toPixels={toPixels} />
        {editable &&
          ground?.image.map((point, i) => (
            <Handle
              // biome-ignore lint/suspicious/noArrayIndexKey: a point has no other name than its place
              key={i}
              point={point}
              mark={String(i + 1)}
              name={`Ground point ${i + 1}`}
              at={at}
              toPixels={toPixels}
              drag={(to) => place(i, to)}
              move={(to) => place(i, to)}
            />
          ))}
        {ground &&
          sound &&
          ruler.map((point, i) => (
            <Handle
              // biome-ignore lint/suspicious/noArrayIndexKey: an end has no other name than its place
              key={i}
              point={point}
              mark={i === 0 ? "A" : "B"}
              name={`End ${i === 0 ? "A" : "B"} of the ruler`}
              at={at}
              toPixels={toPixels}
              drag={(to) => lay(i, to)}
              move={(to) => lay(i, to)}
            />
          ))}
      </g>
    </svg>
  );
}

interface GroundFormProps {
  ground: Ground;
  problem: string | null;
  length_m: number | null;
  editable: boolean;
  change: (ground: Ground | null) => void;
}

function GroundForm({ ground, problem, length_m, editable, change }: GroundFormProps) {
  const put = (index: number, axis: 0 | 1, value: number) => {
    const [x, y] = ground.metres[index] as Point;
    const by: Point = axis === 0 ? [value, y] : [x, value];
    change({ ...ground, metres: replaced(ground.metres, index, by) });
  };
  const rectangle = rectangleOf(ground);
  const setRectangle = (width_m: number, depth_m: number) =>
    change({ ...ground, metres: rectangleAt(ground.metres[0], width_m, depth_m) });
  return (
    <Stack gap="sm" className={own.form}>
      {problem && (
        <p className={shapes.wrong} role="alert">
          {problem}
        </p>
      )}
      <div className={own.pair}>
        <NumberInput
          label="Width, 1 to 2"
          suffix=" m"
          min={0.05}
          max={FARTHEST_M}
          decimalScale={3}
          value={rectangle?.[0] ?? ""}
          placeholder="–"
          disabled={!editable}
          onChange={(value) => typeof value === "number" && setRectangle(value, rectangle?.[1] ?? value)}
        />
        <NumberInput
          label="Depth, 2 to 3"
          suffix=" m"
          min={0.05}
          max={FARTHEST_M}
          decimalScale={3}
          value={rectangle?.[1] ?? ""}
          placeholder="–"
          disabled={!editable}
          onChange={(value) => typeof value === "number" && setRectangle(rectangle?.[0] ?? value, value)}
        />
      </div>
      <details open={rectangle === null}>
        <summary>Not a rectangle: each point in metres</summary>
        <Stack gap="xs" mt="xs">
          {ground.metres.map(([x, y], i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a point has no other name than its place
            <div key={i} className={own.pair}>
              {([x, y] as const).map((value, axis) => (
                <NumberInput
                  key={axis === 0 ? "x" : "y"}
                  aria-label={`Point ${i + 1}, ${axis === 0 ? "across" : "ahead"}, metres`}
                  leftSection={<span className={own.mark}>{`${i + 1}${axis === 0 ? "x" : "y"}`}</span>}
                  suffix=" m"
                  decimalScale={3}
                  value={value}
                  disabled={!editable}
                  onChange={(next) => typeof next === "number" && put(i, axis === 0 ? 0 : 1, next)}
                />
              ))}
            </div>
          ))}
        </Stack>
      </details>
      <dl className={classes.rows}>
        <div>
          <dt>Ruler A–B</dt>
          <dd className="mono">{length_m === null ? "–" : `${length_m.toFixed(2)} m`}</dd>
        </div>
        <div>
          <dt>Grid</dt>
          <dd className="mono">{problem ? "–" : `${grid(ground).step_m} m`}</dd>
        </div>
      </dl>
      {editable && (
        <Button
          variant="subtle"
          color="alarm"
          leftSection={<Icon name="trash" size={16} />}
          className={shapes.remove}
          onClick={() => change(null)}
        >
          Remove the calibration
        </Button>
      )}
    </Stack>
  );
}

/** Width and depth where the metres are those of a rectangle that begins at point 1. */
