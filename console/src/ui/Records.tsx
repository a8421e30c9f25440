/** A list of records of one kind: what stands there until it is known, where there are none, and where there are. */

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import classes from "./records.module.css";
import { Empty, Failure, Loading } from "./surfaces";

interface RecordsProps<T> {
  /** "doors" */
  what: string;
  query: UseQueryResult<T[]>;
  /** About so many there will be. */
  rows: number;
  /** How they come to be, for a site that has none. */
  none: ReactNode;
  children: (records: T[]) => ReactNode;
}

export function Records<T>({ what, query, rows, none, children }: RecordsProps<T>) {
  const { data, error, isPending, refetch } = query;
  return (
    <div className={classes.holder}>
      {error && !data ? <Failure error={error} retry={() => void refetch()} /> : null}
      {isPending && <Loading what={what} rows={rows} />}
      {data?.length === 0 && (
        <Empty title={`No ${what}`}>
          <p>{none}</p>
        </Empty>
      )}
      {data && data.length > 0 && children(data)}
    </div>
  );
}
