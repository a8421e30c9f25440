/** The picture to draw on: points move by mouse, touch and keyboard. */

import { useElementSize } from "@mantine/hooks";
import { type Dispatch, type PointerEvent, type ReactNode, useRef, useState } from "react";
import type { Camera, Line, Point, Zone } from "../../api/types";
import { SnapshotPicture } from "../../live/SnapshotPicture";
import { type Chosen, type Draft, type DraftAction, pointsOf, problemsOf } from "./draft";
import classes from "./editor.module.css";
import { Handle } from "./Handle";
import { centre, firstSelfCrossing, normalOf } from "./polygon";

interface ShapeEditorProps {
  camera: Camera;
  draft: Draft;
  act: Dispatch<DraftAction>;
  /** More to draw over the picture, in its pixels. */
  over?: ((width: number, height: number) => ReactNode) | undefined;
}

export function ShapeEditor({ camera, draft, act, over }: ShapeEditorProps) {
  return (
    <CameraPicture camera={camera}>
      {(width, height) => (
        <>
          <Drawing camera={camera} draft={draft} act={act} width={width} height={height} />
          {over?.(width, height)}
        </>
      )}
    </CameraPicture>
  );
}

interface CameraPictureProps {
  camera: Camera;
  children: (width: number, height: number) => ReactNode;
}

/** The camera's latest picture with something drawn over it, in pixels of the screen. */
export function CameraPicture({ camera, children }: CameraPictureProps) {
  const { ref, width, height } = useElementSize();
  const { width_px, height_px } = camera.state;
  const [natural, setNatural] = useState<string | null>(null);
  const aspectRatio = width_px && height_px ? `${width_px}/${height_px}` : (natural ?? "16/9");
  return (
    <div className={classes.canvas} style={{ aspectRatio }} ref={ref}>
      <SnapshotPicture
        cameraId={camera.id}
        alt={`Picture of ${camera.name}`}
        every_ms={1_500}
        className={classes.ground}
        sized={(w, h) => setNatural(`${w}/${h}`)}
      />
      {width > 0 && children(width, height)}
    </div>
  );
}

interface DrawingProps {
  camera: Camera;
  draft: Draft;
  act: Dispatch<DraftAction>;
  width: number;
  height: number;
}

function Drawing({ camera, draft, act, width, height }: DrawingProps) {
  const surface = useRef<SVGSVGElement>(null);
  const [cursor, setCursor] = useState<Point | null>(null);
  const at = (event: PointerEvent): Point => {
    const box = surface.current?.getBoundingClientRect();
    return box ? [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height] : [0, 0];
  };
  const { shapes, chosen, drawing } = draft;
  const problems = problemsOf(shapes, camera);
  const isWrong = (kind: Chosen["kind"], id: string) => problems.some((p) => p.kind === kind && p.id === id);
  const toPixels = ([x, y]: Point): Point => [x * width, y * height];
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    if (drawing) act({ do: "point", at: at(event) });
    else act({ do: "choose", chosen: null });
  };
  return (
    <svg
      ref={surface}
      className={classes.surface}
      data-drawing={drawing?.kind}
      viewBox={`0 0 ${width} ${height}`}
      onPointerDown={down}
      onPointerMove={(event) => drawing && setCursor(at(event))}
      onPointerLeave={() => setCursor(null)}
      onDoubleClick={() => drawing && act({ do: "finish" })}
    >
      <title>Zones and lines on the picture</title>
      {shapes.zones.map((zone) => (
        <ZoneShape
          key={zone.id}
          zone={zone}
          chosen={chosen?.kind === "zone" && chosen.id === zone.id}
          wrong={isWrong("zone", zone.id)}
          toPixels={toPixels}
          choose={() => !drawing && act({ do: "choose", chosen: { kind: "zone", id: zone.id } })}
        />
      ))}
      {shapes.lines.map((line) => (
        <LineShape
          key={line.id}
          line={line}
          chosen={chosen?.kind === "line" && chosen.id === line.id}
          toPixels={toPixels}
          aspect={width / height}
          choose={() => !drawing && act({ do: "choose", chosen: { kind: "line", id: line.id } })}
        />
      ))}
      {drawing && <Unfinished points={drawing.points} cursor={cursor} toPixels={toPixels} />}
      {chosen && !drawing && <Handles draft={draft} act={act} at={at} toPixels={toPixels} />}
    </svg>
  );
}

type ToPixels = (point: Point) => Point;
const joined = (points: readonly Point[], toPixels: ToPixels) =>
  points.map((p) => toPixels(p).join()).join(" ");

interface ShapeProps {
  chosen: boolean;
  toPixels: ToPixels;
  choose: () => void;
}

/** A press on a shape chooses it; the ground beneath must not hear of it, unless something is being drawn there. */
function pressOn(choose: () => void) {
  return (event: PointerEvent<SVGElement>) => {
    if (event.currentTarget.ownerSVGElement?.dataset.drawing) return;
    event.stopPropagation();
    choose();
  };
}

function ZoneShape({ zone, chosen, wrong, toPixels, choose }: ShapeProps & { zone: Zone; wrong: boolean }) {
  const [x, y] = toPixels(centre(zone.polygon));
  const crossing = wrong ? firstSelfCrossing(zone.polygon) : null;
  return (
    <g
      className={classes.zone}
      data-chosen={chosen || undefined}
      data-wrong={wrong || undefined}
      onPointerDown={pressOn(choose)}
    >
      <polygon points={joined(zone.polygon, toPixels)} />
      {crossing?.map((side) => {
        const ends = [zone.polygon[side], zone.polygon[(side + 1) % zone.polygon.length]] as [Point, Point];
        return <polyline key={side} className={classes.crossing} points={joined(ends, toPixels)} />;
      })}
      <text x={x} y={y}>
        {zone.name}
      </text>
    </g>
  );
}

/** Where a line's name stands: over its first end, or below the lower end of a steep one, and not over the edge. */
function lineName([a, b]: readonly [Point, Point], toPixels: ShapeProps["toPixels"]) {
  const [[ax, ay], [bx, by]] = [toPixels(a), toPixels(b)];
  const steep = Math.abs(by - ay) > Math.abs(bx - ax);
  const end = steep && by > ay ? b : a;
  const [x, y] = toPixels(end);
  const at = end[0] < 0.12 ? "left" : end[0] > 0.88 ? "right" : undefined;
  return { x, y: steep ? y + 22 : y - 12, at };
}

function LineShape({ line, chosen, toPixels, aspect, choose }: ShapeProps & { line: Line; aspect: number }) {
  const points = joined(line.points, toPixels);
  const [x, y] = toPixels(centre(line.points));
  const ways = line.direction === "any" ? (["left", "right"] as const) : [line.direction];
  const name = lineName(line.points, toPixels);
  return (
    <g className={classes.line} data-chosen={chosen || undefined} onPointerDown={pressOn(choose)}>
      <polyline className={classes.hit} points={points} />
      <polyline points={points} />
      {ways.map((way) => {
        const [dx, dy] = normalOf(line.points, way, aspect);
        const [tx, ty] = [x + dx * 26, y + dy * 26];
        const wing = (s: 1 | -1) => `${tx - dx * 8 - s * dy * 6},${ty - dy * 8 + s * dx * 6}`;
        return (
          <polyline
            key={way}
            data-way={way}
            points={`${x},${y} ${tx},${ty} ${wing(1)} ${tx},${ty} ${wing(-1)}`}
          />
        );
      })}
      <text x={name.x} y={name.y} data-at={name.at}>
        {line.name}
      </text>
    </g>
  );
}

function Unfinished({
  points,
  cursor,
  toPixels,
}: {
  points: Point[];
  cursor: Point | null;
  toPixels: ToPixels;
}) {
  const shown = cursor ? [...points, cursor] : points;
  return (
    <g className={classes.unfinished}>
      <polyline points={joined(shown, toPixels)} />
      {points.map((point, i) => {
        const [x, y] = toPixels(point);
        return <circle key={point.join()} cx={x} cy={y} r={i === 0 ? 7 : 4} />;
      })}
    </g>
  );
}

interface HandlesProps {
  draft: Draft;
  act: Dispatch<DraftAction>;
  at: (event: PointerEvent) => Point;
  toPixels: ToPixels;
}

function Handles({ draft, act, at, toPixels }: HandlesProps) {
  const points = pointsOf(draft.shapes, draft.chosen);
  const isZone = draft.chosen?.kind === "zone";
  return (
    <g className={classes.handles}>
      {isZone &&
        points.map((point, i) => {
          const [x, y] = toPixels(centre([point, points[(i + 1) % points.length] as Point]));
          const press = (event: PointerEvent) => {
            event.stopPropagation();
            act({ do: "split", index: i });
          };
          return (
            <g
              key={`between-${i.toString()}`}
              className={classes.between}
              onPointerDown={press}
              data-between={i + 1}
            >
              <circle cx={x} cy={y} r={12} className={classes.hit} />
              <circle cx={x} cy={y} r={4} />
            </g>
          );
        })}
      {points.map((point, i) => (
        <Handle
          // biome-ignore lint/suspicious/noArrayIndexKey: a point has no other name than its place
          key={i}
          point={point}
          mark={String(i + 1)}
          name={`Point ${i + 1} of ${points.length}`}
          at={at}
          toPixels={toPixels}
          hold={() => act({ do: "hold" })}
          drag={(to) => act({ do: "drag", index: i, to })}
          move={(to) => act({ do: "move", index: i, to })}
          remove={() => act({ do: "unpoint", index: i })}
          split={() => act({ do: "split", index: i })}
        />
      ))}
    </g>
  );
}
