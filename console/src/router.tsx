/** Every address of the console. Pages load when they are first visited. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import type { Severity } from "./api/types";
import { type CameraShow, readShow } from "./cameras/show";
import { type EventSearch, readSearch } from "./events/filter";
import type { StateFilter } from "./incidents/IncidentsPage";
import { Gate } from "./shell/Gate";
import { Empty, Failure } from "./ui/surfaces";

const root = createRootRoute({
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
});

function NotFound() {
  return (
    <Empty title="There is no such page">
      <Link to="/live">To the live page</Link>
    </Empty>
  );
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { next?: string | undefined } => ({
    next: text(search.next),
  }),
  component: lazyRouteComponent(() => import("./entry/SignInPage"), "SignInPage"),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: (search: Record<string, unknown>): { token?: string | undefined } => ({
    token: text(search.token),
  }),
  component: lazyRouteComponent(() => import("./entry/SetupPage"), "SetupPage"),
});

const invited = createRoute({
  getParentRoute: () => root,
  path: "/invited",
  validateSearch: (search: Record<string, unknown>): { token?: string | undefined } => ({
    token: text(search.token),
  }),
  component: lazyRouteComponent(() => import("./entry/InvitedPage"), "InvitedPage"),
});

const app = createRoute({ getParentRoute: () => root, id: "app", component: Gate });

const home = createRoute({
  getParentRoute: () => app,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/live", replace: true });
  },
});

interface LiveSearch {
  camera?: string | undefined;
  layout?: "wall" | undefined;
}

const live = createRoute({
  getParentRoute: () => app,
  path: "/live",
  validateSearch: (search: Record<string, unknown>): LiveSearch => ({
    camera: text(search.camera),
    layout: search.layout === "wall" ? "wall" : undefined,
  }),
  component: lazyRouteComponent(() => import("./live/LivePage"), "LivePage"),
});

interface IncidentsSearch {
  state?: StateFilter | undefined;
  severity?: Severity | undefined;
}

const STATES: readonly unknown[] = ["active", "open", "resolved", "all"];
const SEVERITIES: readonly unknown[] = ["low", "medium", "high"];

const incidents = createRoute({
  getParentRoute: () => app,
  path: "/incidents",
  validateSearch: ({ state, severity }: Record<string, unknown>): IncidentsSearch => ({
    state: STATES.includes(state) ? (state as StateFilter) : undefined,
    severity: SEVERITIES.includes(severity) ? (severity as Severity) : undefined,
  }),
  component: lazyRouteComponent(() => import("./incidents/IncidentsPage"), "IncidentsPage"),
});

const noIncident = createRoute({
  getParentRoute: () => incidents,
  path: "/",
  component: lazyRouteComponent(() => import("./incidents/IncidentsPage"), "NoIncidentChosen"),
});

const incident = createRoute({
  getParentRoute: () => incidents,
  path: "$incidentId",
  component: lazyRouteComponent(() => import("./incidents/IncidentPage"), "IncidentPage"),
});

const events = createRoute({
  getParentRoute: () => app,
  path: "/events",
  validateSearch: (search: Record<string, unknown>): EventSearch => readSearch(search),
  component: lazyRouteComponent(() => import("./events/EventsPage"), "EventsPage"),
});

const cameras = createRoute({
  getParentRoute: () => app,
  path: "/cameras",
  component: lazyRouteComponent(() => import("./cameras/CamerasPage"), "CamerasPage"),
});

const newCamera = createRoute({
  getParentRoute: () => app,
  path: "/cameras/new",
  validateSearch: (search: Record<string, unknown>): { added?: string | undefined } => ({
    added: text(search.added),
  }),
  component: lazyRouteComponent(() => import("./cameras/NewCameraPage"), "NewCameraPage"),
});

const camera = createRoute({
  getParentRoute: () => app,
  path: "/cameras/$cameraId",
  validateSearch: (search: Record<string, unknown>): { show?: CameraShow | undefined } => ({
    show: readShow(search.show),
  }),
  component: lazyRouteComponent(() => import("./cameras/CameraPage"), "CameraPage"),
});

const map = createRoute({
  getParentRoute: () => app,
  path: "/map",
  validateSearch: (search: Record<string, unknown>): { at?: string | undefined } => ({ at: text(search.at) }),
  component: lazyRouteComponent(() => import("./map/MapPage"), "MapPage"),
});

const area = createRoute({
  getParentRoute: () => app,
  path: "/areas/$areaId",
  component: lazyRouteComponent(() => import("./doors/AreaPage"), "AreaPage"),
});

const doors = createRoute({
  getParentRoute: () => app,
  path: "/doors",
  component: lazyRouteComponent(() => import("./doors/DoorsPage"), "DoorsPage"),
});

const door = createRoute({
  getParentRoute: () => app,
  path: "/doors/$doorId",
  component: lazyRouteComponent(() => import("./doors/DoorPage"), "DoorPage"),
});

const holders = createRoute({
  getParentRoute: () => app,
  path: "/holders",
  validateSearch: (search: Record<string, unknown>): { q?: string | undefined } => ({ q: text(search.q) }),
  component: lazyRouteComponent(() => import("./holders/HoldersPage"), "HoldersPage"),
});

const holder = createRoute({
  getParentRoute: () => app,
  path: "/holders/$holderId",
  component: lazyRouteComponent(() => import("./holders/HolderPage"), "HolderPage"),
});

const tills = createRoute({
  getParentRoute: () => app,
  path: "/tills",
  component: lazyRouteComponent(() => import("./tills/TillsPage"), "TillsPage"),
});

const till = createRoute({
  getParentRoute: () => app,
  path: "/tills/$tillId",
  component: lazyRouteComponent(() => import("./tills/TillPage"), "TillPage"),
});

const devices = createRoute({
  getParentRoute: () => app,
  path: "/devices",
  component: lazyRouteComponent(() => import("./devices/DevicesPage"), "DevicesPage"),
});

const rules = createRoute({
  getParentRoute: () => app,
  path: "/rules",
  component: lazyRouteComponent(() => import("./rules/RulesPage"), "RulesPage"),
});

const rule = createRoute({
  getParentRoute: () => app,
  path: "/rules/$ruleId",
  component: lazyRouteComponent(() => import("./rules/RulePage"), "RulePage"),
});

const account = createRoute({
  getParentRoute: () => app,
  path: "/account",
  component: lazyRouteComponent(() => import("./account/AccountPage"), "AccountPage"),
});

const people = createRoute({
  getParentRoute: () => app,
  path: "/people",
  component: lazyRouteComponent(() => import("./people/PeoplePage"), "PeoplePage"),
});

const tree = root.addChildren([
  signIn,
  setup,
  invited,
  app.addChildren([
    home,
    live,
    incidents.addChildren([noIncident, incident]),
    events,
    cameras,
    newCamera,
    camera,
    account,
    people,
    map,
    area,
    doors,
    door,
    holders,
    holder,
    tills,
    till,
    devices,
    rules,
    rule,
  ]),
]);

export const router = createRouter({ routeTree: tree, defaultPreload: "intent", scrollRestoration: true });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
