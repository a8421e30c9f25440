/** The wall: every camera, one of them large, and what needs attention beside it. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { faringCamerasQuery } from "../api/queries";
import type { Camera } from "../api/types";
import { FirstCamera } from "../cameras/FirstCamera";
import { type Signs, signsOf } from "../cameras/health/health";
import { DoubtMark, StrainMark, TroubleMark } from "../cameras/health/marks";
import { type KeyMap, useKeys } from "../shell/keys";
import { usePageTitle } from "../shell/session";
import { LinkMark } from "../ui/marks";
import { Failure, IconButton, Loading } from "../ui/surfaces";
import { CameraEvents } from "./CameraEvents";
import { type Layers, LiveVideo } from "./LiveVideo";
import classes from "./live.module.css";
import { OpenIncidents } from "./OpenIncidents";
import { SnapshotPicture } from "./SnapshotPicture";

/** More moving pictures than this at once would cost a plain office computer its breath; the rest are stills. */
const MOVING_AT_MOST = 9;
const STRIP_EVERY_MS = 2_000;
const WALL_EVERY_MS = 1_000;

const route = getRouteApi("/app/live");

export function LivePage() {
  usePageTitle("Live");
  const cameras = useQuery(faringCamerasQuery);
  if (cameras.error && !cameras.data)
    return <Failure error={cameras.error} retry={() => void cameras.refetch()} />;
  if (!cameras.data) return <Loading what="cameras" rows={8} />;
  const first = cameras.data[0];
  return first ? <Wall cameras={cameras.data} first={first} /> : <FirstCamera />;
}

function Wall({ cameras, first }: { cameras: Camera[]; first: Camera }) {
  const { camera: wanted, layout } = route.useSearch();
  const navigate = route.useNavigate();
  const [layers, setLayers] = useState<Layers>({ boxes: true, zones: true, behaviours: true });
  const stage = useRef<HTMLDivElement>(null);
  const chosen = cameras.find((c) => c.id === wanted) ?? first;
  const wall = layout === "wall";

  const choose = (id: string) => void navigate({ search: { camera: id } });
  const toggleWall = () =>
    void navigate({ search: wall ? { camera: chosen.id } : { camera: chosen.id, layout: "wall" } });
  const toggle = (layer: keyof Layers) => setLayers((now) => ({ ...now, [layer]: !now[layer] }));
  const fullScreen = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void stage.current?.requestFullscreen().catch(() => undefined);
  };
  const keys: KeyMap = {
    g: toggleWall,
    b: () => toggle("boxes"),
    z: () => toggle("zones"),
    v: () => toggle("behaviours"),
    f: fullScreen,
  };
  for (const [i, camera] of cameras.slice(0, 9).entries()) keys[String(i + 1)] = () => choose(camera.id);
  useKeys(keys);

  const tools = (
    <div className={classes.tools} role="toolbar" aria-label="Picture">
      <IconButton
        icon="box"
        label="Boxes and tracks (b)"
        pressed={layers.boxes}
        onClick={() => toggle("boxes")}
      />
      <IconButton
        icon="zone"
        label="Zones and lines (z)"
        pressed={layers.zones}
        onClick={() => toggle("zones")}
      />
      <IconButton
        icon="behaviour"
        label="Behaviours (v)"
        pressed={layers.behaviours}
        onClick={() => toggle("behaviours")}
      />
      <IconButton icon="grid" label="Wall of all cameras (g)" pressed={wall} onClick={toggleWall} />
      <IconButton icon="expand" label="Full screen (f)" onClick={fullScreen} />
    </div>
  );

  if (wall) {
    return (
      <div className={classes.wallPage} ref={stage}>
        <div className={classes.bar}>
          <h1>All cameras</h1>
          {tools}
        </div>
        <ul
          className={classes.wall}
          style={{ "--columns": Math.ceil(Math.sqrt(cameras.length)) } as React.CSSProperties}
        >
          {cameras.map((camera, i) => (
            <li key={camera.id}>
              <WallTile
                camera={camera}
                number={i + 1}
                layers={layers}
                moving={cameras.length <= MOVING_AT_MOST}
                choose={choose}
              />
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <div className={classes.focusPage}>
      <section className={classes.stageColumn} aria-label={chosen.name}>
        <div className={classes.bar}>
          <h1>{chosen.name}</h1>
          <LinkMark link={chosen.state.state} />
          <Wrong camera={chosen} />
          <Figures camera={chosen} />
          {tools}
        </div>
        <div className={classes.stage} ref={stage}>
          <LiveVideo key={chosen.id} camera={chosen} layers={layers} />
        </div>
        <CameraEvents camera={chosen} />
      </section>
      <aside className={classes.side} aria-label="Other cameras and incidents">
        <ul className={classes.strip} aria-label="Cameras">
          {cameras.map((camera, i) => (
            <li key={camera.id}>
              <StripTile camera={camera} number={i + 1} chosen={camera.id === chosen.id} choose={choose} />
            </li>
          ))}
        </ul>
        <OpenIncidents />
      </aside>
    </div>
  );
}

function Figures({ camera: { state } }: { camera: Camera }) {
  if (state.state !== "connected") return null;
  return (
    <span className={classes.figures}>
      {state.width_px}×{state.height_px} {state.codec.toUpperCase()}, {state.fps.toFixed(1)} fps,{" "}
      {state.tracks} {state.tracks === 1 ? "object" : "objects"}
    </span>
  );
}

/** What is wrong with the watched camera, and the way to its page. */
function Wrong({ camera }: { camera: Camera }) {
  const signs = signsOf(camera.state);
  if (!signs) return null;
  return (
    <Link
      to="/cameras/$cameraId"
      params={{ cameraId: camera.id }}
      search={{ show: "health" }}
      className={classes.wrong}
    >
      <SignMarks signs={signs} />
    </Link>
  );
}

function SignMarks({ signs: { troubles, doubt, strained } }: { signs: Signs }) {
  return (
    <>
      {troubles.map((trouble) => (
        <TroubleMark key={trouble.what} trouble={trouble} />
      ))}
      {doubt !== null && <DoubtMark reason={doubt} />}
      {strained && <StrainMark watch={strained} />}
    </>
  );
}

interface TileProps {
  camera: Camera;
  number: number;
  choose: (id: string) => void;
}

function Caption({ camera, number }: { camera: Camera; number: number }) {
  return (
    <span className={classes.caption}>
      {number <= 9 && <kbd>{number}</kbd>}
      <span className={classes.captionName}>{camera.name}</span>
      <LinkMark link={camera.state.state} word={false} />
    </span>
  );
}

/** On the picture: what is wrong with the camera now. */
function Attacked({ camera }: { camera: Camera }) {
  const signs = signsOf(camera.state);
  if (!signs) return null;
  return (
    <span className={classes.attacked}>
      <SignMarks signs={signs} />
    </span>
  );
}

function StripTile({ camera, number, chosen, choose }: TileProps & { chosen: boolean }) {
  const { state, width_px, height_px } = camera.state;
  return (
    <button type="button" className={classes.tile} aria-pressed={chosen} onClick={() => choose(camera.id)}>
      <span
        className={classes.thumb}
        style={{ aspectRatio: width_px && height_px ? `${width_px}/${height_px}` : "16/9" }}
      >
        {state === "connected" ? (
          <SnapshotPicture cameraId={camera.id} alt="" every_ms={STRIP_EVERY_MS} />
        ) : (
          <span className={classes.dark}>
            <LinkMark link={state} />
          </span>
        )}
      </span>
      <Attacked camera={camera} />
      <Caption camera={camera} number={number} />
    </button>
  );
}

function WallTile({
  camera,
  number,
  layers,
  moving,
  choose,
}: TileProps & { layers: Layers; moving: boolean }) {
  return (
    <div className={classes.wallTile}>
      {moving ? (
        <LiveVideo camera={camera} layers={layers} small />
      ) : (
        <SnapshotPicture
          cameraId={camera.id}
          alt={`Picture of ${camera.name}`}
          every_ms={WALL_EVERY_MS}
          className={classes.still}
        />
      )}
      <button type="button" className={classes.wallButton} onClick={() => choose(camera.id)}>
        <span className="visually-hidden">Watch </span>
        <Attacked camera={camera} />
        <Caption camera={camera} number={number} />
      </button>
    </div>
  );
}
