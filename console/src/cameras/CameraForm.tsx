import { Button, Group, NumberInput, SegmentedControl, Stack, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/client";
import type { CameraSettings, Transport } from "../api/types";
import { errorText } from "../ui/surfaces";
import classes from "./cameras.module.css";

export type CameraFields = Pick<
  CameraSettings,
  "name" | "url" | "transport" | "loop" | "enabled" | "detect_fps"
>;

interface CameraFormProps {
  initial: CameraFields;
  /** The address now in use, without its password; null for a camera that is new. */
  present: string | null;
  submit: string;
  pending: boolean;
  error: Error | null;
  send: (fields: CameraFields) => void;
  /** The form ends with these too. */
  beside?: React.ReactNode;
}

export function CameraForm({ initial, present, submit, pending, error, send, beside }: CameraFormProps) {
  const [fields, setFields] = useState<CameraFields>(initial);
  const set = (change: Partial<CameraFields>) => setFields((now) => ({ ...now, ...change }));
  const errors = error instanceof ApiError ? error.fields() : new Map<string, string>();
  const isNew = present === null;
  const address = fields.url || present || "";
  const rtsp = /^rtsps?:/i.test(address);
  const file = address !== "" && !/^[a-z]+:\/\//i.test(address) && !address.startsWith("/dev/");
  const go = (event: FormEvent) => {
    event.preventDefault();
    send({ ...fields, name: fields.name.trim(), url: fields.url.trim() });
  };
  return (
    <form onSubmit={go}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          placeholder="Loading dock"
          required
          maxLength={200}
          value={fields.name}
          error={errors.get("/name")}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        <TextInput
          label="Address"
          description={isNew ? undefined : `Now ${present}. Empty keeps it, with its password.`}
          placeholder="rtsp://user:password@192.168.1.20:554/stream1"
          required={isNew}
          autoComplete="off"
          spellCheck={false}
          value={fields.url}
          error={errors.get("/url")}
          onChange={(event) => set({ url: event.currentTarget.value })}
        />
        {rtsp && (
          <div>
            <span className={classes.label} id="transport">
              Transport
            </span>
            <SegmentedControl
              role="radiogroup"
              size="xs"
              aria-labelledby="transport"
              data={[
                { value: "tcp", label: "TCP, safe" },
                { value: "udp", label: "UDP, faster on a quiet network" },
              ]}
              value={fields.transport}
              onChange={(value) => set({ transport: value as Transport })}
            />
          </div>
        )}
        {!isNew && (
          <>
            {file && (
              <Switch
                label="Loop the file, paced like a camera"
                checked={fields.loop}
                onChange={(event) => set({ loop: event.currentTarget.checked })}
              />
            )}
            <NumberInput
              label="Detections a second, at most"
              min={0.1}
              max={60}
              step={1}
              decimalScale={1}
              value={fields.detect_fps}
              error={errors.get("/detect_fps")}
              onChange={(value) => typeof value === "number" && set({ detect_fps: value })}
            />
            <Switch
              label="In use"
              description="Off: no picture, no events."
              checked={fields.enabled}
              onChange={(event) => set({ enabled: event.currentTarget.checked })}
            />
          </>
        )}
        {error && (
          <p className={classes.wrong} role="alert">
            <strong>{errorText(error).title}</strong> {errorText(error).detail}
          </p>
        )}
        <Group gap="xs">
          <Button type="submit" size="sm" loading={pending}>
            {submit}
          </Button>
          {beside}
        </Group>
      </Stack>
    </form>
  );
}
