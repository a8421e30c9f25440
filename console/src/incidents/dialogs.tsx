import { Button, Group, Modal, Radio, Stack, Textarea } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import type { Disposition } from "../api/types";
import { Kbd } from "../ui/marks";
import { errorText } from "../ui/surfaces";
import classes from "./incidents.module.css";
import type { IncidentMutation } from "./useIncidentChange";
import { DISPOSITIONS } from "./words";

interface DialogProps {
  opened: boolean;
  close: () => void;
  change: IncidentMutation;
}

export function ResolveDialog({ opened, close, change }: DialogProps) {
  return (
    <Modal opened={opened} onClose={close} title="Resolve: how did it end?" size="md">
      <ResolveForm close={close} change={change} />
    </Modal>
  );
}

function ResolveForm({ close, change }: Omit<DialogProps, "opened">) {
  const [disposition, setDisposition] = useState<Disposition | null>(null);
  const [note, setNote] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (disposition)
      change.mutate({ action: "resolve", disposition, ...(note.trim() ? { note: note.trim() } : {}) });
  };
  const pressed = (event: KeyboardEvent) => {
    const chosen = DISPOSITIONS[Number(event.key) - 1];
    if (chosen && !(event.target instanceof HTMLTextAreaElement)) setDisposition(chosen.value);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return (
    <form onSubmit={submit} onKeyDown={pressed}>
      <Stack gap="md">
        <Radio.Group
          value={disposition}
          onChange={(value) => setDisposition(value as Disposition)}
          aria-label="Disposition"
        >
          <Stack gap={2}>
            {DISPOSITIONS.map(({ value, name, meaning }, i) => (
              <div key={value} className={classes.choice}>
                <Radio
                  value={value}
                  label={name}
                  description={meaning}
                  data-autofocus={i === 0 || undefined}
                />
                <Kbd>{i + 1}</Kbd>
              </div>
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label="Note"
          description="What you found and did, for whoever reads this later. May stay empty."
          autosize
          minRows={2}
          maxRows={8}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Problem change={change} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" size="sm" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" size="sm" disabled={!disposition} loading={change.isPending}>
            Resolve
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function NoteDialog({ opened, close, change }: DialogProps) {
  return (
    <Modal opened={opened} onClose={close} title="Write a note" size="md">
      <NoteForm close={close} change={change} />
    </Modal>
  );
}

function NoteForm({ close, change }: Omit<DialogProps, "opened">) {
  const [note, setNote] = useState("");
  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (note.trim()) change.mutate({ action: "note", note: note.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Textarea
          data-autofocus
          label="Note"
          description="It joins the timeline under your name and cannot be changed later."
          autosize
          minRows={3}
          maxRows={10}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit(event)}
        />
        <Problem change={change} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" size="sm" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" size="sm" disabled={!note.trim()} loading={change.isPending}>
            Add note
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Problem({ change }: { change: IncidentMutation }) {
  if (!change.error) return null;
  const { title, detail } = errorText(change.error);
  return (
    <p className={classes.conflict} role="alert">
      <strong>{title}</strong> {detail}
    </p>
  );
}
