/** A camera's live picture with what Custos sees in it. */

import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Camera } from "../api/types";
import { LinkMark } from "../ui/marks";
import { asSentence } from "../ui/sentence";
import classes from "./live.module.css";
import type { LivePlayer, LiveView } from "./livePlayer";
import { beginOverlay, classColour, type Overlay } from "./overlay";
import { useLivePlayer } from "./useLivePlayer";

const TRAIL_MS = 4_000;
/** On a small picture from this width on there is room for names. */
const NAMES_FROM_PX = 480;

export interface Layers {
  boxes: boolean;
  zones: boolean;
  behaviours: boolean;
}

interface LiveVideoProps {
  camera: Camera;
  layers: Layers;
  /** Small: fewer words on the picture. */
  small?: boolean;
  children?: ReactNode;
}

export function LiveVideo({ camera, layers, small = false, children }: LiveVideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  const picture = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const { player, view } = useLivePlayer(camera.id, video, picture);
  useOverlay(overlay, player, camera, layers, small);

  const width = view?.seen ? view.width_px : camera.state.width_px || 16;
  const height = view?.seen ? view.height_px : camera.state.height_px || 9;
  return (
    <div className={classes.frame}>
      <div className={classes.picture} style={{ "--ratio": width / height } as React.CSSProperties}>
        <video
          ref={video}
          muted
          playsInline
          autoPlay
          hidden={view?.mode === "pictures"}
          aria-label={`Live picture of ${camera.name}`}
        />
        <canvas
          ref={picture}
          hidden={view?.mode !== "pictures"}
          role="img"
          aria-label={`Live picture of ${camera.name}`}
        />
        <canvas ref={overlay} data-overlay={camera.id} />
        <Veil camera={camera} view={view} small={small} />
        {!small && <Delay player={player} />}
        {children}
      </div>
    </div>
  );
}

/** Looks at the screen's pace and draws what has changed: boxes belong to the very picture that is shown, not to the
 * newest words, and a screen shows each picture of a camera several times over. */
function useOverlay(
  canvas: React.RefObject<HTMLCanvasElement | null>,
  player: LivePlayer | null,
  camera: Camera,
  layers: Layers,
  small: boolean,
): void {
  const latest = useRef({ camera, layers });
  useEffect(() => {
    latest.current = { camera, layers };
  });
  useEffect(() => {
    let request = 0;
    let drawn: readonly unknown[] = [];
    const draw = () => {
      request = requestAnimationFrame(draw);
      if (!canvas.current) return;
      const { clientWidth: width, clientHeight: height } = canvas.current;
      const shown = [player?.shownAt_ms() ?? null, player?.tracks.revision, latest.current];
      const wanted = [...shown, width, height, window.devicePixelRatio, document.fonts.status];
      if (wanted.every((value, i) => value === drawn[i])) return;
      drawn = wanted;
      const overlay = beginOverlay(canvas.current);
      const named = !small || width >= NAMES_FROM_PX;
      if (overlay) drawLayers(overlay, latest.current, player, { named, small });
    };
    draw();
    return () => cancelAnimationFrame(request);
  }, [canvas, player, small]);
}

function drawLayers(
  overlay: Overlay,
  { camera, layers }: { camera: Camera; layers: Layers },
  player: LivePlayer | null,
  { named, small }: { named: boolean; small: boolean },
): void {
  if (layers.zones) {
    for (const zone of camera.zones) overlay.zone(zone, named);
    for (const line of camera.lines) overlay.line(line, named);
  }
  const at_ms = player?.shownAt_ms() ?? null;
  if (!player || at_ms === null) return;
  const tracks = player.tracks.at(at_ms);
  if (layers.behaviours && !small) {
    const marks = player.tracks.marksAt(at_ms);
    const inCorner = marks.filter((m) => !m.at && !m.zone_id && !m.line_id);
    for (const mark of marks) overlay.mark(mark, camera, tracks, Math.max(0, inCorner.indexOf(mark)));
  }
  if (!layers.boxes) return;
  for (const track of tracks) {
    overlay.trail(player.tracks.trail(track.id, at_ms, TRAIL_MS), classColour(track.class));
    overlay.track(track, named);
  }
}

/** Says in words why there is no moving picture, over what there is. */
function Veil({ camera, view, small }: { camera: Camera; view: LiveView | null; small: boolean }) {
  const state = view?.camera ?? camera.state;
  const down = state.state !== "connected";
  if (!down && view?.seen && !view.stalled && view.link === "open") return null;
  const words = down
    ? state.reason || null
    : (view?.trouble ?? (view?.stalled ? "No new picture for some seconds." : null));
  return (
    <div className={classes.veil} data-clear={view?.seen || undefined} role="status">
      {down ? <LinkMark link={state.state} /> : <span>{words ? "Waiting" : "Opening the picture"}</span>}
      {words && !small && <p>{asSentence(words)}</p>}
      {down && !small && (
        <Link to="/cameras/$cameraId" params={{ cameraId: camera.id }}>
          Settings of this camera
        </Link>
      )}
    </div>
  );
}

/** How far behind the world the picture is. */
function Delay({ player }: { player: LivePlayer | null }) {
  const [delay_s, setDelay] = useState<number | null>(null);
  useEffect(() => {
    const timer = window.setInterval(() => {
      const at_ms = player?.shownAt_ms() ?? null;
      setDelay(at_ms === null ? null : (Date.now() - at_ms) / 1000);
    }, 1000);
    return () => window.clearInterval(timer);
  }, [player]);
  // Clocks of camera, server and browser may disagree; a figure that cannot be true is not shown.
  if (delay_s === null || delay_s < 0 || delay_s > 60) return null;
  return (
    <span className={classes.delay} title="From capture to your screen">
      {delay_s.toFixed(1)} s behind
    </span>
  );
}
