/** What tells events and is no camera: how each fares, and why one is unwell. */

import { useQuery } from "@tanstack/react-query";
import { devicesQuery } from "../api/queries";
import type { Device, PanelFaring } from "../api/types";
import { usePremisesFeed } from "../premises/feed";
import { useHere, usePageTitle } from "../shell/session";
import { ago, full } from "../time/format";
import { useNow } from "../time/useNow";
import { Dot } from "../ui/marks";
import { Records } from "../ui/Records";
import classes from "../ui/records.module.css";
import { PageHead } from "../ui/surfaces";
import styles from "./devices.module.css";
import { clockWords, HEALTH_COLOUR, healthOf, silentFirst } from "./health";

export function DevicesPage() {
  usePageTitle("Devices");
  usePremisesFeed(["devices"]);
  const devices = useQuery(devicesQuery);
  return (
    <div className={classes.page}>
      <PageHead title="Devices" />
      <Records
        what="devices"
        query={devices}
        rows={6}
        none="Door controllers, tills, panels and brokers are described in the site file, under “devices”. Each then has its own way in, and its health stands here."
      >
        {(some) => <DeviceTable devices={some} />}
      </Records>
    </div>
  );
}

const FIGURES: [title: string, field: "events" | "duplicates" | "late" | "misunderstood", meaning: string][] =
  [
    ["Events", "events", "New ones, since the server started"],
    ["Doubled", "duplicates", "Events that were known already: harmless"],
    ["Late", "late", "Told more than a minute after they happened"],
    ["Not understood", "misunderstood", "Messages that made no event"],
  ];

function DeviceTable({ devices }: { devices: Device[] }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">Health</th>
          <th scope="col">Last heard</th>
          <th scope="col" title="Its clock, against this machine's">
            Clock
          </th>
          {FIGURES.map(([title, field, meaning]) => (
            <th key={field} scope="col" className={classes.figure} title={meaning}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {devices.map((device) => (
          <DeviceRow key={device.id} device={device} />
        ))}
      </tbody>
    </table>
  );
}

function DeviceRow({ device }: { device: Device }) {
  const { time_zone } = useHere().site;
  const now = useNow();
  const { health, word, why } = healthOf(device);
  const details = Object.entries(device.details);
  return (
    <tr>
      <th scope="row">
        <strong className={styles.name}>{device.name}</strong>
        <small className="mono">
          {device.id} · {device.kind}
        </small>
        {details.length > 0 && (
          <details className={styles.details}>
            <summary>What it says of itself</summary>
            <dl>
              {details.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd className="mono">{value}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
        {device.panels.length > 0 && <Panels panels={device.panels} />}
      </th>
      <td className={`${classes.wide} ${styles.health}`}>
        <span className={styles.word}>
          <Dot colour={HEALTH_COLOUR[health]} hollow={health !== "well"} /> {word}{" "}
          <span className="dim" title={full(device.since, time_zone)}>
            for {ago(device.since, now).replace(" ago", "")}
          </span>
        </span>
        {why.map((one) => (
          <small key={one}>{one}</small>
        ))}
      </td>
      <td data-title="Last heard">{device.heard_at ? ago(device.heard_at, now) : "never"}</td>
      <td data-title="Clock">{clockWords(device.clock_offset_s) || "unknown"}</td>
      {FIGURES.map(([title, field]) => (
        <td
          key={field}
          className={`mono ${classes.figure}`}
          data-title={title}
          data-some={(field === "misunderstood" && device[field] > 0) || undefined}
        >
          {device[field]}
        </td>
      ))}
    </tr>
  );
}

const PANELS_SHOWN = 200;

/** How each panel of a receiver fares. */
function Panels({ panels }: { panels: PanelFaring[] }) {
  const { time_zone } = useHere().site;
  const now = useNow();
  return (
    <details className={styles.details} open={panels.some((one) => one.silent_since !== null) || undefined}>
      <summary>{panels.length === 1 ? "1 panel" : `${panels.length} panels`}</summary>
      <dl>
        {silentFirst(panels)
          .slice(0, PANELS_SHOWN)
          .map(({ id, heard_at, silent_since, supervised_s }) => (
            <div key={id}>
              <dt>
                <Dot
                  colour={HEALTH_COLOUR[silent_since ? "lost" : heard_at ? "well" : "waiting"]}
                  hollow={silent_since !== null || heard_at === null}
                />{" "}
                {id}
              </dt>
              <dd title={supervised_s === null ? "It may be silent" : `May be silent for ${supervised_s} s`}>
                {silent_since ? (
                  <span title={full(silent_since, time_zone)}>
                    silent for {ago(silent_since, now).replace(" ago", "")}
                  </span>
                ) : heard_at ? (
                  `heard ${ago(heard_at, now)}`
                ) : (
                  "not heard yet"
                )}
              </dd>
            </div>
          ))}
      </dl>
      {panels.length > PANELS_SHOWN && <small className="dim">and {panels.length - PANELS_SHOWN} more</small>}
    </details>
  );
}
