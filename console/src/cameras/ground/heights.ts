/** Things of known height on a camera's picture: doors, posts. */

import type { Height, Point } from "../../api/types";

export const HEIGHTS_AT_MOST = 16;
const LEAST_RISE = 0.02;

/** A door as they mostly are, where it is easily seen: near and far by turns, because two tell more then. */
export function newHeight(before: readonly Height[]): Height {
  const x = (2 + (before.length % 7)) / 10;
  const [foot, top] = before.length % 2 ? [0.55, 0.38] : [0.75, 0.42];
  return { bottom: [x, foot], top: [x, top], height_m: 2.1 };
}

/** Why this tells nothing, in words, or null when it does. */
export function heightProblem({ bottom, top, height_m }: Height): string | null {
  if (bottom[1] - top[1] < LEAST_RISE) return "Its top must lie above its foot.";
  if (!(height_m >= 0.2 && height_m <= 20)) return "Between 0.2 and 20 m.";
  return null;
}

export function withEnd(height: Height, end: "bottom" | "top", at: Point): Height {
  return { ...height, [end]: at };
}

/** What so many tell of, in words. */
export function heightsTell(heights: readonly Height[]): string {
  if (heights.length === 0) return "A door or a post of known height tells how tall people are.";
  if (heights.length === 1)
    return "One tells how tall those are who stand beside it. A second, nearer or farther, tells it of everybody.";
  const feet = heights.map(({ bottom }) => bottom[1]);
  return Math.max(...feet) - Math.min(...feet) < 0.05
    ? "All stand equally far away, and tell only of those beside them. Add one that is nearer or farther."
    : "They tell how tall everybody is.";
}
