/** Saving what was changed on a camera's page, and not losing it. */

import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { camerasQuery, changes } from "../api/queries";
import type { Camera, CameraSettings } from "../api/types";
import { toastDone } from "../shell/toasts";
import { errorText } from "../ui/surfaces";
import classes from "./cameras.module.css";

/** What a PUT needs of a camera as it is. An empty address keeps the present one, whose password we are not told;
 * behaviours and ground that are left out stay as they are. */
export function settingsOf({
  name,
  transport,
  loop,
  enabled,
  detect_fps,
  zones,
  lines,
}: Camera): CameraSettings {
  return { name, url: "", transport, loop, enabled, detect_fps, zones, lines };
}

/** Saves a part of the camera, `what` in words: "Zones and lines". */
export function useSaveCamera(camera: Camera, what: string, saved: (camera: Camera) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (part: Partial<CameraSettings>) =>
      changes.putCamera(camera.id, { ...settingsOf(camera), ...part }),
    onSuccess: (changed) => {
      client.setQueryData(camerasQuery.queryKey, (all) =>
        all?.map((c) => (c.id === changed.id ? changed : c)),
      );
      saved(changed);
      toastDone(`${what} saved`, `${camera.name} uses them from now on.`);
    },
  });
}

interface SaveBarProps {
  /** In lower case: "zones and lines". */
  what: string;
  changed: boolean;
  saving: boolean;
  error: Error | null;
  /** What the server said of single fields; those at `shown` stand beside their fields already. */
  errors: ReadonlyMap<string, string>;
  shown: RegExp;
  save: () => void;
  discard: () => void;
}

export function SaveBar({ what, changed, saving, error, errors, shown, save, discard }: SaveBarProps) {
  const loose = [...errors].filter(([pointer]) => !shown.test(pointer)).map(([, detail]) => detail);
  const said = error ? errorText(error) : null;
  if (!changed && !said) return null;
  return (
    <div className={classes.saveBar}>
      {said && (
        <p className={classes.wrong} role="alert">
          <strong>{said.title}</strong> {loose.length ? loose.join(" ") : said.detail}
        </p>
      )}
      {changed && (
        <div className={classes.saveButtons}>
          <Button variant="default" size="sm" onClick={discard}>
            Discard
          </Button>
          <Button size="sm" onClick={save} loading={saving}>
            Save {what}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Asks before drawn and unsaved things are lost. */
export function Leaving({ what, changed }: { what: string; changed: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: () => changed,
    enableBeforeUnload: changed,
    withResolver: true,
  });
  return (
    <Modal
      opened={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title="Leave without saving?"
      size="sm"
    >
      <p className="dim">{what} that you changed are not saved yet.</p>
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" size="sm" onClick={() => blocker.proceed?.()}>
          Leave
        </Button>
        <Button size="sm" onClick={() => blocker.reset?.()}>
          Stay
        </Button>
      </Group>
    </Modal>
  );
}
