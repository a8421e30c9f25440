import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { changes, sessionQuery, setupQuery } from "../api/queries";
import { errorText } from "../ui/surfaces";
import { EntryFrame } from "./EntryFrame";
import classes from "./entry.module.css";

const route = getRouteApi("/sign-in");

/** Only places of this console: an address with a host would lead a person who just signed in elsewhere. */
function isOwnPlace(place: string | undefined): place is string {
  return place?.startsWith("/") === true && !place.startsWith("//") && !place.startsWith("/sign-in");
}

export function SignInPage() {
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const setup = useQuery(setupQuery);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  useEffect(() => {
    document.title = "Sign in · Custos";
  }, []);
  const signIn = useMutation({
    mutationFn: () => changes.signIn({ name: name.trim(), password }),
    onSuccess: async (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      await navigate({ to: isOwnPlace(next) ? next : "/live", replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };

  if (setup.data?.needed) {
    return (
      <EntryFrame
        title="Nobody has an account yet"
        lead="When Custos started it printed a link that works once. Open it to create the administrator."
      >
        <p className={classes.lead}>
          Look for a line with <code className="mono">/setup?token=</code> where{" "}
          <code className="mono">custos up</code> runs. If the link has run out, start Custos again for a new
          one.
        </p>
      </EntryFrame>
    );
  }
  return (
    <EntryFrame title="Sign in">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="User name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
            size="md"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            size="md"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.error && (
            <p className={classes.wrong} role="alert">
              {refusal(signIn.error)}
            </p>
          )}
          <Button type="submit" size="md" fullWidth loading={signIn.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  );
}

function refusal(error: Error): string {
  if (error instanceof ApiError && error.status === 429) {
    const wait = error.retryAfter_s ? `Wait ${error.retryAfter_s} s` : "Wait a little";
    return `Too many tries. ${wait}, then try again.`;
  }
  if (error instanceof ApiError && error.status === 401) return "User name or password is wrong.";
  const { title, detail } = errorText(error);
  return `${title}. ${detail}`;
}
