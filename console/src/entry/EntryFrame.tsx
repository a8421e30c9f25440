import type { ReactNode } from "react";
import { Mark } from "../ui/Icon";
import classes from "./entry.module.css";

export function EntryFrame({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <main className={classes.entry}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Mark size={34} />
          <span>Custos</span>
        </div>
        <h1>{title}</h1>
        {lead && <p className={classes.lead}>{lead}</p>}
        {children}
      </div>
    </main>
  );
}
