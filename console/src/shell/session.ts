/** Who is signed in, and at which site; known to every page, because nothing is shown before both are. */

import { createContext, useContext } from "react";
import type { Session, Site } from "../api/types";

export interface Here {
  session: Session;
  site: Site;
}

export const HereContext = createContext<Here | null>(null);

export function useHere(): Here {
  const here = useContext(HereContext);
  if (!here) throw new Error("useHere outside of the signed-in part");
  return here;
}

/** Whether the person may handle incidents, and whether they may change the site. */
export function useRights(): { operates: boolean; administers: boolean } {
  const { role } = useHere().session.user;
  return { operates: role !== "viewer", administers: role === "administrator" };
}

export function usePageTitle(title: string): void {
  const { site } = useHere();
  const text = `${title} · ${site.name} · Custos`;
  if (document.title !== text) document.title = text;
}
