/** A new password, twice, with what it must be in sight. */

import { PasswordInput } from "@mantine/core";
import { Icon } from "../ui/Icon";
import classes from "./entry.module.css";
import { judge } from "./password";

const STRENGTH = ["", "Weak", "Fair", "Good", "Strong"] as const;
const COLOUR = ["", "var(--high)", "var(--medium)", "var(--signal)", "var(--ok)"] as const;

interface NewPasswordProps {
  label: string;
  name: string;
  value: string;
  again: string;
  error?: string | undefined;
  change: (value: string) => void;
  changeAgain: (value: string) => void;
}

export function NewPassword({ label, name, value, again, error, change, changeAgain }: NewPasswordProps) {
  const { requirements, strength } = judge(value, name);
  return (
    <>
      <div>
        <PasswordInput
          label={label}
          autoComplete="new-password"
          required
          value={value}
          error={error}
          aria-describedby="requirements"
          onChange={(event) => change(event.currentTarget.value)}
        />
        <div id="requirements" className={classes.requirements}>
          <span className={classes.meter} aria-hidden="true">
            {[1, 2, 3, 4].map((n) => (
              <i key={n} style={{ background: n <= strength ? COLOUR[strength] : "var(--edge)" }} />
            ))}
          </span>
          <span className={classes.strength}>
            <span className="visually-hidden">Strength: </span>
            {STRENGTH[strength] || "–"}
          </span>
          <ul>
            {requirements.map(({ text, met }) => (
              <li key={text} data-met={met || undefined}>
                <Icon name={met ? "check" : "close"} size={14} />
                <span className="visually-hidden">{met ? "Met: " : "Not yet: "}</span>
                {text}
              </li>
            ))}
          </ul>
        </div>
      </div>
      <PasswordInput
        label="The same again"
        autoComplete="new-password"
        required
        value={again}
        error={again !== "" && again !== value ? "The two are not the same." : undefined}
        onChange={(event) => changeAgain(event.currentTarget.value)}
      />
    </>
  );
}
