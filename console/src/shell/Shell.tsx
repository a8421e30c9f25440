/** The frame around every page: who and where we are, what needs attention, and the ways elsewhere. */

import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { feed, useFeed, useFeedStatus } from "../api/feed";
import type { CustosEvent, Severity } from "../api/types";
import { clock, zoneName } from "../time/format";
import { useNow } from "../time/useNow";
import { Icon, type IconName, Mark } from "../ui/Icon";
import { Dot } from "../ui/marks";
import { IconButton } from "../ui/surfaces";
import { Help } from "./Help";
import { useKeys } from "./keys";
import { Palette } from "./Palette";
import { useHere } from "./session";
import classes from "./shell.module.css";
import { Toasts, toastIncident } from "./toasts";

const PAGES: { to: string; name: string; icon: IconName }[] = [
  { to: "/live", name: "Live", icon: "live" },
  { to: "/incidents", name: "Incidents", icon: "incidents" },
  { to: "/events", name: "Events", icon: "events" },
  { to: "/cameras", name: "Cameras", icon: "cameras" },
  { to: "/account", name: "Account", icon: "account" },
];

export function Shell() {
  const navigate = useNavigate();
  const [sheet, setSheet] = useState<"help" | "palette" | null>(null);
  const close = () => setSheet(null);
  useSiteFeed();
  useKeys({
    "?": () => setSheet("help"),
    "ctrl+k": () => setSheet("palette"),
    "shift+l": () => void navigate({ to: "/live" }),
    "shift+i": () => void navigate({ to: "/incidents" }),
    "shift+e": () => void navigate({ to: "/events" }),
    "shift+c": () => void navigate({ to: "/cameras" }),
  });
  return (
    <div className={classes.shell}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <Header openHelp={() => setSheet("help")} openPalette={() => setSheet("palette")} />
      <Navigation />
      <main id="page" tabIndex={-1} className={classes.page}>
        <Outlet />
      </main>
      <Toasts />
      <Help opened={sheet === "help"} close={close} />
      <Palette opened={sheet === "palette"} close={close} />
    </div>
  );
}

/** Keeps what is on the screen in step with the site, and announces new incidents. */
function useSiteFeed(): void {
  const client = useQueryClient();
  const navigate = useNavigate();
  useEffect(() => feed.start(), []);
  useFeed((item) => {
    if (item.kind === "gap") {
      void client.invalidateQueries();
      return;
    }
    const { type, data } = item.event;
    if (!type.startsWith("custos.incident.")) return;
    void client.invalidateQueries({ queryKey: ["incidents"] });
    void client.invalidateQueries({ queryKey: ["site"] });
    const id = String(data.incident_id ?? "");
    void client.invalidateQueries({ queryKey: ["incident", id] });
    if (type === "custos.incident.opened")
      announce(item.event, () => void navigate({ to: "/incidents/$incidentId", params: { incidentId: id } }));
  });
}

function announce({ data }: CustosEvent, open: () => void): void {
  toastIncident(Number(data.number), String(data.title ?? ""), (data.severity ?? "medium") as Severity, open);
}

function Header({ openHelp, openPalette }: { openHelp: () => void; openPalette: () => void }) {
  const { site } = useHere();
  return (
    <header className={classes.header}>
      <Link to="/live" className={classes.brand} aria-label="Custos, to the live page">
        <Mark size={26} />
        <span className={classes.word}>Custos</span>
      </Link>
      <span className={classes.site}>
        {site.name}
        {site.demo && <span className={classes.demo}>Demo</span>}
      </span>
      <button type="button" className={classes.find} onClick={openPalette}>
        <Icon name="search" size={16} />
        <span>Go to…</span>
        <kbd>Ctrl K</kbd>
      </button>
      <IncidentBadge open={site.open_incidents} />
      <Connection />
      <SiteClock />
      <span className={classes.helpButton}>
        <IconButton icon="help" label="Keys (?)" onClick={openHelp} />
      </span>
      <Person />
    </header>
  );
}

function IncidentBadge({ open }: { open: number }) {
  return (
    <Link to="/incidents" className={classes.badge} data-some={open > 0 || undefined}>
      <Icon name="incidents" size={16} />
      <b>{open}</b>
      <span className={classes.badgeWord}>open</span>
      <span className="visually-hidden"> incidents</span>
    </Link>
  );
}

function Connection() {
  const status = useFeedStatus();
  const { colour, text } = {
    open: { colour: "var(--ok)", text: "Connected" },
    connecting: { colour: "var(--medium)", text: "Connecting" },
    lost: { colour: "var(--high)", text: "Connection lost" },
  }[status];
  return (
    <span className={classes.connection} role="status" title={`Server: ${text.toLowerCase()}`}>
      <Dot colour={colour} hollow={status !== "open"} />
      <span>{text}</span>
    </span>
  );
}

function SiteClock() {
  const { time_zone } = useHere().site;
  const now = useNow();
  return (
    <time
      className={classes.clock}
      dateTime={new Date(now).toISOString()}
      title={`Time at the site (${time_zone})`}
    >
      {clock(now, time_zone)} <small>{zoneName(now, time_zone)}</small>
    </time>
  );
}

function Person() {
  const { user } = useHere().session;
  return (
    <Link
      to="/account"
      className={classes.user}
      aria-label={`Signed in as ${user.name}, to the account`}
      title={user.name}
    >
      {user.name.slice(0, 1).toUpperCase()}
    </Link>
  );
}

function Navigation() {
  const { site } = useHere();
  return (
    <nav className={classes.nav} aria-label="Pages">
      {PAGES.map(({ to, name, icon }) => (
        <Link key={to} to={to} className={classes.tab} activeProps={{ "aria-current": "page" }}>
          <span className={classes.tabIcon}>
            <Icon name={icon} size={21} />
            {name === "Incidents" && <Count of={site.open_incidents} />}
          </span>
          <span>{name}</span>
        </Link>
      ))}
    </nav>
  );
}

function Count({ of }: { of: number }): ReactNode {
  return of > 0 ? (
    <i className={classes.count} aria-hidden="true">
      {of > 99 ? "99+" : of}
    </i>
  ) : null;
}
