/** The frame around every page: who and where we are, what needs attention, and the ways elsewhere. */

import { Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
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
import { useHere, useRights } from "./session";
import classes from "./shell.module.css";
import { Toasts, toastIncident } from "./toasts";

interface PageTab {
  to: string;
  name: string;
  icon: IconName;
  /** Has a place of its own in the narrow bar of a phone; the others stand behind "More". */
  first?: boolean;
  /** Only for those who may see who people are. */
  people?: boolean;
}

const PAGES: PageTab[] = [
  { to: "/live", name: "Live", icon: "live", first: true },
  { to: "/map", name: "Map", icon: "map", first: true },
  { to: "/incidents", name: "Incidents", icon: "incidents", first: true },
  { to: "/events", name: "Events", icon: "events", first: true },
  { to: "/cameras", name: "Cameras", icon: "cameras" },
  { to: "/doors", name: "Doors", icon: "doors" },
  { to: "/holders", name: "Holders", icon: "holders", people: true },
  { to: "/tills", name: "Tills", icon: "tills" },
  { to: "/devices", name: "Devices", icon: "devices" },
  { to: "/rules", name: "Rules", icon: "rules" },
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
    "shift+m": () => void navigate({ to: "/map" }),
    "shift+d": () => void navigate({ to: "/doors" }),
    "shift+t": () => void navigate({ to: "/tills" }),
    "shift+r": () => void navigate({ to: "/rules" }),
  });
  return (
    <div className={classes.shell}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <Header openHelp={() => setSheet("help")} openPalette={() => setSheet("palette")} />
      <Navigation />
      <main id="page" tabIndex={-1} className={classes.page}>
        <SiteProblem />
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

/** For those who may change the site: what was saved last is not in force, and why. */
function SiteProblem() {
  const { problem } = useHere().site;
  if (!problem) return null;
  return (
    <p className={classes.problem} role="alert">
      {problem}
    </p>
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
  const { operates } = useRights();
  const pages = PAGES.filter((page) => operates || !page.people);
  return (
    <nav className={classes.nav} aria-label="Pages">
      {pages.map((page) => (
        <Tab key={page.to} page={page} />
      ))}
      <More pages={pages.filter((page) => !page.first)} />
    </nav>
  );
}

function Tab({ page: { to, name, icon, first } }: { page: PageTab }) {
  const { site } = useHere();
  return (
    <Link
      to={to}
      className={classes.tab}
      data-more={first ? undefined : true}
      activeProps={{ "aria-current": "page" }}
    >
      <span className={classes.tabIcon}>
        <Icon name={icon} size={20} />
        {name === "Incidents" && <Count of={site.open_incidents} />}
      </span>
      <span>{name}</span>
    </Link>
  );
}

/** On a phone: the pages that have no place in the bar. */
function More({ pages }: { pages: PageTab[] }) {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const isHere = pages.some(({ to }) => pathname.startsWith(to));
  return (
    <Menu position="top-end" shadow="lg" width={200}>
      <Menu.Target>
        <button type="button" className={classes.tab} data-menu data-here={isHere || undefined}>
          <Icon name="more" size={20} />
          <span>More</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {pages.map(({ to, name, icon }) => (
          <Menu.Item
            key={to}
            leftSection={<Icon name={icon} size={18} />}
            onClick={() => void navigate({ to })}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Count({ of }: { of: number }): ReactNode {
  return of > 0 ? (
    <i className={classes.count} aria-hidden="true">
      {of > 99 ? "99+" : of}
    </i>
  ) : null;
}
