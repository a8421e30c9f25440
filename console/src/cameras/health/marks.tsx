/** Small signs for what is wrong with a camera, and for how much of it is looked at: always in words too. */

import type { Trouble } from "../../api/types";
import { Icon } from "../../ui/Icon";
import { tone } from "../../ui/marks";
import classes from "../../ui/ui.module.css";
import { isAttack, troubleWord, type Watch, type Watching } from "./health";

const WATCH_COLOUR: Record<Watching, string> = {
  full: "var(--ok)",
  dozing: "var(--signal)",
  strained: "var(--medium)",
  away: "var(--text-3)",
};

/** How much of a camera is looked at. */
export function WatchMark({ watch }: { watch: Watch }) {
  return (
    <span className={classes.link} style={tone(WATCH_COLOUR[watch.how])} title={watch.why}>
      <i className={classes.dot} data-hollow={watch.how === "full" ? undefined : true} aria-hidden="true" />
      {watch.title}
    </span>
  );
}

/** Something done to a camera, or wrong with its stream. */
export function TroubleMark({ trouble }: { trouble: Trouble }) {
  return (
    <span
      className={classes.trouble}
      style={tone(isAttack(trouble) ? "var(--high)" : "var(--medium)")}
      title={trouble.words}
    >
      <Icon name="incidents" size={13} />
      {troubleWord(trouble.what)}
    </span>
  );
}

/** A camera was moved, and nobody has looked at its zones since. */
export function DoubtMark({ reason }: { reason: string }) {
  return (
    <span className={classes.trouble} style={tone("var(--medium)")} title={reason}>
      <Icon name="zone" size={13} />
      Needs recalibration
    </span>
  );
}

/** There is more to see than the machine can look at, and this camera gives way; why stands beneath. */
export function StrainMark({ watch }: { watch: Watch }) {
  return (
    <span className={classes.trouble} style={tone("var(--medium)")} title={watch.why}>
      <Icon name="incidents" size={13} />
      {watch.title}
      <span className="visually-hidden">: {watch.why}</span>
    </span>
  );
}
