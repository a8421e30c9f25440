import type { Disposition } from "../api/types";

export const DISPOSITIONS: { value: Disposition; name: string; meaning: string }[] = [
  { value: "real_threat", name: "Real threat", meaning: "Somebody meant harm, or did it." },
  {
    value: "policy_breach",
    name: "Policy breach",
    meaning: "Against the rules of the site, without ill intent.",
  },
  { value: "nuisance", name: "Nuisance", meaning: "Truly seen, but of no concern: an animal, a delivery." },
  { value: "false_alarm", name: "False alarm", meaning: "There was nothing there. Custos was wrong." },
  { value: "test", name: "Test", meaning: "An exercise or a check of the system." },
];

export function dispositionName(value: Disposition): string {
  return DISPOSITIONS.find((d) => d.value === value)?.name ?? value;
}
