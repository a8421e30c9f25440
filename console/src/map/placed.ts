import type { MapLayout } from "./layout";

/** The layout with every area, and of what stands in them only these places; null where none of these is drawn. */
export function placed(layout: MapLayout, of: readonly string[]): MapLayout | null {
  const wanted = new Set(of);
  const doors = layout.doors.filter(({ id }) => wanted.has(`doors/${id}`));
  const cameras = layout.cameras.filter(({ id }) => wanted.has(`cameras/${id}`));
  const things = layout.things.filter(({ id }) => wanted.has(id));
  const drawn = layout.areas.some(({ id }) => wanted.has(`areas/${id}`));
  if (!drawn && doors.length + cameras.length + things.length === 0) return null;
  return { ...layout, doors, cameras, things };
}
