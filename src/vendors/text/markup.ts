import { lookup } from '../../dxa/values/lookup.ts';

/** Entities of HTML that printed results hold; all others stay as they stand. */
const ENTITIES = lookup<string>({
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  sup1: '¹',
  sup2: '²',
  sup3: '³',
  middot: '·',
  sdot: '⋅',
  minus: '−',
  ndash: '–',
  percnt: '%',
  lpar: '(',
  rpar: ')',
  lsqb: '[',
  lbrack: '[',
  rsqb: ']',
  rbrack: ']',
  sol: '/',
});

const ENTITY = /&(?:#[xX]([\da-fA-F]{1,6})|#(\d{1,7})|([a-zA-Z]{2,8}\d?));?/g;

/** Decodes entities once: "&sup2;", "&#178;" and "&#xB2;" are "²". */
export function decodeEntities(text: string): string {
  return text.replace(ENTITY, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    const isCharacter = code >= 0x20 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : whole;
  });
}

/**
 * Tags of HTML that say how a text looks. Nothing else between angle brackets is one: "BMD <mg/cm2>" names a unit, and
 * without it a number would be taken for another quantity.
 */
const TAG =
  /<\/?(?:a|abbr|b|basefont|big|body|br|center|code|div|em|font|h[1-6]|hr|html|i|img|li|nobr|ol|p|pre|s|small|span|strike|strong|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul|wbr)(?:\s[^<>]*)?\/?>|<!--[^<>]*-->/gi;

/**
 * Text without HTML: "cm<sup><small>2</small></sup>" is "cm2", "T -<br>score" is "T - score". Entities may have been
 * escaped once more on the way ("&amp;sup2;"), and so may tags.
 */
export function plainText(raw: string): string {
  return decodeEntities(decodeEntities(raw))
    .replace(/<(?:br|p|div|td)\b[^<>]*>/gi, ' ')
    .replace(TAG, '')
    .replace(/\s+/g, ' ')
    .trim();
}
