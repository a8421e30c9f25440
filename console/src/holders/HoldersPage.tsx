/** Whom credentials belong to: for those who may see people. */

import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { areasQuery, holdersQuery } from "../api/queries";
import type { Holder } from "../api/types";
import { EventMoment } from "../premises/EventMoment";
import { useKeys } from "../shell/keys";
import { usePageTitle, useRights } from "../shell/session";
import { Icon } from "../ui/Icon";
import { Kbd } from "../ui/marks";
import classes from "../ui/records.module.css";
import { Empty, Failure, Loading, PageHead } from "../ui/surfaces";
import { credentialWords } from "./words";

const route = getRouteApi("/app/holders");

export function HoldersPage() {
  usePageTitle("Holders");
  const { operates } = useRights();
  if (!operates) return <NotForViewers />;
  return <Holders />;
}

export function NotForViewers() {
  return (
    <Empty title="Who somebody is">
      <p>
        Names and credentials are shown to those who handle incidents. Ask an administrator for that role.
      </p>
    </Empty>
  );
}

function Holders() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [words, setWords] = useState(q);
  const [settled] = useDebouncedValue(words, 200);
  const holders = useInfiniteQuery({ ...holdersQuery(settled), placeholderData: (before) => before });
  const list = holders.data?.pages.flatMap((page) => page.items) ?? [];
  useKeys({ "/": () => document.getElementById("holder-words")?.focus() });
  return (
    <div className={classes.page}>
      <PageHead title="Holders">
        <TextInput
          id="holder-words"
          size="xs"
          w={280}
          aria-label="Name, role or credential"
          placeholder="Name, role or credential"
          leftSection={<Icon name="search" size={15} />}
          rightSection={<Kbd>/</Kbd>}
          value={words}
          maxLength={100}
          onChange={(event) => {
            const text = event.currentTarget.value;
            setWords(text);
            void navigate({ search: text ? { q: text } : {}, replace: true });
          }}
        />
      </PageHead>
      <div className={classes.holder}>
        {holders.error && !holders.data ? (
          <Failure error={holders.error} retry={() => void holders.refetch()} />
        ) : null}
        {holders.isPending && <Loading what="holders" rows={10} />}
        {holders.data && list.length === 0 && <Nobody words={settled} />}
        {list.length > 0 && <HolderTable holders={list} />}
        {holders.hasNextPage && (
          <Button
            fullWidth
            variant="subtle"
            loading={holders.isFetchingNextPage}
            onClick={() => void holders.fetchNextPage()}
          >
            More holders
          </Button>
        )}
      </div>
    </div>
  );
}

function Nobody({ words }: { words: string }) {
  if (words)
    return (
      <Empty title="Nobody">
        <p>No holder's name, roles or credentials have these words.</p>
      </Empty>
    );
  return (
    <Empty title="No holders">
      <p>
        The site file lists them under “holders”, or names a file of them: a CSV from the access system will
        do.
      </p>
    </Empty>
  );
}

function HolderTable({ holders }: { holders: Holder[] }) {
  const { data: areas = [] } = useQuery(areasQuery);
  const area = (id: string | null) => areas.find((a) => a.id === id)?.name ?? id ?? "–";
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Holder</th>
          <th scope="col">Roles</th>
          <th scope="col">Credentials</th>
          <th scope="col">Is in</th>
          <th scope="col">Last event</th>
        </tr>
      </thead>
      <tbody>
        {holders.map((one) => (
          <tr key={one.id}>
            <th scope="row">
              <Link to="/holders/$holderId" params={{ holderId: one.id }} className={classes.rowLink}>
                {one.name}
              </Link>
            </th>
            <td data-title="Roles">{one.role_names.join(", ") || "–"}</td>
            <td data-title="Credentials">{credentialWords(one.credentials)}</td>
            <td data-title="Is in">{area(one.area_id)}</td>
            <td className={classes.wide}>
              <EventMoment event={one.last_event} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
