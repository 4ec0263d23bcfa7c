import { describe, expect, test } from 'vitest';
import { dicomFile, float32, float64, type Item, uint32 } from '../../support/dicom/dicom-bytes.ts';
import { codesOf, itemAt, read } from '../../support/dicom/dicom-read.ts';
import { BMD, type Code, codeItem, GRAMS_PER_CM2, item, num, report, text } from '../../support/dicom/dicom-report.ts';

const NOTE: Code = ['1', '99TEST', 'Note'];
const one = (child: Item, bigEndian = false) =>
  read(dicomFile(report([child]), { syntax: bigEndian ? 'big endian' : 'explicit' }));

describe('value types', () => {
  test('TEXT keeps leading blanks and line ends, and loses the padding', () => {
    expect(itemAt(one(text(NOTE, '  first\r\nsecond \t ')).root, '1.1', 'TEXT').text).toBe('  first\r\nsecond \t');
    expect(itemAt(one(text(NOTE, '')).root, '1.1', 'TEXT').text).toBe('');
  });

  test('NUM keeps the text that was there, whatever it was', () => {
    for (const [raw, decimal] of [
      ['0,985', null],
      ['<0.5', null],
      ['12abc', null],
      ['', null],
      ['1\\2', null],
      ['7.49E-1', '0.749'],
    ]) {
      expect(itemAt(one(num(BMD, raw ?? '')).root, '1.1', 'NUM').number).toEqual({ raw, decimal });
    }
  });

  test('NUM without a measured value has no number, and may say why', () => {
    const qualifier: Item = [[0x0040a301, 'SQ', [codeItem(['114006', 'DCM', 'Measurement failure'])]]];
    for (const measured of [[], [[0x0040a300, 'SQ', []] as const]]) {
      const found = itemAt(one(item('NUM', BMD, [...measured, ...qualifier])).root, '1.1', 'NUM');
      expect(found).toMatchObject({ number: null, unit: null, floatingValue: null, rational: null });
      expect(found.qualifier?.key).toBe('DCM:114006');
    }
  });

  test('NUM reads the floating and the rational form in both byte orders', () => {
    for (const big of [false, true]) {
      const more: Item = [
        [0x0040a161, 'FD', float64(big, 0.9853)],
        [0x0040a162, 'SL', uint32(big, 0xfffffffd)],
        [0x0040a163, 'UL', uint32(big, 4)],
      ];
      const document = one(num(BMD, '0.985', GRAMS_PER_CM2, more), big);
      expect(itemAt(document.root, '1.1', 'NUM')).toMatchObject({
        floatingValue: 0.9853,
        rational: { numerator: -3, denominator: 4 },
      });
      expect(codesOf(document)).toEqual([]);
    }
  });

  test('a number as UN is little endian even in a big endian file (PS3.5 6.2.2)', () => {
    const document = one(num(BMD, '0.985', GRAMS_PER_CM2, [[0x0040a161, 'UN', float64(false, 0.9853)]]), true);
    expect(itemAt(document.root, '1.1', 'NUM').floatingValue).toBe(0.9853);
  });

  test('an empty FD is absent, not 0; NaN, Infinity and two values are absent with a finding', () => {
    const floating = (bytes: Buffer) => {
      const document = one(num(BMD, '0.985', GRAMS_PER_CM2, [[0x0040a161, 'FD', bytes]]));
      return [itemAt(document.root, '1.1', 'NUM').floatingValue, codesOf(document)];
    };
    expect(floating(Buffer.alloc(0))).toEqual([null, []]);
    expect(floating(float64(false, Number.NaN))).toEqual([null, ['VALUE_UNREADABLE']]);
    expect(floating(float64(false, Number.POSITIVE_INFINITY))).toEqual([null, ['VALUE_UNREADABLE']]);
    expect(floating(Buffer.alloc(16))).toEqual([null, ['VALUE_UNREADABLE']]);
    expect(floating(Buffer.alloc(6))).toEqual([null, ['VALUE_UNREADABLE']]);
    expect(floating(Buffer.alloc(8))).toEqual([0, []]);
  });

  test('a rational with a denominator of 0 or without one is none', () => {
    const rational = (more: Item) => itemAt(one(num(BMD, '1', GRAMS_PER_CM2, more)).root, '1.1', 'NUM').rational;
    const numerator = [0x0040a162, 'SL', uint32(false, 1)] as const;
    expect(rational([numerator])).toBeNull();
    expect(rational([numerator, [0x0040a163, 'UL', uint32(false, 0)]])).toBeNull();
  });

  test('CODE, DATE, TIME, DATETIME, PNAME and UIDREF', () => {
    const document = read(
      dicomFile(
        report([
          item('CODE', NOTE, [[0x0040a168, 'SQ', [codeItem(['T-11910', 'SRT', 'L1'])]]]),
          item('DATE', NOTE, [[0x0040a121, 'DA', '20240305']]),
          item('TIME', NOTE, [[0x0040a122, 'TM', '1015']]),
          item('DATETIME', NOTE, [[0x0040a120, 'DT', '20240305101500+0100']]),
          item('PNAME', NOTE, [[0x0040a123, 'PN', 'Probe^Paula=X=Y']]),
          item('UIDREF', NOTE, [[0x0040a124, 'UI', '2.25.5']]),
          item('DATE', NOTE, [[0x0040a121, 'DA', '05/03/2024']]),
          item('PNAME', NOTE, []),
          item('CODE', NOTE, []),
        ]),
      ),
    );
    const { root } = document;
    expect(itemAt(root, '1.1', 'CODE').code?.key).toBe('SCT:66794005');
    expect(itemAt(root, '1.2', 'DATE').value?.date).toBe('2024-03-05');
    expect(itemAt(root, '1.3', 'TIME').value?.time).toBe('10:15');
    expect(itemAt(root, '1.4', 'DATETIME').value).toMatchObject({ time: '10:15:00', offsetMinutes: 60 });
    expect(itemAt(root, '1.5', 'PNAME').name).toEqual({ alphabetic: 'Probe^Paula', ideographic: 'X', phonetic: 'Y' });
    expect(itemAt(root, '1.6', 'UIDREF').uid).toBe('2.25.5');
    expect(itemAt(root, '1.7', 'DATE').value).toEqual({
      raw: '05/03/2024',
      date: null,
      time: null,
      offsetMinutes: null,
    });
    expect(itemAt(root, '1.8', 'PNAME').name).toBeNull();
    expect(itemAt(root, '1.9', 'CODE').code).toBeNull();
    expect(document.findings).toEqual([{ code: 'VALUE_UNREADABLE', path: '1.7', facts: { tag: '(0040,A121)' } }]);
  });

  test('references, coordinates and tables in both byte orders', () => {
    for (const big of [false, true]) {
      const references = [
        0x00081199,
        'SQ',
        [
          [
            [0x00081150, 'UI', '1.2'],
            [0x00081155, 'UI', '1.3'],
          ],
          [],
        ],
      ] as const;
      const document = read(
        dicomFile(
          report([
            item('IMAGE', null, [references]),
            item('SCOORD', NOTE, [
              [0x00700022, 'FL', float32(big, 1.5, 2, -3, 0)],
              [0x00700023, 'CS', 'POLYLINE'],
            ]),
            item('TCOORD', NOTE, [
              [0x0040a130, 'CS', 'SEGMENT'],
              [0x0040a132, 'UL', uint32(big, 7, 9)],
            ]),
            item('TCOORD', NOTE, [
              [0x0040a130, 'CS', 'POINT'],
              [0x0040a138, 'DS', '1.5\\2'],
            ]),
            item('TABLE', NOTE, []),
            item('WAVEFORM', null, []),
          ]),
          { syntax: big ? 'big endian' : 'explicit' },
        ),
      );
      const { root } = document;
      expect(itemAt(root, '1.1', 'IMAGE').references).toEqual([
        { sopClassUid: '1.2', sopInstanceUid: '1.3' },
        { sopClassUid: null, sopInstanceUid: null },
      ]);
      expect(itemAt(root, '1.2', 'SCOORD')).toMatchObject({ graphicType: 'POLYLINE', numbers: [1.5, 2, -3, 0] });
      expect(itemAt(root, '1.3', 'TCOORD')).toMatchObject({ graphicType: 'SEGMENT', numbers: [7, 9] });
      expect(itemAt(root, '1.4', 'TCOORD').numbers).toEqual([1.5, 2]);
      expect(itemAt(root, '1.5', 'TABLE').path).toBe('1.5');
      expect(itemAt(root, '1.6', 'WAVEFORM').references).toEqual([]);
      expect(codesOf(document)).toEqual([]);
    }
  });

  test('an unknown or missing value type is kept as such with its text, and never taken for a measurement', () => {
    const strange = item('PERSON NAME', NOTE, [[0x0040a123, 'PN', 'Probe^Paula']]);
    const without = text(NOTE, 'x').filter((element) => element[0] !== 0x0040a040);
    const document = read(dicomFile(report([strange, without])));
    expect(itemAt(document.root, '1.1', 'UNKNOWN')).toMatchObject({ rawValueType: 'PERSON NAME', text: 'Probe^Paula' });
    expect(itemAt(document.root, '1.2', 'UNKNOWN')).toMatchObject({ rawValueType: null, text: 'x' });
    expect(codesOf(document)).toEqual(['VALUE_TYPE_UNKNOWN', 'VALUE_TYPE_UNKNOWN']);
  });

  test('names that JavaScript objects know are names like any other', () => {
    const document = one(item('__proto__', ['__proto__', 'constructor', 'toString'], []));
    expect(itemAt(document.root, '1.1', 'UNKNOWN').rawValueType).toBe('__proto__');
    expect(document.root.children[0]?.concept?.key).toBe('constructor:__proto__');
  });
});
