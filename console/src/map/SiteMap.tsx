/** The plan itself: picture, areas, fields of view, and over them the marks that can be pressed. */

import { Link } from "@tanstack/react-router";
import type { CSSProperties, ReactNode } from "react";
import type { Area, Camera, Door, Plan, Point, Risk, Thing } from "../api/types";
import { DoorSign } from "../doors/DoorMark";
import { doorLook, TONE_COLOUR } from "../doors/look";
import { useNow } from "../time/useNow";
import { Icon, type IconName } from "../ui/Icon";
import { LINK_COLOUR, SEVERITY_COLOUR } from "../ui/marks";
import { headcount } from "./headcount";
import { type MapLayout, viewPath } from "./layout";
import classes from "./map.module.css";
import { pageOf, subjectOf } from "./subjects";

export interface SiteMapProps {
  plan: Plan;
  layout: MapLayout;
  areas: readonly Area[];
  doors: readonly Door[];
  cameras: readonly Pick<Camera, "id" | "name" | "state">[];
  /** What is to stand out: "doors/front", "areas/office". */
  lit: readonly string[];
}

/** The sheet everything is drawn on, as large as fits, in the plan's own shape. */
export function Sheet({ plan, children }: { plan: Plan; children: ReactNode }) {
  const shape = { "--shape": plan.width_m / plan.height_m } as CSSProperties;
  return (
    <div className={classes.sheet} style={shape} data-paper={plan.image ? undefined : true}>
      {plan.image && <img src={plan.image} alt="" className={classes.picture} />}
      {children}
    </div>
  );
}

export function SiteMap(props: SiteMapProps) {
  const { plan, layout, areas, doors, cameras, lit } = props;
  const riskOf = new Map(plan.risks.map((one) => [one.of, one]));
  return (
    <Sheet plan={plan}>
      <Ground plan={plan} layout={layout} riskOf={riskOf} lit={lit} />
      {layout.areas.map(({ id, label }) => {
        const area = areas.find((one) => one.id === id);
        return (
          area && (
            <AreaLabel
              key={id}
              area={area}
              at={label}
              risk={riskOf.get(`areas/${id}`)}
              lit={lit.includes(`areas/${id}`)}
            />
          )
        );
      })}
      {layout.cameras.map(({ id, place }) => {
        const camera = cameras.find((one) => one.id === id);
        return (
          camera && (
            <CameraPin
              key={id}
              camera={camera}
              at={place.position}
              lit={lit.includes(`cameras/${id}`)}
              risk={riskOf.get(`cameras/${id}`)}
            />
          )
        );
      })}
      {layout.things.map(({ id, at: position }) => (
        <ThingPin
          key={id}
          of={id}
          at={position}
          lit={lit.includes(id)}
          trouble={plan.things.find((thing) => thing.of === id)?.trouble ?? null}
          risk={riskOf.get(id)}
        />
      ))}
      {layout.doors.map(({ id, at: position }) => {
        const door = doors.find((one) => one.id === id);
        return (
          door && (
            <DoorPin
              key={id}
              door={door}
              at={position}
              lit={lit.includes(`doors/${id}`)}
              risk={riskOf.get(`doors/${id}`)}
            />
          )
        );
      })}
    </Sheet>
  );
}

interface GroundProps {
  plan: Plan;
  layout: MapLayout;
  riskOf: ReadonlyMap<string, Risk>;
  lit: readonly string[];
}

/** Areas in the colour of their risk, and what cameras overlook; in metres. */
export function Ground({ plan: { width_m, height_m }, layout, riskOf, lit }: GroundProps) {
  const metres = (points: readonly Point[]) =>
    points.map(([x, y]) => `${x * width_m},${y * height_m}`).join(" ");
  return (
    <svg
      className={classes.ground}
      viewBox={`0 0 ${width_m} ${height_m}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {layout.areas.map(({ id, outline }) => (
        <polygon
          key={id}
          className={classes.area}
          points={metres(outline)}
          data-lit={lit.includes(`areas/${id}`) || undefined}
          data-risky={riskOf.has(`areas/${id}`) || undefined}
          style={toneOf(riskOf.get(`areas/${id}`))}
        />
      ))}
      {layout.cameras.map(({ id, place }) => (
        <path
          key={id}
          className={classes.view}
          d={viewPath(place, width_m, height_m)}
          data-lit={lit.includes(`cameras/${id}`) || undefined}
        />
      ))}
    </svg>
  );
}

function toneOf(risk: Risk | undefined): CSSProperties {
  return { "--tone": risk ? SEVERITY_COLOUR[risk.severity] : "var(--text-3)" } as CSSProperties;
}

const percent = ([x, y]: Point): CSSProperties => ({ left: `${x * 100}%`, top: `${y * 100}%` });

interface PinProps {
  of: string;
  at: Point;
  lit: boolean;
  name: string;
  /** How it is, in words: "forced open, alarms suspended". */
  told: string;
  colour: string;
  sign: ReactNode;
  word?: string | undefined;
  kind: string;
  risk?: Risk | undefined;
}

function Pin({ of, at, lit, name, told, colour, sign, word, kind, risk }: PinProps) {
  const page = pageOf(of);
  const why = risk ? `; ${riskSentence(risk)}` : "";
  return (
    <Link
      {...(page ?? { to: "/map" })}
      className={classes.pin}
      data-kind={kind}
      data-edge={at[0] > 0.92 ? "right" : at[0] < 0.08 ? "left" : undefined}
      data-lit={lit || undefined}
      data-of={of}
      style={{ ...percent(at), "--tone": colour } as CSSProperties}
      title={`${name}: ${told}${why}`}
    >
      <span className={classes.sign}>{sign}</span>
      <span className={classes.name}>{name}</span>
      {word && <span className={classes.word}>{word}</span>}
      <span className="visually-hidden">; {told + why}</span>
    </Link>
  );
}

/** "risk 85 from #12 Door forced" */
export function riskSentence({ risk, incidents }: Risk): string {
  const [gravest] = incidents;
  const more = incidents.length > 1 ? ` and ${incidents.length - 1} more` : "";
  return gravest ? `risk ${risk} from #${gravest.number} ${gravest.title}${more}` : `risk ${risk}`;
}

function DoorPin({ door, at, lit, risk }: { door: Door; at: Point; lit: boolean; risk: Risk | undefined }) {
  const look = doorLook(door);
  const plain = look.tone === "calm" || door.state === null;
  return (
    <Pin
      of={`doors/${door.id}`}
      kind={plain ? "door" : "door-unlike"}
      at={at}
      lit={lit}
      name={door.name}
      told={["door", look.word.toLowerCase(), ...look.besides].join(", ")}
      colour={TONE_COLOUR[look.tone]}
      sign={<DoorSign look={look} size={18} />}
      word={plain ? undefined : look.word}
      risk={risk}
    />
  );
}

function CameraPin({
  camera,
  at,
  lit,
  risk,
}: {
  camera: Pick<Camera, "id" | "name" | "state">;
  at: Point;
  lit: boolean;
  risk: Risk | undefined;
}) {
  const { state, integrity } = camera.state;
  const [trouble] = integrity;
  const well = state === "connected" && !trouble;
  return (
    <Pin
      of={`cameras/${camera.id}`}
      kind="camera"
      at={at}
      lit={lit}
      name={camera.name}
      told={`camera, ${trouble ? trouble.words : state}`}
      colour={trouble ? "var(--high)" : well ? "var(--text)" : LINK_COLOUR[state]}
      sign={<Icon name="cameras" size={16} />}
      word={trouble ? trouble.what : well ? undefined : state}
      risk={risk}
    />
  );
}

const THING_ICONS: Record<string, IconName> = {
  tills: "tills",
  panels: "key",
  sensors: "devices",
  devices: "devices",
};

/** Of a panel and its zones: in colour and in words. */
const TROUBLES: Record<NonNullable<Thing["trouble"]>, { colour: string; word: string; told: string }> = {
  alarm: { colour: "var(--high)", word: "Alarm", told: "in alarm" },
  tamper: { colour: "var(--medium)", word: "Tamper", told: "tampered with" },
  silent: { colour: "var(--text-3)", word: "Silent", told: "not heard from" },
};

interface ThingPinProps {
  of: string;
  at: Point;
  lit: boolean;
  trouble: Thing["trouble"];
  risk: Risk | undefined;
}

function ThingPin({ of, at, lit, trouble, risk }: ThingPinProps) {
  const { kind, name, word } = subjectOf(of);
  const look = trouble && TROUBLES[trouble];
  return (
    <Pin
      of={of}
      kind={look ? "thing-unlike" : "thing"}
      at={at}
      lit={lit}
      name={name}
      told={look ? `${word}, ${look.told}` : word}
      colour={look?.colour ?? (risk ? SEVERITY_COLOUR[risk.severity] : "var(--text)")}
      sign={<Icon name={THING_ICONS[kind] ?? "devices"} size={16} />}
      word={look?.word}
      risk={risk}
    />
  );
}

function AreaLabel({ area, at, risk, lit }: { area: Area; at: Point; risk: Risk | undefined; lit: boolean }) {
  const { words, short, disagree, why } = headcount(area, useNow());
  const told = ["area", words, why, risk && riskSentence(risk)].filter(Boolean).join("; ");
  return (
    <Link
      to="/areas/$areaId"
      params={{ areaId: area.id }}
      className={classes.label}
      data-lit={lit || undefined}
      data-of={`areas/${area.id}`}
      style={{ ...percent(at), ...toneOf(risk) }}
      title={told}
    >
      <strong>{area.name}</strong>
      {short && (
        <span className={classes.people} data-disagree={disagree || undefined}>
          <Icon name="account" size={12} />
          {short}
        </span>
      )}
      {risk && <b className={classes.riskNumber}>{risk.risk}</b>}
      <span className="visually-hidden">; {told}</span>
    </Link>
  );
}
