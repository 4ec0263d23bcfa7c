import { describe, expect, test } from 'vitest';
import { decodeText, readCharacterSet } from '../../../src/dicom/text/character-set.ts';

/** "ESC" and two hexadecimal digits in angle brackets stand for bytes, as in the tables of PS3.5 annexes H to K. */
function bytes(pattern: string): Buffer {
  const parts = pattern.split(/(ESC|<[0-9a-f ]+>)/).map((part) => {
    if (part === 'ESC') return Buffer.from([0x1b]);
    return part.startsWith('<')
      ? Buffer.from(part.slice(1, -1).replaceAll(' ', ''), 'hex')
      : Buffer.from(part, 'latin1');
  });
  return Buffer.concat(parts);
}

function decode(characterSet: string, pattern: string): string {
  return decodeText(readCharacterSet(characterSet).characterSet, bytes(pattern)).text;
}

describe('the examples of the standard', () => {
  test.each([
    [
      'H.3.1 kanji and kana',
      '\\ISO 2022 IR 87',
      'Yamada^Tarou=ESC$B;3EDESC(B^ESC$BB@O:ESC(B=ESC$B$d$^$@ESC(B^ESC$B$?$m$&ESC(B',
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
    ],
    [
      'H.3.2 half-width katakana first',
      'ISO 2022 IR 13\\ISO 2022 IR 87',
      '<d4cfc0de>^<c0dbb3>=ESC$B;3EDESC(J^ESC$BB@O:ESC(J=ESC$B$d$^$@ESC(J^ESC$B$?$m$&ESC(J',
      'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
    ],
    [
      'I.2 Korean',
      '\\ISO 2022 IR 149',
      'Hong^Gildong=ESC$)C<fbf3>^ESC$)C<d1ced4d7>=ESC$)C<c8ab>^ESC$)C<b1e6b5bf>',
      'Hong^Gildong=洪^吉洞=홍^길동',
    ],
    ['J.1 Chinese in UTF-8', 'ISO_IR 192', 'Wang^XiaoDong=<e78e8b>^<e5b08fe4b89c>=', 'Wang^XiaoDong=王^小东='],
    ['J.2 Chinese in GB18030', 'GB18030', 'Wang^XiaoDong=<cdf5>^<d0a1b6ab>=', 'Wang^XiaoDong=王^小东='],
    ['J.3 Chinese in GBK', 'GBK', 'Wang^XiaoDong=<cdf5>^<d0a1b6ab>=', 'Wang^XiaoDong=王^小东='],
    [
      'K.2 Chinese in GB 2312',
      '\\ISO 2022 IR 58',
      'Zhang^XiaoDong=ESC$)A<d5c5>^ESC$)A<d0a1b6ab>=',
      'Zhang^XiaoDong=张^小东=',
    ],
  ])('%s', (_name, characterSet, pattern, expected) => {
    expect(decode(characterSet, pattern)).toBe(expected);
  });

  test('JIS X 0212 is a set of its own', () => {
    expect(decode('\\ISO 2022 IR 87\\ISO 2022 IR 159', 'ESC$(D0!ESC(BESC$B0!ESC(B')).toBe('丂亜');
  });
});

describe('single-byte sets', () => {
  test.each([
    [100, 'Buc^J<e9>r<f4>me', 'Buc^Jérôme'],
    [101, '<a3><f3>d<bc>', 'Łódź'],
    [109, '<a1>al', 'Ħal'],
    [110, '<d1>', 'Ņ'],
    [144, '<bb>', 'Л'],
    [127, '<e2c8c7e8ea>', 'قباوي'],
    [126, '<c4e9efed>', 'Διον'],
    [138, '<f9f8e5ef>', 'שרון'],
    [148, '<d0dd>', 'Ğİ'],
    [203, '<a4>', '€'],
    [166, '<a1>', 'ก'],
  ])('ISO_IR %i, with and without code extensions', (ir, pattern, expected) => {
    for (const characterSet of [`ISO_IR ${ir}`, `ISO 2022 IR ${ir}`]) {
      expect(readCharacterSet(characterSet).finding).toBeNull();
      expect(decode(characterSet, pattern)).toBe(expected);
    }
  });

  test('Latin-1 is the registered set, not the Windows code page', () => {
    expect(decode('ISO_IR 100', '<80 9f b5>')).toBe('\u0080\u009fµ');
  });

  test('JIS X 0201 has a yen sign and an overline where ASCII has a backslash and a tilde', () => {
    expect(decode('ISO_IR 13', '100\\ ~<b1>')).toBe('100¥ ‾ｱ');
    // ... but in a VR of several values byte 5C divides them.
    expect(decodeText(readCharacterSet('ISO_IR 13').characterSet, bytes('<b1>\\~'), true).text).toBe('ｱ\\‾');
  });
});

describe('code extensions', () => {
  test('the initial state comes back at line ends and at the delimiters of names', () => {
    const latin = 'ISO 2022 IR 100\\ISO 2022 IR 144';
    expect(decode(latin, 'ESC-L<bb>\r\n<e9>')).toBe('Л\r\né');
    expect(decode(latin, 'ESC-L<bb>^<e9>=<e9>')).toBe('Л^é=é');
    expect(decode(latin, 'ESC-L<bb>ESC-A<e9>')).toBe('Лé');
    expect(decode('\\ISO 2022 IR 87', 'ESC$B;3\r\nabc')).toBe('山\r\nabc');
  });

  test('a right half that nothing resets stays, since some writers do not repeat the escape', () => {
    expect(decode('\\ISO 2022 IR 149', 'ESC$)C<fbf3>^<d1ced4d7>')).toBe('洪^吉洞');
  });

  test('a multi-byte character may hold the bytes of delimiters', () => {
    // 0x5c, 0x5e and 0x3d are second bytes here.
    expect(decode('\\ISO 2022 IR 87', 'ESC$B0\\0^0=ESC(B')).toBe('移緯綾');
  });

  test('several sets in one text', () => {
    const all = '\\ISO 2022 IR 100\\ISO 2022 IR 126\\ISO 2022 IR 87\\ISO 2022 IR 149\\ISO 2022 IR 58';
    expect(decode(all, 'aESC-A<e9>ESC-F<e1>ESC$B;3ESC(BbESC$)C<b1e6>ESC$)A<d5c5>')).toBe('aéα山b길张');
  });

  test.each([
    ['an unknown escape', '\\ISO 2022 IR 87', 'ESC%Gx', '\uFFFD%Gx'],
    ['an escape at the very end', '\\ISO 2022 IR 87', 'xESC', 'x\uFFFD'],
    ['half a character', '\\ISO 2022 IR 87', 'ESC$B;', '\uFFFD'],
    ['a right half that was never set', '\\ISO 2022 IR 87', 'x<e9>', 'x\uFFFD'],
    ['DEL in a two-byte set', '\\ISO 2022 IR 87', 'ESC$B<7f>ESC(B', '\uFFFD'],
    ['bytes that are no UTF-8', 'ISO_IR 192', 'x<e9>y', 'x\uFFFDy'],
    ['a hole in the Arabic set', 'ISO_IR 127', '<a1>', '\uFFFD'],
  ])('%s gives a replacement character', (_name, characterSet, pattern, expected) => {
    const { characterSet: set } = readCharacterSet(characterSet);
    expect(decodeText(set, bytes(pattern))).toEqual({ text: expected, trouble: 'unreadable' });
  });
});

describe('terms', () => {
  test.each(['ISO-IR 100', 'ISO IR 100', 'ISO_IR100', 'ISO_IR_100', 'iso_ir 100', 'ISO 8859-1', 'ISO8859-1', 'LATIN1'])(
    '%j is understood as Latin-1, with a finding',
    (term) => {
      expect(readCharacterSet(term)).toMatchObject({ finding: 'CHARSET_MISSPELLED', term });
      expect(decode(term, '<e9>')).toBe('é');
    },
  );

  test.each([
    ['UTF-8', '<c3a9>', 'é'],
    ['utf8', '<c3a9>', 'é'],
    ['UNICODE-1-1-UTF-8', '<c3a9>', 'é'],
    ['ISO_IR_192', '<c3a9>', 'é'],
    ['ISO 2022 IR 192', '<c3a9>', 'é'],
    ['GB2312', '<d5c5>', '张'],
    ['GB_18030', '<d5c5>', '张'],
    ['ISO_IR 87', 'ESC$B;3ESC(B', '山'],
    ['ISO2022IR87', 'ESC$B;3ESC(B', '山'],
    ['ISO 2022-IR 149', '<b1e6>', '길'],
    ['ISO 2022 IR 87', 'ESC$B;3ESC(B', '山'],
    ['ISO_IR 100\\ISO 2022 IR 87', '<e9>ESC$B;3ESC(B', 'é山'],
    ['ISO_IR 192\\ISO 2022 IR 87', '<c3a9>', 'é'],
  ])('%j is understood, with a finding', (term, pattern, expected) => {
    expect(readCharacterSet(term).finding).toBe('CHARSET_MISSPELLED');
    expect(decode(term, pattern)).toBe(expected);
  });

  test.each([
    '',
    'ISO_IR 6',
    '\\ISO 2022 IR 87',
    'ISO 2022 IR 6\\ISO 2022 IR 100',
    'ISO 2022 IR 149',
    'ISO_IR 13',
    'GBK',
  ])('%j needs no finding', (term) => {
    expect(readCharacterSet(term).finding).toBeNull();
  });

  test('an unknown term is a finding that shows it only when it can be nothing but a term', () => {
    expect(readCharacterSet('ISO_IR 999')).toMatchObject({ finding: 'CHARSET_UNKNOWN', term: 'ISO_IR 999' });
    expect(readCharacterSet('Probe^Paula')).toMatchObject({ finding: 'CHARSET_UNKNOWN', term: null });
    expect(readCharacterSet('ISO_IR 100\\WHAT')).toMatchObject({ finding: 'CHARSET_UNKNOWN', term: null });
  });
});
