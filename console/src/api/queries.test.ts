import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { areasQuery, namedAreasQuery } from "./queries";

describe("namedAreasQuery", () => {
  it("stays fresh when somebody comes or goes", async () => {
    const client = new QueryClient();
    client.setQueryData(areasQuery.queryKey, []);
    client.setQueryData(namedAreasQuery.queryKey, []);
    await client.invalidateQueries({ queryKey: ["areas"] }); // as usePremisesFeed does
    expect(client.getQueryState(areasQuery.queryKey)?.isInvalidated).toBe(true);
    expect(client.getQueryState(namedAreasQuery.queryKey)?.isInvalidated).toBe(false);
  });
});
