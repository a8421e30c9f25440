import type { Severity } from "../api/types";

/** A rule's level, after Sigma's words, as the severity of the incidents it opens. */
export function severityOf(level: string): Severity {
  if (level === "high" || level === "critical") return "high";
  return level === "medium" ? "medium" : "low";
}
