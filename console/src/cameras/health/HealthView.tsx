/** How well a camera sees: now, why not better, and what was wrong over the last days. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useFeed } from "../../api/feed";
import { cameraHistoryQuery, HISTORY_DAYS } from "../../api/queries";
import type { Camera } from "../../api/types";
import { cameraOf, typeName } from "../../events/words";
import { useHere } from "../../shell/session";
import { full, moment } from "../../time/format";
import { MINUTE_MS, useNow } from "../../time/useNow";
import { asSentence } from "../../ui/sentence";
import { Empty, Failure, Loading, Panel } from "../../ui/surfaces";
import classes from "../cameras.module.css";
import {
  type Episode,
  episodesOf,
  episodeWord,
  isNow,
  lasted,
  lostPictures,
  refusedSpeeds,
  troublesOf,
  watchOf,
} from "./health";
import own from "./health.module.css";
import { TroubleMark, WatchMark } from "./marks";

export function HealthView({ camera }: { camera: Camera }) {
  return (
    <div className={own.health}>
      <Panel title="Now" padded>
        <Now camera={camera} />
      </Panel>
      <History camera={camera} />
    </div>
  );
}

function Now({ camera }: { camera: Camera }) {
  const { state } = camera;
  const watch = watchOf(state);
  const troubles = troublesOf(state);
  const lost = lostPictures(state);
  const refused = refusedSpeeds(state);
  const view =
    state.state === "connected" ? "Nothing is wrong with its view." : "Its view is judged when it is back.";
  return (
    <dl className={own.now}>
      <div>
        <dt>View</dt>
        <dd>
          {troubles.length === 0 && view}
          {troubles.map((trouble) => (
            <p key={trouble.what}>
              <TroubleMark trouble={trouble} /> {trouble.words}
            </p>
          ))}
        </dd>
      </div>
      <div>
        <dt>Attention</dt>
        <dd>
          <WatchMark watch={watch} />
          {watch.why && <p>{asSentence(watch.why)}</p>}
          {lost && <p className="dim">Since its worker started: {lost}</p>}
        </dd>
      </div>
      <div>
        <dt>Zones</dt>
        <dd>
          {state.needs_recalibration
            ? "In doubt, until somebody has looked at them."
            : "Fit the view they were drawn on."}
        </dd>
      </div>
      {refused && (
        <div>
          <dt>Ground</dt>
          <dd>
            {refused}:{" "}
            <Link to="/cameras/$cameraId" params={{ cameraId: camera.id }} search={{ show: "ground" }}>
              {camera.ground ? "check the camera's ground calibration" : "calibrate the camera's ground"}
            </Link>
            .
          </dd>
        </div>
      )}
    </dl>
  );
}

function History({ camera }: { camera: Camera }) {
  const query = cameraHistoryQuery(camera.id);
  const history = useQuery(query);
  const client = useQueryClient();
  useFeed((item) => {
    if (item.kind === "event" && cameraOf(item.event) !== camera.id) return;
    if (item.kind === "gap" || typeName(item.event).startsWith("camera."))
      void client.invalidateQueries({ queryKey: query.queryKey });
  });
  const episodes = episodesOf(history.data?.items ?? []);
  return (
    <Panel
      title={`Last ${HISTORY_DAYS} days`}
      className={own.history}
      actions={
        <Link to="/events" search={{ camera: camera.id, type: ["camera."] }} className={own.more}>
          All its events
        </Link>
      }
    >
      {history.error && !history.data ? (
        <Failure error={history.error} retry={() => void history.refetch()} />
      ) : null}
      {history.isPending && <Loading what="what was wrong" rows={4} />}
      {history.data && episodes.length === 0 && (
        <Empty title="Nothing was wrong">
          <p>Not covered, blinded, moved, frozen or replayed, and never without a stream.</p>
        </Empty>
      )}
      {episodes.length > 0 && <Episodes camera={camera} episodes={episodes} />}
      {history.data?.next_cursor && (
        <p className={own.older}>There is more than fits here: earlier ones stand among its events.</p>
      )}
    </Panel>
  );
}

function Episodes({ camera, episodes }: { camera: Camera; episodes: Episode[] }) {
  const { time_zone } = useHere().site;
  const now = useNow(MINUTE_MS);
  return (
    <table className={`${classes.table} ${own.episodes}`}>
      <thead>
        <tr>
          <th scope="col">Since</th>
          <th scope="col">What</th>
          <th scope="col">For</th>
          <th scope="col">In words</th>
        </tr>
      </thead>
      <tbody>
        {episodes.map((episode) => (
          <tr key={episode.eventId}>
            <td>
              <Link
                to="/events"
                search={{ camera: camera.id, event: episode.eventId }}
                className={classes.rowLink}
              >
                <time className="mono" dateTime={episode.begins} title={full(episode.begins, time_zone)}>
                  {moment(episode.begins, time_zone, now)}
                </time>
              </Link>
            </td>
            <td>{episodeWord(episode.what)}</td>
            <td className="mono">{lasted(episode, isNow(episode, camera.state))}</td>
            <td className={own.words}>{episode.words && asSentence(episode.words)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
