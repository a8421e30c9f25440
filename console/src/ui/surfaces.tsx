/** Panels, and what they show while there is nothing, not yet anything, or something wrong. */

import { Button } from "@mantine/core";
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { ApiError } from "../api/client";
import { Icon, type IconName } from "./Icon";
import classes from "./ui.module.css";

interface PanelProps {
  title: string;
  actions?: ReactNode;
  padded?: boolean;
  className?: string | undefined;
  children: ReactNode;
}

export function Panel({ title, actions, padded = false, className, children }: PanelProps) {
  return (
    <section className={`${classes.panel} ${className ?? ""}`} aria-label={title}>
      <div className={classes.panelHead}>
        <h2>{title}</h2>
        {actions}
      </div>
      <div className={`${classes.panelBody} ${padded ? classes.padded : ""}`}>{children}</div>
    </section>
  );
}

export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={classes.pageHead}>
      <h1>{title}</h1>
      {children}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={classes.note}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function Loading({ what, rows = 4 }: { what: string; rows?: number }) {
  return (
    <div className={classes.bars} role="status" aria-busy="true">
      <span className="visually-hidden">Loading {what}</span>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are alike and never change places
        <div key={i} className={classes.bar} style={{ width: `${92 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

/** What an error says, in a title and a sentence. */
export function errorText(error: unknown): { title: string; detail: string } {
  if (error instanceof ApiError) return { title: error.problem.title, detail: error.problem.detail };
  return {
    title: "Something went wrong in the console",
    detail: error instanceof Error ? error.message : String(error),
  };
}

export function Failure({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const { title, detail } = errorText(error);
  return (
    <div className={classes.note} role="alert">
      <strong>{title}</strong>
      {detail && <p>{detail}</p>}
      {retry && (
        <Button variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  label: string;
  pressed?: boolean;
}

export function IconButton({ icon, label, pressed, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={classes.iconButton}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      {...rest}
    >
      <Icon name={icon} size={18} />
      {children}
    </button>
  );
}
