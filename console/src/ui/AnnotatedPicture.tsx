/** A kept picture with what it is about: the zone, where the track went, the box. */

import { useState } from "react";
import type { Box, Point, TrackPath, Zone } from "../api/types";
import { normalOf } from "../cameras/editor/polygon";
import { classColour } from "../live/overlay";
import classes from "./annotated.module.css";

interface AnnotatedPictureProps {
  src: string | null;
  alt: string;
  box?: Box | null;
  zone?: Zone | null;
  paths?: Pick<TrackPath, "subject" | "class" | "points">[];
  /** What to show where there is no picture; nothing at all when absent. */
  missing?: string;
}

type Loaded = { src: string; width: number; height: number } | { src: string; failed: true };

export function AnnotatedPicture({ src, alt, box, zone, paths = [], missing }: AnnotatedPictureProps) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const state = loaded?.src === src ? loaded : null;
  const failed = src === null || (state !== null && "failed" in state);
  if (failed && missing === undefined) return null;
  const [width, height] = state && "width" in state ? [state.width, state.height] : [1280, 720];
  return (
    <div className={classes.picture} style={{ aspectRatio: `${width}/${height}` }}>
      {src !== null && !failed && (
        <img
          src={src}
          alt={alt}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            setLoaded({ src, width: naturalWidth, height: naturalHeight })
          }
          onError={() => setLoaded({ src, failed: true })}
        />
      )}
      {failed && <p className={classes.missing}>{missing}</p>}
      {!failed && (
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          {zone && <polygon className={classes.zone} points={pixels(zone.polygon, width, height)} />}
          {paths.map((path) => (
            <Path key={path.subject} path={path} width={width} height={height} />
          ))}
          {box && <Bracket box={box} width={width} height={height} />}
        </svg>
      )}
    </div>
  );
}

function pixels(points: readonly Point[], width: number, height: number): string {
  return points.map(([x, y]) => `${x * width},${y * height}`).join(" ");
}

interface OnPicture {
  width: number;
  height: number;
}

function Path({ path, width, height }: { path: Pick<TrackPath, "class" | "points"> } & OnPicture) {
  const first = path.points[0];
  const [before, last] = path.points.slice(-2);
  if (!first) return null;
  const colour = classColour(path.class);
  const points = pixels(path.points, width, height);
  const unit = Math.max(width, height) / 100;
  return (
    <g style={{ color: colour }}>
      <polyline className={classes.under} points={points} />
      <polyline className={classes.path} points={points} />
      <circle cx={first[0] * width} cy={first[1] * height} r={unit * 0.7} className={classes.first} />
      {before && last && <Tip from={before} to={last} size={unit * 1.8} width={width} height={height} />}
    </g>
  );
}

/** The arrow head at a path's end. */
function Tip({ from, to, size, width, height }: { from: Point; to: Point; size: number } & OnPicture) {
  const [nx, ny] = normalOf([from, to], "right", width / height);
  // The normal turned a quarter to the left looks along the path.
  const [dx, dy] = [ny, -nx];
  const [x, y] = [to[0] * width, to[1] * height];
  const corner = (side: 1 | -1) =>
    `${x - dx * size + side * nx * size * 0.6},${y - dy * size + side * ny * size * 0.6}`;
  return <polyline className={classes.path} points={`${corner(1)} ${x},${y} ${corner(-1)}`} />;
}

function Bracket({ box: [l, t, r, b], width, height }: { box: Box } & OnPicture) {
  const [left, top, right, bottom] = [l * width, t * height, r * width, b * height];
  const arm = Math.min(right - left, bottom - top) / 3;
  const corner = (x: number, y: number, sx: 1 | -1, sy: 1 | -1) =>
    `M${x + sx * arm} ${y}H${x}V${y + sy * arm}`;
  const d = [
    corner(left, top, 1, 1),
    corner(right, top, -1, 1),
    corner(right, bottom, -1, -1),
    corner(left, bottom, 1, -1),
  ].join("");
  return (
    <>
      <path className={classes.under} d={d} />
      <path className={classes.bracket} d={d} />
    </>
  );
}
