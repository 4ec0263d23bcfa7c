/** One value of Specific Character Set, understood. */
export type Term = {
  readonly written: string;
  /** "whole": a set without code extensions that takes all bytes (UTF-8, GB18030, GBK). "registered": an ISO-IR number. */
  readonly kind: 'registered' | 'whole' | 'unknown';
  /** iconv-lite's name of a whole set. */
  readonly name: string;
  /** ISO registration number. */
  readonly ir: number;
  /** Written as "ISO 2022 IR n": code extensions are on. */
  readonly extended: boolean;
  readonly misspelled: boolean;
};

/**
 * ISO registrations of the right-hand half of single-byte sets, as iconv-lite names the whole set: the registered tables,
 * not the Windows code pages that a browser's decoder takes for Latin-1 and Latin-5.
 */
export const SINGLE_BYTE: ReadonlyMap<number, string> = new Map([
  [100, 'latin1'],
  [101, 'iso88592'],
  [109, 'iso88593'],
  [110, 'iso88594'],
  [144, 'iso88595'],
  [127, 'iso88596'],
  [126, 'iso88597'],
  [138, 'iso88598'],
  [148, 'iso88599'],
  [203, 'iso885915'],
  [166, 'tis620'],
]);

/** 6 is ASCII, 13 JIS X 0201, 87 JIS X 0208, 159 JIS X 0212, 149 KS X 1001, 58 GB 2312. */
const MULTI_BYTE: ReadonlySet<number> = new Set([87, 159, 149, 58]);

const WHOLE: ReadonlyMap<string, string> = new Map([
  ['ISO_IR 192', 'utf-8'],
  ['GB18030', 'gb18030'],
  ['GBK', 'gbk'],
]);

/** Other names of the same sets that have been seen in files, after blanks, hyphens and underscores are removed. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['UTF8', 'ISO_IR 192'],
  ['UNICODE11UTF8', 'ISO_IR 192'],
  ['IR192', 'ISO_IR 192'],
  ['ISO2022IR192', 'ISO_IR 192'],
  ['GB18030', 'GB18030'],
  ['GB180302000', 'GB18030'],
  ['GB2312', 'GB18030'],
  ['GBK', 'GBK'],
  ['ASCII', 'ISO_IR 6'],
  ['USASCII', 'ISO_IR 6'],
  ['ISO646', 'ISO_IR 6'],
  ['LATIN1', 'ISO_IR 100'],
  ['LATIN2', 'ISO_IR 101'],
  ['ISO88591', 'ISO_IR 100'],
  ['ISO88592', 'ISO_IR 101'],
  ['ISO88593', 'ISO_IR 109'],
  ['ISO88594', 'ISO_IR 110'],
  ['ISO88595', 'ISO_IR 144'],
  ['ISO88596', 'ISO_IR 127'],
  ['ISO88597', 'ISO_IR 126'],
  ['ISO88598', 'ISO_IR 138'],
  ['ISO88599', 'ISO_IR 148'],
  ['ISO885915', 'ISO_IR 203'],
  ['TIS620', 'ISO_IR 166'],
]);

/** Understands one value of (0008,0005) by PS3.3 tables C.12-2 to C.12-5, and the misspellings seen in practice. */
export function definedTerm(written: string): Term {
  const exact = byName(written, written, false);
  if (exact !== null) return exact;
  const squeezed = written.toUpperCase().replace(/[\s_-]+/g, '');
  const registered = /^(ISO|ISO2022)?IR0*(\d{1,3})$/.exec(squeezed);
  const number = Number(registered?.[2]);
  const guess =
    OTHER_NAMES.get(squeezed) ??
    (registered === null || registered[1] === 'ISO2022' || MULTI_BYTE.has(number)
      ? `ISO 2022 IR ${number}`
      : `ISO_IR ${number}`);
  return (
    byName(guess, written, true) ?? { written, kind: 'unknown', name: '', ir: 0, extended: false, misspelled: false }
  );
}

function byName(term: string, written: string, misspelled: boolean): Term | null {
  const base = { written, misspelled, name: '', ir: 6, extended: false };
  // An empty value is the default repertoire; "ISO_IR 6" is not a defined term but says the same (C.12.1.1.2, note).
  if (term === '') return { ...base, kind: 'registered' };
  const whole = WHOLE.get(term);
  if (whole !== undefined) return { ...base, kind: 'whole', name: whole };
  const match = /^(ISO_IR|ISO 2022 IR) (\d+)$/.exec(term);
  if (match === null) return null;
  const ir = Number(match[2]);
  const extended = match[1] === 'ISO 2022 IR';
  const known = ir === 6 || ir === 13 || SINGLE_BYTE.has(ir) || (extended && MULTI_BYTE.has(ir));
  return known ? { ...base, kind: 'registered', ir, extended } : null;
}
