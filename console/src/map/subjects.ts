/** What the map can show and link to: "doors/dock", "areas/office", "tills/till-1", "panels/main", "panels/main/01". */

export interface Subject {
  kind: string;
  id: string;
  /** What it is called where the site file gives it no name: "Till 1", "Main, zone 01". */
  name: string;
  /** In one word: "door", "panel zone". */
  word: string;
}

/** "till-1" as a heading: "Till 1". */
export function nameFromId(id: string): string {
  const words = id.replaceAll(/[-_]+/g, " ").trim() || id;
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

export function subjectOf(of: string): Subject {
  const [kind = "", id = "", zone] = of.split("/");
  const word = kind.replace(/s$/, "");
  return zone
    ? { kind, id, name: `${nameFromId(id)}, zone ${zone}`, word: `${word} zone` }
    : { kind, id, name: nameFromId(id), word };
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
