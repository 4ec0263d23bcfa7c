import { describe, expect, test } from 'vitest';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { dataSet, dicomFile, encodeElement, header, type Syntax } from '../../support/dicom/dicom-bytes.ts';
import { codesOf, read, refusalOf } from '../../support/dicom/dicom-read.ts';
import { BMD, concept, lunarReport, num, report, SOP_INSTANCE_UID, text } from '../../support/dicom/dicom-report.ts';

const EXPLICIT = { explicit: true, bigEndian: false };
const small = lunarReport(1, 2);

describe('every truncation point', () => {
  for (const syntax of ['explicit', 'implicit', 'big endian', 'deflated', 'zlib'] as const satisfies Syntax[]) {
    for (const undefinedLengths of [false, true]) {
      test(`${syntax}, ${undefinedLengths ? 'undefined' : 'defined'} lengths: no cut is read as a smaller report`, () => {
        const file = dicomFile(small, { syntax, undefinedLengths });
        const whole = read(file);
        const accepted: number[] = [];
        const codes = new Set<string>();
        for (let cut = 0; cut < file.length; cut++) {
          const result = readReport(file.subarray(0, cut), READ_LIMITS);
          if (!result.ok) {
            codes.add(result.refusal.code);
            continue;
          }
          expect(result.document.root).toEqual(whole.root);
          accepted.push(file.length - cut);
        }
        // Only the byte that pads a deflate stream to an even length may go.
        const padded = syntax === 'deflated' && file.at(-1) === 0;
        expect(accepted.filter((missing) => !padded || missing !== 1)).toEqual([]);
        expect([...codes].every((code) => ['NOT_DICOM', 'TRUNCATED', 'NO_CONTENT'].includes(code))).toBe(true);
      });
    }
  }

  for (const syntax of ['explicit', 'implicit', 'big endian'] as const) {
    test(`${syntax} without a file header: no cut is read as a smaller report`, () => {
      const file = dicomFile(small, { syntax, meta: false, preamble: false });
      for (let cut = 0; cut < file.length; cut++) {
        const result = readReport(file.subarray(0, cut), READ_LIMITS);
        expect(result.ok, `cut at ${cut}`).toBe(false);
      }
    });
  }

  test('what follows the content may be cut between two elements only, and the tree stays whole', () => {
    const tail = [0x00990010, 'LO', 'TAIL'] as const;
    const file = dicomFile(report([num(BMD, '1')], { attributes: [tail] }));
    const length = encodeElement(tail, EXPLICIT).length;
    for (let missing = 1; missing < length; missing++) {
      expect(refusalOf(file.subarray(0, file.length - missing)).code).toBe('TRUNCATED');
    }
    expect(read(file.subarray(0, file.length - length)).root).toEqual(read(file).root);
  });
});

describe('what is not a report at all', () => {
  test('other files are NOT_DICOM, with a hint at what they are', () => {
    const kind = (bytes: Uint8Array) => {
      const { code, facts } = refusalOf(bytes);
      return [code, facts?.['looksLike']];
    };
    expect(kind(Buffer.alloc(0))).toEqual(['NOT_DICOM', 'empty']);
    expect(kind(Buffer.alloc(5000))).toEqual(['NOT_DICOM', 'zeros']);
    expect(kind(Buffer.from('1f8b0800', 'hex'))).toEqual(['NOT_DICOM', 'gzip']);
    expect(kind(Buffer.from('%PDF-1.7 and so on'))).toEqual(['NOT_DICOM', 'pdf']);
    expect(kind(Buffer.from('<!doctype html>'))).toEqual(['NOT_DICOM', 'html or xml']);
    expect(kind(Buffer.from('MSH|^~\\&|'))).toEqual(['NOT_DICOM', 'hl7']);
    expect(kind(Buffer.from('just some text that is longer than a preamble '.repeat(4)))).toEqual(['NOT_DICOM', null]);
  });

  test('no Content Sequence, or an empty one, is NO_CONTENT and names the object', () => {
    for (const elements of [report([], { without: [0x0040a730] }), report([])]) {
      expect(readReport(dicomFile(elements), READ_LIMITS)).toEqual({
        ok: false,
        refusal: { code: 'NO_CONTENT', offset: null, path: '1' },
        sopInstanceUid: SOP_INSTANCE_UID,
      });
    }
  });

  test('a root of another value type is refused; one without a value type is a container with a finding', () => {
    const children = [num(BMD, '1')];
    expect(refusalOf(dicomFile(report(children, { attributes: [[0x0040a040, 'CS', 'TEXT']] }))).code).toBe(
      'ROOT_NOT_CONTAINER',
    );
    const document = read(dicomFile(report(children, { without: [0x0040a040] })));
    expect(document.root.valueType).toBe('CONTAINER');
    expect(document.findings).toEqual([{ code: 'ROOT_VALUE_TYPE_MISSING', path: '1' }]);
  });

  test('without any SOP Instance UID it is refused; with one in the file header only, that one counts', () => {
    const elements = report([num(BMD, '1')], { without: [0x00080018] });
    expect(refusalOf(dicomFile(elements)).code).toBe('SOP_INSTANCE_UID_MISSING');
    expect(read(dicomFile(elements, { mediaStorageSopInstanceUid: '2.25.7' })).header.sopInstanceUid).toBe('2.25.7');
  });
});

describe('what stands beside the report', () => {
  const file = dicomFile(small);

  test('a SOP Instance UID or class that differs from the file header is a finding, and the data set counts', () => {
    const document = read(dicomFile(small, { mediaStorageSopInstanceUid: '2.25.8', mediaStorageSopClassUid: '1.2.3' }));
    expect(document.header.sopInstanceUid).toBe(SOP_INSTANCE_UID);
    expect(codesOf(document)).toEqual(['SOP_CLASS_MISMATCH', 'SOP_INSTANCE_MISMATCH']);
  });

  test('trailing zeros are a finding with their count, in every encoding', () => {
    for (const syntax of ['explicit', 'implicit', 'big endian', 'zlib'] as const) {
      for (const zeros of [1, 2, 7, 8, 1000]) {
        const padded = Buffer.concat([dicomFile(small, { syntax }), Buffer.alloc(zeros)]);
        const document = read(padded);
        const expected = { code: 'TRAILING_ZEROS', path: null, facts: { bytes: zeros } };
        const findings = document.findings.filter(({ code }) => code !== 'DEFLATE_ZLIB_HEADER');
        // One zero after a deflate stream is its padding.
        expect(findings).toEqual(syntax === 'zlib' && zeros === 1 ? [] : [expected]);
      }
    }
  });

  test('Data Set Trailing Padding is an element like any other', () => {
    const padding = encodeElement([0xfffcfffc, 'OB', Buffer.alloc(64)], EXPLICIT);
    expect(codesOf(read(Buffer.concat([file, padding])))).toEqual([]);
  });

  test('a second file is named as such, with or without preamble, header or zeros in the preamble', () => {
    const other = dicomFile(small);
    expect(refusalOf(Buffer.concat([file, other]))).toEqual({
      code: 'TWO_FILES_IN_ONE',
      offset: file.length,
      path: null,
    });
    for (const second of [
      other.subarray(128),
      other.subarray(132),
      dicomFile(small, { meta: false, preamble: false }),
      dicomFile(report([num(BMD, '1')], { sopInstanceUid: '2.25.9' }), { meta: false, preamble: false }),
      Buffer.concat([Buffer.from('II*\0'), Buffer.alloc(124), other.subarray(128)]),
    ]) {
      expect(refusalOf(Buffer.concat([file, second])).code).toBe('TWO_FILES_IN_ONE');
    }
    for (const syntax of ['deflated', 'zlib'] as const) {
      const first = dicomFile(small, { syntax });
      expect(refusalOf(Buffer.concat([first, dicomFile(small, { syntax })])).code).toBe('TWO_FILES_IN_ONE');
    }
  });

  test('other bytes behind the report are refused', () => {
    for (const tail of ['\r\n', '<!-- end -->', '\xff'.repeat(64), 'x'.repeat(1000)]) {
      expect(refusalOf(Buffer.concat([file, Buffer.from(tail, 'latin1')])).code).toMatch(
        /^(TRUNCATED|BROKEN_STRUCTURE)$/,
      );
    }
    const deflated = dicomFile(small, { syntax: 'deflated' });
    expect(refusalOf(Buffer.concat([deflated, Buffer.from('tail')])).code).toBe('TRAILING_BYTES');
    expect(refusalOf(Buffer.concat([file, encodeElement([0x00010010, 'LO', 'ab'], EXPLICIT)])).code).toBe(
      'TRAILING_BYTES',
    );
  });
});

describe('elements that contradict each other', () => {
  const once = report([num(BMD, '0.985')]);
  const withExtra = (extra: Buffer) => {
    const at = once.findIndex((element) => element[0] > 0x00100020);
    return Buffer.concat([dicomFile(once.slice(0, at)), extra, dataSet(once.slice(at), EXPLICIT)]);
  };

  test('twice with the same value is a finding, twice with different values is refused', () => {
    const same = read(withExtra(encodeElement([0x00100020, 'LO', 'PID-1'], EXPLICIT)));
    expect(same.findings).toEqual([{ code: 'ELEMENT_REPEATED', path: '(0010,0020)' }]);
    expect(refusalOf(withExtra(encodeElement([0x00100020, 'LO', 'PID-2'], EXPLICIT)))).toMatchObject({
      code: 'DUPLICATE_ELEMENT',
      path: '(0010,0020)',
    });
  });

  test('twice with different values is a finding where the value is not read', () => {
    const unread = Buffer.concat([
      encodeElement([0x00100024, 'LO', 'a '], EXPLICIT),
      encodeElement([0x00100024, 'LO', 'b '], EXPLICIT),
    ]);
    expect(read(withExtra(unread)).findings).toEqual([{ code: 'ELEMENT_REPEATED', path: '(0010,0024)' }]);
  });

  test('two numbers in one measured value are refused, whichever comes first', () => {
    const number = num(BMD, '0.985');
    const measured = [
      ...number.slice(0, 3),
      [
        0x0040a300,
        'SQ',
        [
          [
            [0x0040a30a, 'DS', '1'],
            [0x0040a30a, 'DS', '2'],
          ],
        ],
      ] as const,
    ];
    expect(refusalOf(dicomFile(report([measured]))).code).toBe('DUPLICATE_ELEMENT');
  });

  test('elements in the wrong order are a finding, and nothing is lost', () => {
    const [first, ...rest] = num(BMD, '0.985');
    const children = [first === undefined ? rest : [...rest, first]];
    const document = read(dicomFile(report(children)));
    expect(document.root.children[0]?.relationship).toBe('CONTAINS');
    expect(codesOf(document)).toEqual(['ELEMENTS_OUT_OF_ORDER']);
  });

  test('an odd length is read with a finding', () => {
    const odd = [0x0040a160, 'UT', Buffer.from('odd')] as const;
    const item = [...text(['1', '99TEST', 'Note'], '').slice(0, 3), odd];
    const document = read(dicomFile(report([item])));
    expect(document.root.children[0]).toMatchObject({ valueType: 'TEXT', text: 'odd' });
    expect(document.findings).toEqual([{ code: 'ODD_LENGTH', path: null, facts: { count: 1 } }]);
  });

  test('lengths that reach out of their sequence, stray delimiters and items in the wrong place are refused', () => {
    const base = dataSet(report([], { without: [0x0040a730] }), EXPLICIT);
    const head = dicomFile([], { mediaStorageSopClassUid: '1.2.840.10008.5.1.4.1.1.88.22' });
    const item = (length: number) => header(0xfffee000, 'SQ', length, { ...EXPLICIT, explicit: false });
    const delimiter = (tag: number, length = 0) => header(tag, 'SQ', length, { ...EXPLICIT, explicit: false });
    const sequence = (length: number) => header(0x0040a730, 'SQ', length, EXPLICIT);
    const inner = dataSet([[0x0040a010, 'CS', 'CONTAINS'], concept(BMD)], EXPLICIT);
    const cases: (readonly [string, Buffer[], string])[] = [
      ['item longer than its sequence', [sequence(8 + 4), item(inner.length), inner], 'BROKEN_STRUCTURE'],
      ['element longer than its item', [sequence(8 + inner.length), item(10), inner], 'BROKEN_STRUCTURE'],
      ['item longer than the file', [sequence(8 + inner.length), item(0x7fffffff), inner], 'TRUNCATED'],
      ['sequence length 0xFFFFFFFE', [sequence(0xfffffffe), item(inner.length), inner], 'TRUNCATED'],
      ['no delimiters', [sequence(0xffffffff), item(inner.length), inner], 'TRUNCATED'],
      ['element where an item belongs', [sequence(inner.length), inner], 'BROKEN_STRUCTURE'],
      ['delimiter in a defined sequence', [sequence(8), delimiter(0xfffee0dd)], 'BROKEN_STRUCTURE'],
      [
        'delimiter with a length',
        [sequence(0xffffffff), delimiter(0xfffee0dd, 4), Buffer.alloc(4)],
        'BROKEN_STRUCTURE',
      ],
      ['item delimiter at the top', [delimiter(0xfffee00d)], 'BROKEN_STRUCTURE'],
      ['item at the top', [item(0)], 'BROKEN_STRUCTURE'],
      ['undefined length for a text', [header(0x0040a731, 'UT', 0xffffffff, EXPLICIT)], 'BROKEN_STRUCTURE'],
      ['VR of lower-case letters', [header(0x0040a731, 'lo', 0, EXPLICIT)], 'BROKEN_STRUCTURE'],
    ];
    for (const [name, parts, code] of cases) {
      expect([name, refusalOf(Buffer.concat([head, base, ...parts])).code]).toEqual([name, code]);
    }
  });
});
