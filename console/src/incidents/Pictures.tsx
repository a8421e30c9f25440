/** The picture of an incident, and below it what the cameras that see its place showed before and after. */

import { useEffect, useRef, useState } from "react";
import { eventPictureUrl, snapshotUrl } from "../api/queries";
import type { CameraStrip, IncidentContext, IncidentDetail, Shot } from "../api/types";
import { useKeys } from "../shell/keys";
import { useHere } from "../shell/session";
import { clock } from "../time/format";
import { AnnotatedPicture } from "../ui/AnnotatedPicture";
import { type Chosen, find, nextCamera, offsetMark, offsetWords, showsEvent, step } from "./context";
import classes from "./context.module.css";
import incidents from "./incidents.module.css";

interface PicturesProps {
  incident: IncidentDetail;
  context: IncidentContext | undefined;
}

export function Pictures({ incident, context }: PicturesProps) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const strips = context?.cameras ?? [];
  const [asked, setAsked] = useState(false);
  const current = chosen ?? (asked || showsEvent(incident) ? null : step(strips, null, 1));
  const shown = find(strips, current);
  const back = () => {
    setChosen(null);
    setAsked(true);
  };
  useKeys({
    ",": () => setChosen(step(strips, current, -1)),
    ".": () => setChosen(step(strips, current, 1)),
    c: () => setChosen(nextCamera(strips, current)),
    "0": back,
  });
  return (
    <figure className={incidents.figure}>
      {shown ? (
        <ShownShot incident={incident} strip={shown.strip} shot={shown.shot} />
      ) : (
        <EventPicture incident={incident} missing={context?.pictures_deleted} />
      )}
      <section className={classes.strips} aria-label="Pictures before and after">
        <StateOfPictures context={context} />
        {strips.map((strip) => (
          <Strip
            key={strip.camera_id}
            incidentId={incident.id}
            strip={strip}
            shownId={shown?.shot.id ?? null}
            choose={(shot) => setChosen({ camera: strip.camera_id, shot: shot.id })}
          />
        ))}
        {shown && incident.picture && (
          <button type="button" className={classes.back} onClick={back}>
            Back to the picture of the event <kbd>0</kbd>
          </button>
        )}
      </section>
    </figure>
  );
}

function StateOfPictures({ context }: { context: IncidentContext | undefined }) {
  if (!context || context.state === "waiting")
    return <p className={classes.quiet}>What the cameras showed is being collected…</p>;
  if (context.state === "none")
    return <p className={classes.quiet}>Nothing was collected when this incident opened: it is too old.</p>;
  if (context.pictures_deleted) return <p className={classes.quiet}>{context.pictures_deleted}</p>;
  if (context.cameras.length === 0) return <p className={classes.quiet}>No camera sees this place.</p>;
  return (
    <p className={classes.quiet}>
      {context.state === "begun" && "What comes after is still being collected."}
      <span className={classes.keys}>
        <kbd>,</kbd> <kbd>.</kbd> earlier, later <kbd>c</kbd> next camera
      </span>
    </p>
  );
}

function Strip({
  incidentId,
  strip,
  shownId,
  choose,
}: {
  incidentId: string;
  strip: CameraStrip;
  shownId: string | null;
  choose: (shot: Shot) => void;
}) {
  const shots = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown is the one that is pressed
  useEffect(() => {
    const pressed = shots.current?.querySelector<HTMLElement>("[aria-pressed=true]");
    pressed?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shownId]);
  return (
    <div className={classes.strip}>
      <h3>{strip.name}</h3>
      {strip.missing ? (
        <p className={classes.quiet}>{strip.missing}</p>
      ) : (
        <ol ref={shots}>
          {strip.shots.map((shot) => (
            <li key={shot.id} data-at={Math.abs(shot.offset_s) < 0.75 || undefined}>
              <button
                type="button"
                aria-pressed={shot.id === shownId}
                aria-label={`${strip.name}, ${offsetWords(shot.offset_s)}`}
                onClick={() => choose(shot)}
              >
                <img src={snapshotUrl(incidentId, shot.id)} alt="" loading="lazy" />
                <span className="mono">{offsetMark(shot.offset_s)}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function ShownShot({ incident, strip, shot }: { incident: IncidentDetail; strip: CameraStrip; shot: Shot }) {
  const { time_zone } = useHere().site;
  const words = `${strip.name}, ${offsetWords(shot.offset_s)}`;
  return (
    <>
      <AnnotatedPicture
        src={snapshotUrl(incident.id, shot.id)}
        alt={words}
        zone={strip.camera_id === incident.camera_id ? incident.zone : null}
        missing="This picture cannot be shown."
      />
      <figcaption>
        <time className="mono">{clock(shot.at, time_zone)}</time>
        <span>{words}</span>
      </figcaption>
    </>
  );
}

function EventPicture({
  incident: { picture, zone, paths, title, camera_id },
  missing,
}: {
  incident: IncidentDetail;
  missing: string | undefined;
}) {
  const { time_zone } = useHere().site;
  const here = paths.filter((path) => path.camera_id === (picture?.camera_id ?? camera_id));
  return (
    <>
      <AnnotatedPicture
        src={picture && eventPictureUrl(picture.id)}
        alt={`Picture of the incident: ${title}`}
        box={picture?.box ?? null}
        zone={zone}
        paths={here}
        missing={missing || "There is no picture of this moment."}
      />
      <figcaption>
        {picture && <time className="mono">{clock(picture.at, time_zone)}</time>}
        {picture?.box && (
          <span className={incidents.key} data-mark="box">
            at this moment
          </span>
        )}
        {here.length > 0 && (
          <span className={incidents.key} data-mark="path">
            where it went, from dot to arrow
          </span>
        )}
        {zone && (
          <span className={incidents.key} data-mark="zone">
            {zone.name}
          </span>
        )}
      </figcaption>
    </>
  );
}
