/** What the map can show and link to: "doors/dock", "areas/office", "cameras/lobby", "tills/till-1". */

export interface Subject {
  kind: string;
  id: string;
}

export function subjectOf(of: string): Subject {
  const [kind = "", id = ""] = of.split("/");
  return { kind, id };
}

/** Where a subject's own page is; null where it has none. */
export function pageOf(of: string): { to: string; params: Record<string, string> } | null {
  const { kind, id } = subjectOf(of);
  switch (kind) {
    case "doors":
      return { to: "/doors/$doorId", params: { doorId: id } };
    case "areas":
      return { to: "/areas/$areaId", params: { areaId: id } };
    case "cameras":
      return { to: "/cameras/$cameraId", params: { cameraId: id } };
    case "tills":
      return { to: "/tills/$tillId", params: { tillId: id } };
    case "panels":
    case "sensors":
    case "devices":
      return { to: "/devices", params: {} };
    default:
      return null;
  }
}
