/**
 * Characters that steer a terminal or a page instead of being shown: controls of both sets, marks that reverse the
 * direction of writing (Unicode 6.3, UAX 9), line and paragraph separators, halves of pairs.
 */
const STEERING = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (character: string) => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** A name as it can be stored and shown: what would steer a terminal stands as its number, "\x1b". */
export function shownName(name: string): string {
  return name.replace(STEERING, escaped);
}
