import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";
import { changes, incidentQuery } from "../api/queries";
import type { Disposition, IncidentDetail } from "../api/types";
import { toastDone } from "../shell/toasts";

export type IncidentWish =
  | { action: "acknowledge" }
  | { action: "reopen" }
  | { action: "resolve"; disposition: Disposition; note?: string }
  | { action: "note"; note: string };

export type IncidentMutation = UseMutationResult<IncidentDetail, Error, IncidentWish>;

const DONE: Record<IncidentWish["action"], string> = {
  acknowledge: "acknowledged",
  resolve: "resolved",
  reopen: "open again",
  note: "has your note",
};

/** Changes the incident as it was seen; when somebody else was faster, shows how it stands now and lets the person decide. */
export function useIncidentChange(incident: IncidentDetail, done: () => void): IncidentMutation {
  const client = useQueryClient();
  const { queryKey } = incidentQuery(incident.id);
  return useMutation({
    mutationFn: (wish: IncidentWish) => changes.incident(incident.id, { version: incident.version, ...wish }),
    onSuccess: (changed, { action }) => {
      client.setQueryData(queryKey, changed);
      void client.invalidateQueries({ queryKey: ["incidents"] });
      void client.invalidateQueries({ queryKey: ["site"] });
      toastDone(`Incident #${incident.number} ${DONE[action]}`);
      done();
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 409) void client.invalidateQueries({ queryKey });
    },
  });
}
