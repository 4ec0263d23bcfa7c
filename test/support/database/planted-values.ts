import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Spellings of what identifies a person in the simulator's cohorts, whatever their seed, and in fixtures and stored
 * visits. A value found by chance would be believed by nobody, so left out are: ids as short as "P1" and "FX-1", texts of
 * measured values ("0.985"), and given names, which are words of a language. Birth dates count where eight digits stand
 * by themselves, or as an ISO date.
 */
const SHAPES: readonly RegExp[] = [
  /QX\d+-\d{5}/i, // patient id
  /-Zq[0-9a-z]+x[0-9a-z]+/i, // family name
  /\bZQ[0-9A-Z]+A[0-9A-Z]+V\d+\b/, // accession number
  /\bFX0001\b/,
  /\b(?:Fixture|DOE|Probe)[\^, ]+(?:Anna|Karl|JANE|Paula)\b/i,
  /(?<![\d.])19[2-7]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d)(?!\d)/,
  /(?<![\d-])19[2-7]\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)(?<!1970-01-01)(?![\d-])/,
];
const HEX_TEXT = /(?:[0-9a-f]{2}){8,}/gi;

const isPlanted = (text: string) => SHAPES.some((shape) => shape.test(text));

/** Whether a line holds such a value, as it stands or in hexadecimal. */
export function holdsPlanted(line: string): boolean {
  if (isPlanted(line)) return true;
  return (line.match(HEX_TEXT) ?? []).some((hex) => isPlanted(Buffer.from(hex, 'hex').toString('latin1')));
}

export type Leak = { readonly file: string; readonly line: number; readonly text: string };

/** Every line of the folder's files that holds a planted value. */
export function scanFolder(folder: string): readonly Leak[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .flatMap((text, index) =>
          holdsPlanted(text) ? [{ file: join(folder, name), line: index + 1, text: text.slice(0, 400) }] : [],
        ),
    );
}
