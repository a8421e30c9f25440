import { Button, MultiSelect, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { eventTypesQuery, namedCamerasQuery, namedDoorsQuery, namedTillsQuery } from "../api/queries";
import { nameFromId } from "../map/subjects";
import { useHere } from "../shell/session";
import { fromWallClock, toWallClock } from "../time/format";
import classes from "./events.module.css";
import { atPlace, type EventSearch, placeChoices, placeOf, type Range } from "./filter";

const RANGE_CHOICES: { value: Range | "any"; label: string }[] = [
  { value: "any", label: "Any time" },
  { value: "15m", label: "Last 15 minutes" },
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
  { value: "between", label: "Between…" },
];

const route = getRouteApi("/app/events");

/** Families ("zone.": every zone event) before their members. */
function typeChoices(names: string[]) {
  const families = [...new Set(names.map((name) => name.split(".")[0] ?? name))].sort();
  return families.map((family) => ({
    group: family,
    items: [
      { value: `${family}.`, label: `All ${family} events` },
      ...names.filter((name) => name.startsWith(`${family}.`)).map((name) => ({ value: name, label: name })),
    ],
  }));
}

function usePlaceChoices(asked: string) {
  const { data: cameras = [] } = useQuery(namedCamerasQuery);
  const { data: doors = [] } = useQuery(namedDoorsQuery);
  const { data: tills = [] } = useQuery(namedTillsQuery);
  return placeChoices(
    [
      { group: "Cameras", kind: "camera", places: cameras },
      { group: "Doors", kind: "door", places: doors },
      {
        group: "Tills",
        kind: "till",
        places: tills.map(({ id }) => ({ id, name: nameFromId(id) })),
      },
    ],
    asked,
  );
}

export function EventFilters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const types = useQuery(eventTypesQuery);
  const set = (part: EventSearch) => void navigate({ search: (s) => ({ ...s, ...part }), replace: true });
  const place = placeOf(search);
  const places = usePlaceChoices(place);
  const filtered = search.type || place || search.subject || search.range;

  return (
    <div className={classes.filters}>
      <h1>Events</h1>
      <MultiSelect
        size="xs"
        className={classes.types}
        aria-label="Type"
        placeholder={search.type ? undefined : "Every type"}
        data={typeChoices(types.data?.map((t) => t.name) ?? [])}
        value={search.type ?? []}
        onChange={(value) => set({ type: value.length ? value : undefined })}
        searchable
        clearable
        clearButtonProps={{ "aria-label": "Clear types" }}
        maxDropdownHeight={340}
      />
      <Select
        size="xs"
        w={170}
        aria-label="Place"
        data={places}
        value={place}
        onChange={(value) => set(atPlace(value ?? ""))}
        searchable
        onClick={(event) => event.currentTarget.select()} // what is typed takes the place of what was chosen
        nothingFoundMessage="No such place"
        maxDropdownHeight={340}
      />
      <Select
        size="xs"
        w={150}
        aria-label="Time"
        data={RANGE_CHOICES}
        value={search.range ?? "any"}
        onChange={(value) =>
          set({ range: value === "any" ? undefined : (value as Range), since: undefined, until: undefined })
        }
      />
      {search.range === "between" && <Between search={search} set={set} />}
      {search.subject && (
        <Button size="xs" variant="default" onClick={() => set({ subject: undefined })}>
          Only {search.subject.split("/").at(-1)} ✕
        </Button>
      )}
      {filtered && (
        <Button size="xs" variant="subtle" onClick={() => void navigate({ search: { event: search.event } })}>
          Clear
        </Button>
      )}
    </div>
  );
}

/** Two moments on the site's clock. */
function Between({ search, set }: { search: EventSearch; set: (part: EventSearch) => void }) {
  const { time_zone } = useHere().site;
  return (
    <>
      {(["since", "until"] as const).map((end) => (
        <TextInput
          key={end}
          size="xs"
          type="datetime-local"
          aria-label={end === "since" ? "From" : "To"}
          defaultValue={search[end] ? toWallClock(search[end], time_zone) : ""}
          onChange={(event) =>
            set({ [end]: fromWallClock(event.currentTarget.value, time_zone) ?? undefined })
          }
        />
      ))}
    </>
  );
}
