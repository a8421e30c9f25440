/** Weekly hours: spans of the day, each on some weekdays. */

import { Button, Switch, TextInput } from "@mantine/core";
import type { Hours } from "../../api/types";
import { IconButton } from "../../ui/surfaces";
import classes from "./behaviours.module.css";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const WORKING_DAY: Hours = { weekdays: [0, 1, 2, 3, 4], start: "08:00", end: "18:00" };

interface HoursEditorProps {
  hours: Hours[] | null;
  change: (hours: Hours[] | null) => void;
  disabled: boolean;
  error: string | undefined;
}

export function HoursEditor({ hours, change, disabled, error }: HoursEditorProps) {
  const put = (index: number, span: Partial<Hours>) =>
    change((hours ?? []).map((h, i) => (i === index ? { ...h, ...span } : h)));
  const without = (index: number) => {
    const left = (hours ?? []).filter((_, i) => i !== index);
    change(left.length ? left : null);
  };
  return (
    <fieldset className={classes.hours} disabled={disabled}>
      <Switch
        label="Only at certain hours"
        checked={hours !== null}
        disabled={disabled}
        onChange={(event) => change(event.currentTarget.checked ? [WORKING_DAY] : null)}
      />
      {hours?.map((span, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a span has no other name than its place
        <div key={i} className={classes.span}>
          <div className={classes.days}>
            {DAYS.map((day, number) => {
              const on = span.weekdays.includes(number);
              const weekdays = on
                ? span.weekdays.filter((d) => d !== number)
                : [...span.weekdays, number].sort((a, b) => a - b);
              return (
                <button
                  key={day}
                  type="button"
                  aria-pressed={on}
                  onClick={() => weekdays.length > 0 && put(i, { weekdays })}
                >
                  {day}
                </button>
              );
            })}
          </div>
          <div className={classes.times}>
            <TextInput
              type="time"
              aria-label="From"
              value={span.start}
              onChange={(event) => put(i, { start: event.currentTarget.value })}
            />
            <span>to</span>
            <TextInput
              type="time"
              aria-label="To"
              value={span.end === "24:00" ? "00:00" : span.end}
              onChange={(event) =>
                put(i, { end: event.currentTarget.value === "00:00" ? "24:00" : event.currentTarget.value })
              }
            />
            <IconButton icon="trash" label="Remove these hours" onClick={() => without(i)} />
          </div>
        </div>
      ))}
      {hours !== null && !disabled && (
        <Button variant="subtle" size="xs" onClick={() => change([...hours, WORKING_DAY])}>
          Add hours
        </Button>
      )}
      {error && (
        <p className={classes.wrong} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
