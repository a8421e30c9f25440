/** The one-time link of an invitation: whoever holds it becomes the user it names. */

import { Button, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { changes, invitedQuery, sessionQuery } from "../api/queries";
import type { Invited } from "../api/types";
import { errorText, Loading } from "../ui/surfaces";
import { EntryFrame } from "./EntryFrame";
import classes from "./entry.module.css";
import { NewPassword } from "./NewPassword";
import { judge } from "./password";

const route = getRouteApi("/invited");

export function InvitedPage() {
  const { token = "" } = route.useSearch();
  const invited = useQuery({ ...invitedQuery(token), enabled: token !== "" });
  useEffect(() => {
    document.title = "Invitation · Custos";
  }, []);
  if (!token) {
    return (
      <EntryFrame
        title="The link is not whole"
        lead="It ends in “?token=” and a long word. Open it again, all of it, as you were given it."
      >
        {null}
      </EntryFrame>
    );
  }
  if (invited.error) {
    return (
      <EntryFrame title="This invitation does not work" lead={errorText(invited.error).detail}>
        <Link to="/sign-in">Sign in</Link>
      </EntryFrame>
    );
  }
  if (!invited.data) {
    return (
      <EntryFrame title="Invitation">
        <Loading what="the invitation" rows={3} />
      </EntryFrame>
    );
  }
  return <AcceptForm token={token} invited={invited.data} />;
}

function AcceptForm({ token, invited: { name, role } }: { token: string; invited: Invited }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const accept = useMutation({
    mutationFn: () => changes.acceptInvitation({ token, password }),
    onSuccess: async (session) => {
      client.clear(); // somebody else may have been signed in here
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: "/live", replace: true });
    },
  });
  const ready = judge(password, name).allowed && password === again;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) accept.mutate();
  };
  const errors = accept.error instanceof ApiError ? accept.error.fields() : new Map<string, string>();
  return (
    <EntryFrame title="Choose your password" lead={`You are invited as ${role}.`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput label="User name" autoComplete="username" readOnly value={name} />
          <NewPassword
            label="Password"
            name={name}
            value={password}
            again={again}
            error={errors.get("/password")}
            change={setPassword}
            changeAgain={setAgain}
          />
          {accept.error && errors.size === 0 && (
            <p className={classes.wrong} role="alert">
              <strong>{errorText(accept.error).title}</strong> {errorText(accept.error).detail}
            </p>
          )}
          <Button type="submit" size="md" fullWidth disabled={!ready} loading={accept.isPending}>
            Accept and go to Live
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  );
}
