import type { Laterality } from '../../dxa/values/region.ts';
import { normaliseLabel } from './label.ts';

/** `both` where a text names two sides ("Dual Hip", "L + R"); `difference` is left minus right. */
export type NamedSide = Exclude<Laterality, 'none'> | 'both' | 'difference';

const WHOLE_WORDS: ReadonlyMap<string, NamedSide> = new Map([
  ['left', 'left'],
  ['right', 'right'],
  ['mean', 'mean'],
  ['average', 'mean'],
  ['avg', 'mean'],
  ['diff', 'difference'],
  ['difference', 'difference'],
  ['both', 'both'],
  ['dual', 'both'],
  ['bilateral', 'both'],
]);

/** "a R.Forearm", "Lt Hip": seen abbreviated, so every usual abbreviation counts. */
const ABBREVIATIONS: ReadonlyMap<string, NamedSide> = new Map([
  ['l', 'left'],
  ['lt', 'left'],
  ['lft', 'left'],
  ['r', 'right'],
  ['rt', 'right'],
  ['rgt', 'right'],
  ['rght', 'right'],
]);

export type SideSpelling = 'whole' | 'abbreviated';

/** Splits a label into the side that it names and its other words: "Neck Left", "L. Neck", "|Diff.|", "(R) Hip". */
export function splitSide(
  label: string,
  words: SideSpelling,
): { readonly side: NamedSide | null; readonly rest: string } {
  const sides = new Set<NamedSide>();
  const rest: string[] = [];
  const glued = normaliseLabel(label).replace(/\b(left|right|lt|rt|l|r)(hips?|forearm)\b/g, '$1 $2');
  for (const word of glued.split(/[\s()[\]{}|,;:&+]+/)) {
    const side = WHOLE_WORDS.get(word) ?? (words === 'abbreviated' ? ABBREVIATIONS.get(word) : undefined);
    if (side !== undefined) sides.add(side);
    else if (word !== '') rest.push(word);
  }
  const [first = null] = sides;
  const side = sides.size > 1 ? (sides.has('difference') ? 'difference' : 'both') : first;
  return { side, rest: rest.join(' ') };
}

/** The side that a text names and nothing else; null for none, both, or a text that says more ("not L"). */
export function readSide(text: string | null): 'left' | 'right' | null {
  const { side, rest } = splitSide(text ?? '', 'abbreviated');
  return rest === '' && (side === 'left' || side === 'right') ? side : null;
}

/** Sides that the attributes of a file name, with their place. U (unpaired) and B (both) name none. */
export function headerSides(header: {
  readonly laterality: string | null;
  readonly imageLaterality: string | null;
}): readonly { readonly side: 'left' | 'right'; readonly path: string }[] {
  const named = [
    { side: readSide(header.laterality), path: '(0020,0060)' },
    { side: readSide(header.imageLaterality), path: '(0020,0062)' },
  ];
  return named.flatMap(({ side, path }) => (side === null ? [] : [{ side, path }]));
}
