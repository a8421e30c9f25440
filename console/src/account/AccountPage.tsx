/** What belongs to the person signed in: password, API tokens, the way out. */

import { Button, CopyButton, Group, Modal, PasswordInput, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/client";
import { changes, tokensQuery } from "../api/queries";
import type { NewToken, Token } from "../api/types";
import { NewPassword } from "../entry/NewPassword";
import { judge } from "../entry/password";
import { useHere, usePageTitle, useRights } from "../shell/session";
import { toastDone } from "../shell/toasts";
import { ago, day } from "../time/format";
import { useNow } from "../time/useNow";
import { Icon } from "../ui/Icon";
import { Empty, errorText, Failure, Loading, PageHead, Panel } from "../ui/surfaces";
import classes from "./account.module.css";

export function AccountPage() {
  usePageTitle("Account");
  const { session, site } = useHere();
  const { administers } = useRights();
  const navigate = useNavigate();
  const client = useQueryClient();
  const signOut = useMutation({
    mutationFn: changes.signOut,
    onSettled: async () => {
      client.clear();
      await navigate({ to: "/sign-in" });
    },
  });
  return (
    <div className={classes.page}>
      <PageHead title={session.user.name}>
        <span className="dim">
          {session.user.role}, {site.name}, Custos {site.version}
        </span>
        {administers && <Link to="/people">People and roles</Link>}
        <Button
          variant="default"
          leftSection={<Icon name="out" size={16} />}
          loading={signOut.isPending}
          onClick={() => signOut.mutate()}
        >
          Sign out
        </Button>
      </PageHead>
      <div className={classes.columns}>
        <Tokens />
        <Password />
      </div>
    </div>
  );
}

function Password() {
  const { user } = useHere().session;
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => changes.password({ current, new: next }),
    onSuccess: () => {
      for (const clear of [setCurrent, setNext, setAgain]) clear("");
      toastDone("Password changed");
    },
  });
  const errors = change.error instanceof ApiError ? change.error.fields() : new Map<string, string>();
  const ready = current !== "" && judge(next, user.name).allowed && next === again;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) change.mutate();
  };
  return (
    <Panel title="Password" padded>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <input type="text" hidden readOnly autoComplete="username" value={user.name} />
          <PasswordInput
            label="Present password"
            autoComplete="current-password"
            required
            value={current}
            error={errors.get("/current")}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <NewPassword
            label="New password"
            name={user.name}
            value={next}
            again={again}
            error={errors.get("/new")}
            change={setNext}
            changeAgain={setAgain}
          />
          {change.error && errors.size === 0 && (
            <p className={classes.wrong} role="alert">
              <strong>{errorText(change.error).title}</strong> {errorText(change.error).detail}
            </p>
          )}
          <Group>
            <Button type="submit" size="sm" disabled={!ready} loading={change.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function Tokens() {
  const tokens = useQuery(tokensQuery);
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="API tokens"
      actions={
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Icon name="plus" size={15} />}
          onClick={() => setAdding(true)}
        >
          New token
        </Button>
      }
    >
      {tokens.error && !tokens.data ? (
        <Failure error={tokens.error} retry={() => void tokens.refetch()} />
      ) : null}
      {tokens.isPending && <Loading what="tokens" rows={3} />}
      {tokens.data?.length === 0 && (
        <Empty title="No tokens">
          <p>A token lets a program of yours use the API in your name. Give each program its own.</p>
        </Empty>
      )}
      <ul className={classes.tokens}>
        {tokens.data?.map((token) => (
          <TokenRow key={token.id} token={token} />
        ))}
      </ul>
      <Modal opened={adding} onClose={() => setAdding(false)} title="New API token" size="md">
        <NewTokenForm close={() => setAdding(false)} />
      </Modal>
    </Panel>
  );
}

function TokenRow({ token }: { token: Token }) {
  const { time_zone } = useHere().site;
  const now = useNow();
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const revoke = useMutation({
    mutationFn: () => changes.revokeToken(token.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: tokensQuery.queryKey });
      toastDone(`Token “${token.name}” revoked`);
    },
  });
  return (
    <li>
      <div>
        <strong>{token.name}</strong>
        <small>
          Made {day(token.created_at, time_zone)},{" "}
          {token.expires_at ? `until ${day(token.expires_at, time_zone)}` : "without end"},{" "}
          {token.last_used_at ? `used ${ago(token.last_used_at, now)}` : "never used"}
        </small>
        {revoke.error && <small role="alert">{errorText(revoke.error).title}</small>}
      </div>
      <Button
        size="compact-sm"
        variant={asked ? "filled" : "subtle"}
        color="alarm"
        loading={revoke.isPending}
        onClick={() => (asked ? revoke.mutate() : setAsked(true))}
        onBlur={() => setAsked(false)}
        aria-label={asked ? `Really revoke ${token.name}` : `Revoke ${token.name}`}
      >
        {asked ? "Really revoke?" : "Revoke"}
      </Button>
    </li>
  );
}

const LIFETIMES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "never", label: "Without end" },
];

function NewTokenForm({ close }: { close: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [lifetime, setLifetime] = useState("90");
  const add = useMutation({
    mutationFn: () =>
      changes.addToken({
        name: name.trim(),
        expires_in_days: lifetime === "never" ? null : Number(lifetime),
      }),
    onSuccess: () => void client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  if (add.data) return <Secret token={add.data} close={close} />;
  const errors = add.error instanceof ApiError ? add.error.fields() : new Map<string, string>();
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          data-autofocus
          label="Name"
          description="What will use it, so that you know later what you revoke."
          placeholder="Wall display"
          required
          maxLength={200}
          value={name}
          error={errors.get("/name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label="Valid for"
          data={LIFETIMES}
          value={lifetime}
          onChange={(value) => setLifetime(value ?? "90")}
        />
        {add.error && (
          <p className={classes.wrong} role="alert">
            <strong>{errorText(add.error).title}</strong> {errorText(add.error).detail}
          </p>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" size="sm" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" size="sm" disabled={!name.trim()} loading={add.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Secret({ token, close }: { token: NewToken; close: () => void }) {
  return (
    <Stack gap="md">
      <p>
        This is the secret of <strong>{token.name}</strong>. It is shown now and never again.
      </p>
      <code className={classes.secret}>{token.secret}</code>
      <Group justify="flex-end" gap="xs">
        <CopyButton value={token.secret}>
          {({ copied, copy }) => (
            <Button variant="default" size="sm" leftSection={<Icon name="copy" size={16} />} onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
        <Button size="sm" onClick={close}>
          I have kept it
        </Button>
      </Group>
    </Stack>
  );
}
