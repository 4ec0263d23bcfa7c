import iconv from 'iconv-lite';
import { definedTerm, SINGLE_BYTE } from './character-set-terms.ts';
import { decodeIso2022, type Iso2022, initialState } from './iso-2022.ts';

/** How the text of a data set is decoded, after Specific Character Set (0008,0005) of the item or of those around it. */
export type CharacterSet = {
  /** True when bytes below 0x80 without ESC stand for ASCII. */
  readonly asciiTransparent: boolean;
  readonly kind: 'ascii' | 'utf-8' | 'iconv' | 'iso-2022' | 'unknown';
  /** iconv-lite's name, for kind "iconv". */
  readonly encoding: string;
  readonly iso2022: Iso2022 | null;
};

export type CharacterSetReading = {
  readonly characterSet: CharacterSet;
  readonly finding: 'CHARSET_UNKNOWN' | 'CHARSET_MISSPELLED' | null;
  /** The term in question, when it looks like one and not like something a person typed. */
  readonly term: string | null;
};

/** Decoded text and whether it was guessed (nothing was declared) or has bytes that the set does not define. */
export type DecodedText = { readonly text: string; readonly trouble: 'undeclared' | 'unreadable' | null };

/** No Specific Character Set: the default repertoire, ISO-IR 6. */
export const DEFAULT_CHARACTER_SET: CharacterSet = simple('ascii', '');

function simple(kind: CharacterSet['kind'], encoding: string): CharacterSet {
  return { kind, encoding, asciiTransparent: true, iso2022: null };
}

/** Reads the value of (0008,0005), PS3.3 C.12.1.1.2. */
export function readCharacterSet(raw: string): CharacterSetReading {
  const terms = raw.split('\\').map((term) => definedTerm(term.trim()));
  const unknown = terms.find((term) => term.kind === 'unknown');
  if (unknown !== undefined) {
    return { characterSet: simple('unknown', ''), finding: 'CHARSET_UNKNOWN', term: publicTerm(unknown.written) };
  }
  const misspelled = terms.find((term) => term.misspelled);
  const done = (characterSet: CharacterSet, wrong: boolean): CharacterSetReading => {
    const bad = wrong ? (terms[0] ?? null) : (misspelled ?? null);
    return {
      characterSet,
      finding: bad === null ? null : 'CHARSET_MISSPELLED',
      term: bad === null ? null : publicTerm(bad.written),
    };
  };
  const whole = terms.find((term) => term.kind === 'whole');
  // UTF-8, GB18030 and GBK stand alone: code extensions do not apply to them.
  if (whole !== undefined) {
    return done(simple(whole.name === 'utf-8' ? 'utf-8' : 'iconv', whole.name), terms.length > 1);
  }
  const first = terms[0];
  if (terms.length === 1 && first !== undefined && !first.extended) {
    if (first.ir === 6) return done(DEFAULT_CHARACTER_SET, false);
    if (first.ir !== 13) return done(simple('iconv', SINGLE_BYTE.get(first.ir) ?? 'latin1'), false);
  }
  const iso2022 = initialState(first?.ir ?? 6);
  const plain = terms.length > 1 && terms.some((term) => !term.extended && term.written !== '' && term.ir !== 6);
  const multiByteFirst = first !== undefined && (first.ir === 87 || first.ir === 159);
  return done({ kind: 'iso-2022', encoding: '', asciiTransparent: first?.ir !== 13, iso2022 }, plain || multiByteFirst);
}

/**
 * Decodes bytes that are not plain ASCII. Never throws. `delimited`: the VR can hold several values, so a backslash is a
 * delimiter in any set.
 */
export function decodeText(set: CharacterSet, bytes: Buffer, delimited = false): DecodedText {
  switch (set.kind) {
    case 'ascii':
      return guess(bytes, 'undeclared');
    case 'unknown':
      return guess(bytes, 'unreadable');
    case 'utf-8':
      return judged(bytes.toString('utf8'));
    case 'iconv':
      return judged(set.encoding === 'latin1' ? bytes.toString('latin1') : iconv.decode(bytes, set.encoding));
    case 'iso-2022':
      return judged(set.iso2022 === null ? bytes.toString('latin1') : decodeIso2022(set.iso2022, bytes, delimited));
    default:
      return set.kind satisfies never;
  }
}

/**
 * Nothing tells the set. Text that is valid UTF-8 is all but certainly UTF-8. Failing that, undeclared bytes are read as
 * Latin-1, as western scanners write them; with an unknown set declared, we know that it is something else.
 */
function guess(bytes: Buffer, otherwise: 'undeclared' | 'unreadable'): DecodedText {
  const text = bytes.toString('utf8');
  if (!text.includes('\uFFFD')) {
    const ascii = text.length === bytes.length;
    return { text, trouble: ascii ? null : otherwise === 'undeclared' ? 'undeclared' : null };
  }
  const latin = bytes.toString('latin1');
  if (otherwise === 'undeclared') return { text: latin, trouble: 'undeclared' };
  return { text: latin.replace(/[\u0080-\u00ff]/g, '\uFFFD'), trouble: 'unreadable' };
}

function judged(text: string): DecodedText {
  return { text, trouble: text.includes('\uFFFD') ? 'unreadable' : null };
}

/** A finding may show a term that can only be the name of a character set. */
function publicTerm(term: string): string | null {
  return /^(?:ISO|GB|UTF|UCS|WIN|CP|ANSI|ASCII|LATIN|BIG|SJIS|SHIFT|EUC|KS|JIS|KOI|TIS)[A-Z0-9 _.:-]{0,14}$/i.test(term)
    ? term
    : null;
}
