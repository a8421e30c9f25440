/** Which classes of objects count. */

import { MultiSelect } from "@mantine/core";
import { useHere } from "../../shell/session";

/** Names for several classes at once, and for what moves and has no name. */
const GROUPS = ["vehicle", "animal", "bag", "unknown"];

interface ClassChoiceProps {
  value: string[];
  error: string | undefined;
  disabled: boolean;
  change: (classes: string[]) => void;
  /** What an empty choice means; without it one must be chosen. */
  empty?: string;
}

export function ClassChoice({ value, error, disabled, change, empty }: ClassChoiceProps) {
  const { class_names } = useHere().site;
  const data = [...new Set(["person", ...GROUPS, ...class_names, ...value])];
  const missing = value.length === 0 && !empty ? "Choose at least one class." : undefined;
  return (
    <MultiSelect
      label="What counts"
      data={data}
      value={value}
      onChange={change}
      searchable
      disabled={disabled}
      error={error ?? missing}
      {...(value.length === 0 && empty && { placeholder: empty })}
      withScrollArea={false}
      styles={{ dropdown: { maxHeight: 260, overflowY: "auto" } }}
    />
  );
}
