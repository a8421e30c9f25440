/** A door's state as a sign and a word: the leaf is shut or swung open, the colour and the word say how grave. */

import type { Door } from "../api/types";
import classes from "./doors.module.css";
import { type DoorLook, doorLook, TONE_COLOUR } from "./look";

export function DoorSign({ look, size = 18 }: { look: DoorLook; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 18 18"
      fill="none"
      stroke={TONE_COLOUR[look.tone]}
      strokeWidth="2"
      strokeDasharray={look.tone === "off" ? "2 2" : undefined}
      aria-hidden="true"
    >
      <path d="M2 14.500v-3M16 14.500v-3" />
      <path d={look.isOpen ? "M3 13 11.500 4.500" : "M3 13h12"} />
      {look.tone === "alarm" && <path d="M15.500 2v4M15.500 8v.5" />}
    </svg>
  );
}

export function DoorMark({ door }: { door: Pick<Door, "state"> }) {
  const look = doorLook(door);
  return (
    <span className={classes.mark} style={{ color: TONE_COLOUR[look.tone] }}>
      <DoorSign look={look} />
      <span className={look.tone === "calm" ? classes.calm : undefined}>{look.word}</span>
    </span>
  );
}
