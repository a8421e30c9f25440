/** Words in which `ticks` mark names of types, rules and fields, as in the documentation. */

export function Ticked({ words }: { words: string }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places
  return words.split("`").map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part));
}
