/** Nothing behind this is shown, or asked for, before somebody is signed in and the site is known. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { onSignedOut } from "../api/client";
import { sessionQuery, siteQuery } from "../api/queries";
import { Mark } from "../ui/Icon";
import { Failure } from "../ui/surfaces";
import classes from "./gate.module.css";
import { Shell } from "./Shell";
import { HereContext } from "./session";

export function Gate() {
  const client = useQueryClient();
  const router = useRouter();
  const session = useQuery(sessionQuery);
  const site = useQuery({ ...siteQuery, enabled: Boolean(session.data) });
  useEffect(() => onSignedOut(() => client.setQueryData(sessionQuery.queryKey, null)), [client]);

  const signedOut = session.data === null;
  useEffect(() => {
    if (!signedOut) return;
    // Once per signing out: this stays mounted until the sign-in page is there, under an address that changes.
    void router.navigate({ to: "/sign-in", search: { next: router.latestLocation.href }, replace: true });
  }, [signedOut, router]);

  if (session.data && site.data) {
    return (
      <HereContext value={{ session: session.data, site: site.data }}>
        <Shell />
      </HereContext>
    );
  }
  const failed = session.error ?? site.error;
  return (
    <div className={classes.waiting}>
      <Mark size={40} />
      {failed ? (
        <Failure error={failed} retry={() => void (session.error ? session.refetch() : site.refetch())} />
      ) : (
        <p role="status">Opening the site</p>
      )}
    </div>
  );
}
