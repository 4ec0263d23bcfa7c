import { VERTEBRAE, type Vertebra } from '../../dxa/values/region.ts';

const DASH = /\s*[-‐-―]\s*/g;
const RANGE = /^([TL]\d{1,2})(?:-([TL]?\d{1,2}))?$/;

/**
 * Reads a label of a spine region as the set of vertebrae that it includes: "L2", "L1-L4", "L1-L4 (L2)" (GE Lunar: L1 to
 * L4 without L2), "L1,L3-L4" (Hologic). Null when any part of the label is not understood: half a label is another
 * region ("L1-L4 (L2)" read as "L1-L4" is a known bug of public parsers).
 */
export function readSpineLabel(label: string): readonly Vertebra[] | null {
  const text = label.normalize('NFKC').toUpperCase().trim().replace(DASH, '-');
  const match = /^([^()]+?)\s*(?:\(([^()]*)\))?$/.exec(text);
  if (match === null) return null;
  const included = readList(match[1] ?? '', ',');
  if (included === null) return null;
  if (match[2] === undefined) return included;
  const excluded = readList(match[2], /[,;\s]+/);
  if (excluded === null || excluded.some((vertebra) => !included.includes(vertebra))) return null;
  const rest = included.filter((vertebra) => !excluded.includes(vertebra));
  return rest.length === 0 ? null : rest;
}

function readList(text: string, separator: string | RegExp): readonly Vertebra[] | null {
  const found: Vertebra[] = [];
  for (const part of text.trim().split(separator)) {
    const range = readRange(part.trim());
    if (range === null || range.some((vertebra) => found.includes(vertebra))) return null;
    found.push(...range);
  }
  return VERTEBRAE.filter((vertebra) => found.includes(vertebra));
}

function readRange(text: string): readonly Vertebra[] | null {
  const match = RANGE.exec(text);
  if (match === null) return null;
  const [, first = '', last = first] = match;
  const from = VERTEBRAE.indexOf(first as Vertebra);
  const to = VERTEBRAE.indexOf((/^\d/.test(last) ? first.charAt(0) + last : last) as Vertebra);
  return from < 0 || to < from ? null : VERTEBRAE.slice(from, to + 1);
}
