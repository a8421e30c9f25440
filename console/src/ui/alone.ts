/** Where a value has none before and none after it: a line through it has no length. */
export function alone(values: readonly (number | null)[]): number[] {
  const has = (i: number) => (values[i] ?? null) !== null;
  return values.flatMap((_, i) => (has(i) && !has(i - 1) && !has(i + 1) ? [i] : []));
}
