/** What opens incidents: rules from files and of the site, how often each spoke, and what it would have said. */

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { changes, ruleFaultsQuery, ruleFilesQuery, rulesQuery } from "../api/queries";
import type { RuleFile } from "../api/types";
import { usePageTitle, useRights } from "../shell/session";
import { toastDone } from "../shell/toasts";
import { SeverityMark } from "../ui/marks";
import { Records } from "../ui/Records";
import classes from "../ui/records.module.css";
import { PageHead, Panel } from "../ui/surfaces";
import { Ticked } from "../ui/Ticked";
import { severityOf } from "./level";
import styles from "./rules.module.css";

export function RulesPage() {
  usePageTitle("Rules");
  const rules = useQuery(ruleFilesQuery);
  const spoken = rules.data?.reduce((sum, one) => sum + one.hits, 0) ?? 0;
  return (
    <div className={classes.page}>
      <PageHead title="Rules">
        {rules.data && (
          <p className="dim">
            {rules.data.filter((one) => one.in_use).length} in use; they spoke {spoken} times in seven days
          </p>
        )}
      </PageHead>
      <Records
        what="rules"
        query={rules}
        rows={10}
        none="Rules stand in files of the folder “rules” beside the site file."
      >
        {(some) => <RuleTable rules={some} />}
      </Records>
      <RuleFaults />
      <SiteRules />
    </div>
  );
}

/** Rule files that are not in force as they are, with file and line. They are read again by themselves. */
function RuleFaults() {
  const { administers } = useRights();
  const client = useQueryClient();
  const faults = useQuery({ ...ruleFaultsQuery, enabled: administers });
  const read = useMutation({
    mutationFn: changes.readRuleFiles,
    onSuccess: ({ rules, faults: left }) => {
      void client.invalidateQueries({ queryKey: ruleFaultsQuery.queryKey });
      void client.invalidateQueries({ queryKey: ruleFilesQuery.queryKey });
      if (left.length === 0) toastDone("The rule files were read", `${rules} rules are in force`);
    },
  });
  if (!administers || !faults.data?.length) return null;
  return (
    <Panel title="Files that are not in force as they are">
      <ul className={classes.list}>
        {faults.data.map((fault) => (
          <li key={`${fault.file}:${fault.line}:${fault.what}`}>
            <span>
              <span className="mono">{fault.line ? `${fault.file}:${fault.line}` : fault.file}</span>:{" "}
              {fault.what}
              <small className={styles.of}>{fault.remedy || "What it said before is in force."}</small>
            </span>
          </li>
        ))}
      </ul>
      <div className={styles.trialHead}>
        <p className="dim">What they said before is in force. They are read again when they change.</p>
        <Button variant="default" loading={read.isPending} onClick={() => read.mutate()}>
          Read again now
        </Button>
      </div>
    </Panel>
  );
}

function RuleTable({ rules }: { rules: RuleFile[] }) {
  const sorted = rules.toSorted((a, b) => b.hits - a.hits || a.title.localeCompare(b.title));
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Rule</th>
          <th scope="col">Level</th>
          <th scope="col">Status</th>
          <th scope="col" className={classes.figure} title="How often it spoke in seven days">
            Hits
          </th>
          <th scope="col">In use</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((rule) => (
          <tr key={rule.id} data-off={rule.in_use ? undefined : true}>
            <th scope="row">
              <Link to="/rules/$ruleId" params={{ ruleId: rule.id }} className={classes.rowLink}>
                {rule.title}
              </Link>
              <small>
                <Ticked words={rule.description} />
              </small>
            </th>
            <td data-title="Level">
              {rule.level === "info" ? (
                <span className="dim">noted only</span>
              ) : (
                <SeverityMark severity={severityOf(rule.level)} />
              )}
            </td>
            <td data-title="Status">{rule.status}</td>
            <td className={`mono ${classes.figure}`} data-title="Hits" data-some={rule.hits > 0 || undefined}>
              {rule.hits}
            </td>
            <td data-title="In use">{rule.in_use ? "yes" : "switched off"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SiteRules() {
  const rules = useQuery(rulesQuery);
  if (!rules.data?.length) return null;
  return (
    <Panel title="Of this site file">
      <ul className={classes.list}>
        {rules.data.map((rule) => (
          <li key={rule.id}>
            <span>
              {rule.title}
              <small className={styles.of}>
                Somebody in {rule.zones.join(", ")}
                {rule.longer_than_s > 0 && ` for longer than ${rule.longer_than_s} s`}
                {rule.expected ? `, outside of ${rule.expected}` : ", at any time"}
              </small>
            </span>
            <SeverityMark severity={rule.severity} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
