import { describe, expect, test } from 'vitest';
import {
  dataSet,
  dicomFile,
  type Element,
  encodeElement,
  encodeItem,
  header,
  type Syntax,
} from '../../support/dicom/dicom-bytes.ts';
import { itemAt, read, refusalOf } from '../../support/dicom/dicom-read.ts';
import { BMD, container, ENHANCED_SR, num, report, text } from '../../support/dicom/dicom-report.ts';

const SYNTAXES: readonly Syntax[] = ['explicit', 'implicit', 'big endian', 'deflated', 'zlib'];
const IMPLICIT = { explicit: false, bigEndian: false };
const EXPLICIT = { explicit: true, bigEndian: false };

describe('sequences in disguise', () => {
  const children = [num(BMD, '0.985')];
  const base = report([], { without: [0x0040a730] });
  const readBack = (content: Buffer, syntax: Syntax = 'explicit') => {
    const encoding = { explicit: syntax !== 'implicit', bigEndian: syntax === 'big endian' };
    const elements = base.map((element) => encodeElement(element, encoding));
    return read(Buffer.concat([dicomFile([], { syntax, mediaStorageSopClassUid: ENHANCED_SR }), ...elements, content]));
  };

  test('a Content Sequence as UN is implicit little endian inside, whatever encloses it (PS3.5 6.2.2)', () => {
    for (const syntax of ['explicit', 'big endian'] as const) {
      const encoding = { explicit: true, bigEndian: syntax === 'big endian' };
      const items = Buffer.concat(children.map((child) => encodeItem(dataSet(child, IMPLICIT), IMPLICIT)));
      const defined = Buffer.concat([header(0x0040a730, 'UN', items.length, encoding), items]);
      expect(itemAt(readBack(defined, syntax).root, '1.1', 'NUM').number?.decimal).toBe('0.985');
      const open = Buffer.concat([
        header(0x0040a730, 'UN', 0xffffffff, encoding),
        items,
        header(0xfffee0dd, 'SQ', 0, IMPLICIT),
      ]);
      expect(itemAt(readBack(open, syntax).root, '1.1', 'NUM').number?.decimal).toBe('0.985');
    }
  });

  test('private sequences, nested and of either length, are stepped over', () => {
    const secret: Element = [
      0x00091010,
      'SQ',
      [
        [
          [0x00091011, 'LO', 'x'],
          [0x00091012, 'SQ', [[], [[0x00091013, 'DS', '1']]]],
        ],
      ],
    ];
    for (const syntax of SYNTAXES) {
      for (const undefinedLengths of [false, true]) {
        const elements = report(children, { attributes: [[0x00090010, 'LO', 'SECRET'], secret] });
        const document = read(dicomFile(elements, { syntax, undefinedLengths }));
        expect(itemAt(document.root, '1.1', 'NUM').number?.raw).toBe('0.985');
      }
    }
  });

  test('a known sequence tag that holds a plain value in implicit VR is a plain value', () => {
    // dcm4che issue: (0040,A170) was a CS in the trial SR classes.
    const elements = report(children, { attributes: [[0x0040a170, 'CS', 'DIAGNOSTIC']] });
    expect(itemAt(read(dicomFile(elements, { syntax: 'implicit' })).root, '1.1', 'NUM').number?.raw).toBe('0.985');
  });

  test('a VR that the standard does not know yet has a 32-bit length', () => {
    const unknown: Element = [0x00091010, 'ZZ', Buffer.from('abcd')];
    const bytes = encodeElement(unknown, EXPLICIT);
    const long = Buffer.concat([bytes.subarray(0, 6), Buffer.from([0, 0, 4, 0, 0, 0]), bytes.subarray(8)]);
    const [before, after] = [
      report(children).filter((e) => e[0] < 0x00091010),
      report(children).filter((e) => e[0] > 0x00091010),
    ];
    const file = Buffer.concat([dicomFile(before), long, dataSet(after, EXPLICIT)]);
    expect(read(file).root.children).toHaveLength(1);
  });

  test('a stream of pixel fragments is stepped over', () => {
    const fragments = Buffer.concat([
      header(0x7fe00010, 'OB', 0xffffffff, EXPLICIT),
      header(0xfffee000, 'SQ', 0, IMPLICIT),
      header(0xfffee000, 'SQ', 4, IMPLICIT),
      Buffer.from([0xff, 0xd8, 0xff, 0xd9]),
      header(0xfffee0dd, 'SQ', 0, IMPLICIT),
    ]);
    const file = Buffer.concat([dicomFile(report(children)), fragments]);
    expect(read(file).root.children).toHaveLength(1);
    expect(refusalOf(file.subarray(0, file.length - 3)).code).toBe('TRUNCATED');
  });

  test('items and sequences may mix defined and undefined lengths', () => {
    const open = { ...EXPLICIT, undefinedLengths: true };
    const inner = encodeElement([0x0040a730, 'SQ', [text(['1', '99TEST', 'Note'], 'inner')]], open);
    const outer = Buffer.concat([dataSet(container('Scan', []), EXPLICIT), inner]);
    const item = encodeItem(outer, EXPLICIT);
    const content = Buffer.concat([
      header(0x0040a730, 'SQ', 0xffffffff, EXPLICIT),
      item,
      header(0xfffee0dd, 'SQ', 0, IMPLICIT),
    ]);
    expect(itemAt(readBack(content).root, '1.1.1', 'TEXT').text).toBe('inner');
  });
});
