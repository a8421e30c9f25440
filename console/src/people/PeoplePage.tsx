/** Who may sign in, and as what: for administrators. */

import { Button, CopyButton, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/client";
import { changes, invitationsQuery, peopleQuery } from "../api/queries";
import type { Invitation, NewInvitation, Person, PersonRole } from "../api/types";
import { useHere, usePageTitle, useRights } from "../shell/session";
import { toastDone } from "../shell/toasts";
import { day } from "../time/format";
import { Icon } from "../ui/Icon";
import { Empty, errorText, Failure, Loading, PageHead, Panel } from "../ui/surfaces";
import classes from "./people.module.css";
import { asRole, invitationLink, ROLES } from "./roles";

export function PeoplePage() {
  usePageTitle("People");
  const { administers } = useRights();
  const [inviting, setInviting] = useState(false);
  if (!administers) {
    return (
      <Empty title="For administrators">
        <p>Administrators invite people and say what they may do.</p>
      </Empty>
    );
  }
  return (
    <div className={classes.page}>
      <PageHead title="People">
        <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setInviting(true)}>
          Invite somebody
        </Button>
      </PageHead>
      <People />
      <Invitations />
      <Modal opened={inviting} onClose={() => setInviting(false)} title="Invite somebody" size="md">
        <InviteForm close={() => setInviting(false)} />
      </Modal>
    </div>
  );
}

function People() {
  const people = useQuery(peopleQuery);
  return (
    <Panel title="Users">
      {people.error && !people.data ? (
        <Failure error={people.error} retry={() => void people.refetch()} />
      ) : null}
      {people.isPending && <Loading what="users" rows={3} />}
      <ul className={classes.rows}>
        {people.data?.map((person) => (
          <PersonRow key={person.id} person={person} />
        ))}
      </ul>
    </Panel>
  );
}

function PersonRow({ person }: { person: Person }) {
  const { session, site } = useHere();
  const client = useQueryClient();
  const isDisabled = person.disabled_at !== null;
  const put = useMutation({
    mutationFn: (body: { role: PersonRole; enabled: boolean }) => changes.putPerson(person.id, body),
    onSuccess: (changed) => {
      void client.invalidateQueries({ queryKey: peopleQuery.queryKey });
      if (changed.id === session.user.id) void client.invalidateQueries({ queryKey: ["session"] });
      toastDone(`${changed.name}: ${changed.disabled_at ? "disabled" : changed.role}`);
    },
  });
  const role = asRole(person.role);
  return (
    <li data-off={isDisabled || undefined}>
      <div>
        <strong>{person.name}</strong>
        {person.id === session.user.id && <span className="dim"> (you)</span>}
        <small>
          {person.disabled_at
            ? `Disabled ${day(person.disabled_at, site.time_zone)}`
            : `Since ${day(person.created_at, site.time_zone)}`}
        </small>
        {put.error && (
          <small role="alert" className={classes.wrong}>
            {errorText(put.error).detail || errorText(put.error).title}
          </small>
        )}
      </div>
      <Select
        size="xs"
        aria-label={`Role of ${person.name}`}
        className={classes.role}
        data={ROLES}
        value={role}
        allowDeselect={false}
        disabled={isDisabled || put.isPending}
        onChange={(value) => put.mutate({ role: asRole(value), enabled: true })}
      />
      <Button
        size="compact-sm"
        variant="default"
        loading={put.isPending}
        onClick={() => put.mutate({ role, enabled: isDisabled })}
        aria-label={isDisabled ? `Enable ${person.name}` : `Disable ${person.name}`}
      >
        {isDisabled ? "Enable" : "Disable"}
      </Button>
    </li>
  );
}

function Invitations() {
  const invitations = useQuery(invitationsQuery);
  if (!invitations.data?.length) return null;
  return (
    <Panel title="Invitations">
      <ul className={classes.rows}>
        {invitations.data.map((one) => (
          <InvitationRow key={one.id} one={one} />
        ))}
      </ul>
    </Panel>
  );
}

function InvitationRow({ one }: { one: Invitation }) {
  const { time_zone } = useHere().site;
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => changes.withdrawInvitation(one.id),
    onSettled: () => void client.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  });
  return (
    <li>
      <div>
        <strong>{one.name}</strong>
        <small>
          Invited as {one.role}, until {day(one.expires_at, time_zone)}
        </small>
      </div>
      <Button
        size="compact-sm"
        variant="subtle"
        color="alarm"
        loading={withdraw.isPending}
        onClick={() => withdraw.mutate()}
        aria-label={`Withdraw the invitation of ${one.name}`}
      >
        Withdraw
      </Button>
    </li>
  );
}

function InviteForm({ close }: { close: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<PersonRole>("operator");
  const invite = useMutation({
    mutationFn: () => changes.invite({ name: name.trim(), role }),
    onSuccess: () => void client.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  if (invite.data) return <InvitationLink invitation={invite.data} close={close} />;
  const errors = invite.error instanceof ApiError ? invite.error.fields() : new Map<string, string>();
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          data-autofocus
          label="User name"
          description="What they will type to sign in."
          autoCapitalize="none"
          spellCheck={false}
          required
          maxLength={64}
          value={name}
          error={errors.get("/name")}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label="Role"
          data={ROLES}
          value={role}
          allowDeselect={false}
          onChange={(value) => setRole(asRole(value))}
        />
        {invite.error && errors.size === 0 && (
          <p className={classes.wrong} role="alert">
            {errorText(invite.error).detail || errorText(invite.error).title}
          </p>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" size="sm" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" size="sm" disabled={!name.trim()} loading={invite.isPending}>
            Make the link
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function InvitationLink({ invitation, close }: { invitation: NewInvitation; close: () => void }) {
  const { time_zone } = useHere().site;
  const link = invitationLink(window.location.origin, invitation.token);
  return (
    <Stack gap="md">
      <p>
        Give this link to <strong>{invitation.name}</strong>. It works once, until{" "}
        {day(invitation.expires_at, time_zone)}, and is shown now and never again.
      </p>
      <code className={classes.link}>{link}</code>
      <Group justify="flex-end" gap="xs">
        <CopyButton value={link}>
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
