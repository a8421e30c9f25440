/** Which part of a camera's page is shown; zones and lines when it does not say. */

export const CAMERA_SHOWS = ["behaviours", "ground", "counts", "health"] as const;
export type CameraShow = (typeof CAMERA_SHOWS)[number];

export function readShow(value: unknown): CameraShow | undefined {
  return CAMERA_SHOWS.find((show) => show === value);
}
