/** What a new password must be, and how well it would stand. */

export const MIN_LENGTH = 12;

export interface Judgement {
  requirements: { text: string; met: boolean }[];
  /** All that must be is. */
  allowed: boolean;
  /** 0 nothing, 1 weak, 2 fair, 3 good, 4 strong. */
  strength: 0 | 1 | 2 | 3 | 4;
}

/** Bits a guesser must go through, roughly: kinds of signs and how many different ones, not their order. */
function bits(password: string): number {
  const kinds: [RegExp, number][] = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/\d/, 10],
    [/[^a-zA-Z0-9]/, 33],
  ];
  const alphabet = kinds.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0);
  const different = new Set(password).size;
  // Repeating the same few signs adds little.
  const effective = Math.min(password.length, different * 2);
  return alphabet ? effective * Math.log2(alphabet) : 0;
}

function step(value: number): Judgement["strength"] {
  if (value === 0) return 0;
  if (value < 45) return 1;
  if (value < 65) return 2;
  return value < 85 ? 3 : 4;
}

export function judge(password: string, name: string): Judgement {
  const long = [...password].length >= MIN_LENGTH;
  const own = name.trim().length < 3 || !password.toLowerCase().includes(name.trim().toLowerCase());
  const strength = step(bits(password));
  return {
    requirements: [
      { text: `${MIN_LENGTH} characters or more`, met: long },
      { text: "does not contain the user name", met: password !== "" && own },
    ],
    allowed: long && own,
    strength: long && own ? strength : (Math.min(strength, 1) as 0 | 1),
  };
}
