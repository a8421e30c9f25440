/** What people may do, in words. */

import type { PersonRole } from "../api/types";

export const ROLES: { value: PersonRole; label: string }[] = [
  { value: "viewer", label: "Viewer: looks" },
  { value: "operator", label: "Operator: handles incidents" },
  { value: "administrator", label: "Administrator: changes cameras and users" },
];

export function asRole(value: string | null): PersonRole {
  return ROLES.find((role) => role.value === value)?.value ?? "viewer";
}

/** The address that a new user opens. */
export function invitationLink(origin: string, token: string): string {
  return `${origin}/invited?token=${encodeURIComponent(token)}`;
}
