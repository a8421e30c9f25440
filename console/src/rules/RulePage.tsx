/** One rule: what fires it, what may be false about it, and a trial on what has been stored. */

import { Button, SegmentedControl } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { changes, namedCamerasQuery, ruleFilesQuery, trialQuery } from "../api/queries";
import type { RuleFile, Trial } from "../api/types";
import { useHere, usePageTitle, useRights } from "../shell/session";
import { toastDone } from "../shell/toasts";
import { full, moment } from "../time/format";
import { MINUTE_MS, useNow } from "../time/useNow";
import { Icon } from "../ui/Icon";
import { RiskMeter, SeverityMark } from "../ui/marks";
import classes from "../ui/records.module.css";
import { Empty, errorText, Failure, Loading, Panel } from "../ui/surfaces";
import { Ticked } from "../ui/Ticked";
import { severityOf } from "./level";
import styles from "./rules.module.css";

const route = getRouteApi("/app/rules/$ruleId");

export function RulePage() {
  const { ruleId } = route.useParams();
  const rules = useQuery(ruleFilesQuery);
  const rule = rules.data?.find((one) => one.id === ruleId);
  usePageTitle(rule?.title ?? "Rule");
  if (rule) return <RuleView key={ruleId} rule={rule} />;
  if (rules.error) return <Failure error={rules.error} retry={() => void rules.refetch()} />;
  if (rules.isPending) return <Loading what="the rule" rows={8} />;
  return (
    <Empty title="There is no such rule">
      <Link to="/rules">All rules</Link>
    </Empty>
  );
}

function RuleView({ rule }: { rule: RuleFile }) {
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <Link to="/rules" className={classes.back} aria-label="All rules">
          <Icon name="back" size={18} />
        </Link>
        <h1>{rule.title}</h1>
        {rule.level !== "info" && <SeverityMark severity={severityOf(rule.level)} />}
        <span className={classes.spring}>
          {rule.status}
          {rule.level === "info" && ", noted only: it opens no incident"}
          {!rule.in_use && ", switched off at this site"}
        </span>
        <Switching rule={rule} />
      </div>
      <div className={classes.columns}>
        <div className={classes.column}>
          <TryOut rule={rule} />
        </div>
        <div className={classes.column}>
          <About rule={rule} />
        </div>
      </div>
    </div>
  );
}

/** Uses the rule or switches it off; the site file remembers. */
function Switching({ rule }: { rule: RuleFile }) {
  const { administers } = useRights();
  const client = useQueryClient();
  const put = useMutation({
    mutationFn: () => changes.putRule(rule.id, { in_use: !rule.in_use }),
    onSuccess: (changed) => {
      void client.invalidateQueries({ queryKey: ruleFilesQuery.queryKey });
      toastDone(changed.in_use ? "The rule is in use" : "The rule is switched off", rule.title);
    },
  });
  if (!administers) return null;
  return (
    <>
      {put.error && (
        <span className={classes.wrong} role="alert">
          {errorText(put.error).detail || errorText(put.error).title}
        </span>
      )}
      <Button variant="default" loading={put.isPending} onClick={() => put.mutate()}>
        {rule.in_use ? "Switch off" : "Use it"}
      </Button>
    </>
  );
}

function About({ rule }: { rule: RuleFile }) {
  return (
    <Panel title="What it says" padded>
      <dl className={classes.facts}>
        <div>
          <dt>Fires when</dt>
          <dd>
            <Ticked words={rule.description} />
          </dd>
        </div>
        <div>
          <dt>Operators read</dt>
          <dd>{rule.operator}</dd>
        </div>
        <div>
          <dt>May be false</dt>
          <dd>
            {rule.falsepositives.length === 0 ? (
              "Nothing is known to be."
            ) : (
              <ul className={rule.falsepositives.length > 1 ? styles.bullets : undefined}>
                {rule.falsepositives.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            )}
          </dd>
        </div>
        <div>
          <dt>Listens to</dt>
          <dd className={classes.chips}>
            {rule.types.map((type) => (
              <Link key={type} to="/events" search={{ type: [type] }} className={`mono ${classes.chip}`}>
                {type}
              </Link>
            ))}
          </dd>
        </div>
        <div>
          <dt>Hits</dt>
          <dd>{rule.hits === 1 ? "once" : `${rule.hits} times`} in seven days</dd>
        </div>
        <div>
          <dt>Name in files</dt>
          <dd className="mono">{rule.id}</dd>
        </div>
      </dl>
    </Panel>
  );
}

const DAYS = [
  { value: "1", label: "1 day" },
  { value: "7", label: "7 days" },
  { value: "31", label: "31 days" },
];

function TryOut({ rule }: { rule: RuleFile }) {
  const [days, setDays] = useState("7");
  const [asked, setAsked] = useState<number | null>(null);
  const trial = useQuery({ ...trialQuery(rule.id, asked ?? 7), enabled: asked !== null });
  const begin = () => {
    if (asked === Number(days)) void trial.refetch();
    else setAsked(Number(days));
  };
  return (
    <Panel title="Try it">
      <div className={styles.trialHead}>
        <p className="dim">What it would have said to the events on record. Nothing is opened.</p>
        <SegmentedControl size="xs" aria-label="How far back" data={DAYS} value={days} onChange={setDays} />
        <Button loading={trial.isFetching} onClick={begin}>
          Try on the last {days === "1" ? "day" : `${days} days`}
        </Button>
      </div>
      {trial.error && !trial.isFetching ? <Failure error={trial.error} /> : null}
      {trial.data && !trial.isFetching && <TrialResult trial={trial.data} />}
    </Panel>
  );
}

function TrialResult({ trial }: { trial: Trial }) {
  const took = trial.took_s < 1 ? `${Math.round(trial.took_s * 1000)} ms` : `${trial.took_s.toFixed(1)} s`;
  return (
    <>
      <p className={classes.plain} role="status">
        <strong>
          {trial.opened === 0
            ? "It would have opened no incident"
            : `It would have opened ${trial.opened === 1 ? "one incident" : `${trial.opened} incidents`}`}
        </strong>
        , speaking {trial.fired === 1 ? "once" : `${trial.fired} times`} to {trial.heard} events; the trial
        took {took}.{trial.is_cut && " There were more events than a trial hears: try fewer days."}
      </p>
      <ol className={classes.log}>
        {trial.incidents.map((one) => (
          <TrialIncident key={`${one.opened_at}-${one.event_ids[0]}`} one={one} />
        ))}
      </ol>
      <details className={styles.words} open={trial.opened === 0}>
        <summary>How it came to that</summary>
        <ul>
          {trial.words.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
    </>
  );
}

function TrialIncident({ one }: { one: Trial["incidents"][number] }) {
  const { time_zone } = useHere().site;
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const now = useNow(MINUTE_MS);
  const camera = cameras.find((c) => c.id === one.camera_id)?.name;
  const [first] = one.event_ids;
  return (
    <li>
      <Link to="/events" search={first ? { event: first } : {}}>
        <time className="mono" dateTime={one.opened_at} title={full(one.opened_at, time_zone)}>
          {moment(one.opened_at, time_zone, now)}
        </time>
        <span className={styles.incident}>
          {one.reasons[0] ?? one.title}
          <small>
            {[
              camera,
              one.event_ids.length === 1 ? "one event" : `${one.event_ids.length} events`,
              one.signals > 1 ? `spoke ${one.signals} times` : null,
            ]
              .filter(Boolean)
              .join(", ")}
          </small>
        </span>
        <RiskMeter risk={one.risk} severity={one.severity} />
      </Link>
    </li>
  );
}
