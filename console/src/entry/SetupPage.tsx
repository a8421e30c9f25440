/** The one-time link: whoever holds it becomes the administrator. */

import { Button, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { changes, sessionQuery, setupQuery } from "../api/queries";
import { errorText, Loading } from "../ui/surfaces";
import { EntryFrame } from "./EntryFrame";
import classes from "./entry.module.css";
import { NewPassword } from "./NewPassword";
import { judge } from "./password";

const route = getRouteApi("/setup");

export function SetupPage() {
  const { token } = route.useSearch();
  const setup = useQuery(setupQuery);
  useEffect(() => {
    document.title = "Set up · Custos";
  }, []);
  if (setup.isPending) {
    return (
      <EntryFrame title="Set up">
        <Loading what="the set-up" rows={3} />
      </EntryFrame>
    );
  }
  if (setup.data?.needed === false) {
    return (
      <EntryFrame title="This site is set up already" lead="The link has done its work.">
        <Link to="/sign-in">Sign in</Link>
      </EntryFrame>
    );
  }
  if (!token) {
    return (
      <EntryFrame
        title="The link is not whole"
        lead="It ends in “?token=” and a long word. Open it again, all of it, as Custos printed it."
      >
        {null}
      </EntryFrame>
    );
  }
  return <SetupForm token={token} />;
}

function SetupForm({ token }: { token: string }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const setUp = useMutation({
    mutationFn: () => changes.setUp({ token, name: name.trim(), password }),
    onSuccess: async (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      client.setQueryData(setupQuery.queryKey, { needed: false });
      await navigate({ to: "/live", replace: true });
    },
  });
  const ready = name.trim() !== "" && judge(password, name).allowed && password === again;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) setUp.mutate();
  };
  const errors = setUp.error instanceof ApiError ? setUp.error.fields() : new Map<string, string>();
  return (
    <EntryFrame
      title="Create the administrator"
      lead="The first account of this site. It can do everything, so choose its password with care."
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="User name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
            value={name}
            error={errors.get("/name")}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NewPassword
            label="Password"
            name={name}
            value={password}
            again={again}
            error={errors.get("/password")}
            change={setPassword}
            changeAgain={setAgain}
          />
          {setUp.error && (
            <p className={classes.wrong} role="alert">
              <strong>{errorText(setUp.error).title}</strong> {errorText(setUp.error).detail}
            </p>
          )}
          <Button type="submit" size="md" fullWidth disabled={!ready} loading={setUp.isPending}>
            Create and go to Live
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  );
}
