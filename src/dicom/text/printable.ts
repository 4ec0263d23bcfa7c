const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Most texts are; then nothing has to be looked up. */
const PLAIN = /^[ -~]*$/;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** By units of UTF-16, as JSON has it: what is written out in a JSON text stays one. */
const escaped = (character: string): string =>
  NAMED.get(character) ??
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/**
 * Text from outside for people to see, with what cannot be seen written out ("\u001b", "\u202e"): a file must not be able
 * to steer a terminal, turn a line round, or hide a letter. Controls, format characters with the marks of text direction,
 * line and paragraph separators, halves of surrogate pairs.
 */
export const printable = (text: string): string => (PLAIN.test(text) ? text : text.replace(UNSEEN, escaped));

/** The same for text of several lines that a person wrote: line ends and tabs stay. */
export const printableLines = (text: string): string =>
  text.replace(UNSEEN, (character) => (NAMED.has(character) ? character : escaped(character)));
