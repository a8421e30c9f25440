/** Small signs that say how grave, how far, in what state: always in words or numbers too, never by colour alone. */

import type { CSSProperties, ReactNode } from "react";
import type { IncidentState, Link, Severity } from "../api/types";
import classes from "./ui.module.css";

export const SEVERITY_COLOUR: Record<Severity, string> = {
  high: "var(--high)",
  medium: "var(--medium)",
  low: "var(--low)",
};

const SEVERITY_WORD: Record<Severity, string> = { high: "High", medium: "Medium", low: "Low" };
const SEVERITY_STEPS: Record<Severity, number> = { high: 3, medium: 2, low: 1 };

export function tone(colour: string): CSSProperties {
  return { "--tone": colour } as CSSProperties;
}

export function SeverityMark({ severity, word = true }: { severity: Severity; word?: boolean }) {
  const steps = SEVERITY_STEPS[severity];
  return (
    <span className={classes.severity} style={tone(SEVERITY_COLOUR[severity])}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        {[1, 2, 3].map((n) => (
          <rect
            key={n}
            x={(n - 1) * 4.25}
            y={12 - n * 4}
            width="3"
            height={n * 4}
            rx="0.5"
            fill={n <= steps ? "currentColor" : "var(--edge)"}
          />
        ))}
      </svg>
      <span className={word ? undefined : "visually-hidden"}>
        {SEVERITY_WORD[severity]}
        {word ? "" : " severity"}
      </span>
    </span>
  );
}

export function RiskMeter({ risk, severity }: { risk: number; severity: Severity }) {
  return (
    <span className={classes.risk} style={tone(SEVERITY_COLOUR[severity])}>
      <b>
        <span className="visually-hidden">Risk </span>
        {risk}
      </b>
      <span className={classes.riskTrack} aria-hidden="true">
        <i style={{ width: `${Math.min(100, Math.max(0, risk))}%` }} />
      </span>
    </span>
  );
}

const LINK_WORD: Record<Link, string> = {
  connecting: "Connecting",
  connected: "Connected",
  lost: "Lost",
  stalled: "Stalled",
  disabled: "Off",
  unserved: "No worker",
};

export const LINK_COLOUR: Record<Link, string> = {
  connecting: "var(--signal)",
  connected: "var(--ok)",
  lost: "var(--high)",
  stalled: "var(--medium)",
  disabled: "var(--text-3)",
  unserved: "var(--high)",
};

export function LinkMark({ link, word = true }: { link: Link; word?: boolean }) {
  return (
    <span className={classes.link} style={tone(LINK_COLOUR[link])}>
      <i className={classes.dot} data-hollow={link === "connected" ? undefined : true} aria-hidden="true" />
      <span className={word ? undefined : "visually-hidden"}>{LINK_WORD[link]}</span>
    </span>
  );
}

const STATE_WORD: Record<IncidentState, string> = {
  open: "Open",
  acknowledged: "Acknowledged",
  resolved: "Resolved",
};

export function StateMark({ state }: { state: IncidentState }) {
  return (
    <span className={classes.state} data-state={state}>
      {STATE_WORD[state]}
    </span>
  );
}

export function Dot({ colour, hollow = false }: { colour: string; hollow?: boolean }) {
  return (
    <i className={classes.dot} style={tone(colour)} data-hollow={hollow || undefined} aria-hidden="true" />
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className={classes.kbd}>{children}</kbd>;
}
