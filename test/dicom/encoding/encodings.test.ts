import { describe, expect, test } from 'vitest';
import { dataSet, dicomFile, type Item, type Syntax } from '../../support/dicom/dicom-bytes.ts';
import { codesOf, itemAt, itemsOf, read, refusalOf } from '../../support/dicom/dicom-read.ts';
import { BMD, codeItem, concept, ENHANCED_SR, lunarReport, num, report } from '../../support/dicom/dicom-report.ts';

const SYNTAXES: readonly Syntax[] = ['explicit', 'implicit', 'big endian', 'deflated', 'zlib'];
const fixture = lunarReport(2, 3);
const expected = read(dicomFile(fixture));

describe('the same report in every encoding', () => {
  for (const syntax of SYNTAXES) {
    for (const undefinedLengths of [false, true]) {
      test(`${syntax}, ${undefinedLengths ? 'undefined' : 'defined'} lengths: header and tree are equal`, () => {
        const document = read(dicomFile(fixture, { syntax, undefinedLengths }));
        expect(document.root).toEqual(expected.root);
        expect({ ...document.header, transferSyntaxUid: null }).toEqual({
          ...expected.header,
          transferSyntaxUid: null,
        });
        expect(codesOf(document)).toEqual(syntax === 'zlib' ? ['DEFLATE_ZLIB_HEADER'] : []);
      });
    }
  }

  test('the tree holds every item with its path, relationship, concept and raw text', () => {
    expect(itemsOf(expected.root)).toHaveLength(1 + 2 + 6 + 30);
    expect(itemAt(expected.root, '1.2.3.1', 'NUM')).toEqual({
      path: '1.2.3.1',
      relationship: 'CONTAINS',
      valueType: 'NUM',
      concept: { value: '3', scheme: 'GELUNAR', meaning: 'BMD', key: 'GELUNAR:3' },
      observationDateTime: null,
      observationUid: null,
      templateId: null,
      children: [],
      number: { raw: '0.930', decimal: '0.930' },
      unit: { value: 'g/cm2', scheme: 'UCUM', meaning: 'g/cm2', key: 'UCUM:g/cm2' },
      qualifier: null,
      floatingValue: null,
      rational: null,
    });
  });

  test('bytes that start anywhere in a larger buffer are read', () => {
    const file = dicomFile(fixture);
    const padded = new Uint8Array(file.length + 7).fill(0xff);
    padded.set(file, 3);
    expect(read(padded.subarray(3, 3 + file.length)).root).toEqual(expected.root);
  });
});

describe('preamble and file header', () => {
  test('"DICM" without a preamble is read', () => {
    const file = dicomFile(fixture).subarray(128);
    expect(read(file)).toEqual(expected);
  });

  test('a header without preamble and "DICM" is read', () => {
    const file = dicomFile(fixture, { preamble: false });
    expect(read(file)).toEqual(expected);
  });

  for (const syntax of ['explicit', 'implicit', 'big endian'] as const) {
    for (const preamble of [true, false]) {
      test(`no header, ${syntax}, ${preamble ? 'with' : 'without'} preamble: read with META_MISSING`, () => {
        const document = read(dicomFile(fixture, { syntax, preamble, meta: false }));
        expect(document.root).toEqual(expected.root);
        expect(document.header.transferSyntaxUid).toBeNull();
        expect(codesOf(document)).toEqual(['META_MISSING']);
      });
    }
  }

  for (const length of [0, 3, 14, 68, 150, 100_000]) {
    test(`a file header group length of ${length} is not believed`, () => {
      for (const syntax of ['explicit', 'implicit', 'big endian', 'deflated'] as const) {
        const document = read(dicomFile(fixture, { syntax, meta: length }));
        expect(document.root).toEqual(expected.root);
        expect(codesOf(document)).toEqual(['META_GROUP_LENGTH']);
      }
    });
  }

  test('deflated bytes that look like one more header element are not taken for one', () => {
    // An empty block, then the data set as a stored block: the stream starts with 02 00, like an element of group 0002.
    const plain = dataSet(fixture, { explicit: true, bigEndian: false });
    const length = Buffer.alloc(4);
    length.writeUInt16LE(plain.length, 0);
    length.writeUInt16LE(~plain.length & 0xffff, 2);
    const stream = Buffer.concat([Buffer.from([0x02, 0x00]), length, plain, Buffer.from([0x03, 0x00])]);
    const head = dicomFile([], { transferSyntaxUid: '1.2.840.10008.1.2.1.99', mediaStorageSopClassUid: ENHANCED_SR });
    expect(read(Buffer.concat([head, stream])).root).toEqual(expected.root);
  });

  test('a header that names another uncompressed encoding is overruled by the bytes', () => {
    for (const [syntax, claimed] of [
      ['implicit', '1.2.840.10008.1.2.1'],
      ['explicit', '1.2.840.10008.1.2'],
      ['big endian', '1.2.840.10008.1.2.1'],
      ['explicit', '1.2.840.10008.1.2.2'],
    ] as const) {
      const document = read(dicomFile(fixture, { syntax, transferSyntaxUid: claimed }));
      expect(document.root).toEqual(expected.root);
      expect(codesOf(document)).toEqual(['TRANSFER_SYNTAX_MISMATCH']);
    }
  });

  test.each([
    '1.2.840.10008.1.2.1.98',
    '1.2.840.10008.1.2.4.50',
    '1.2.840.10008.1.2.4.70',
    '1.2.840.10008.1.2.4.90',
    '1.2.840.10008.1.2.4.201',
    '1.2.840.10008.1.2.4.999',
    '1.2.840.10008.1.2.5',
    '1.2.840.10008.1.2.8.1',
  ])('the data set of a compressed image (%s) is read, up to its pixels', (transferSyntaxUid) => {
    const file = dicomFile(fixture, { transferSyntaxUid });
    expect(read(file).root).toEqual(expected.root);
    // Pixel Data of undefined length, cut off inside its first fragment.
    const pixels = Buffer.from('e07f10004f420000ffffffff', 'hex');
    expect(read(Buffer.concat([file, pixels, Buffer.from('feff00e0', 'hex')])).root).toEqual(expected.root);
  });

  test.each(['1.2.840.10008.1.2.4.95', '1.2.840.10008.1.2.4.205'])('%s is deflated', (transferSyntaxUid) => {
    expect(read(dicomFile(fixture, { syntax: 'deflated', transferSyntaxUid })).root).toEqual(expected.root);
  });

  test('an unknown transfer syntax is unsupported', () => {
    expect(refusalOf(dicomFile(fixture, { transferSyntaxUid: '1.2.3' }))).toEqual({
      code: 'UNSUPPORTED_TRANSFER_SYNTAX',
      offset: null,
      path: '(0002,0010)',
      facts: { transferSyntaxUid: '1.2.3', sopClassUid: ENHANCED_SR, sopClassName: 'Enhanced SR Storage' },
    });
    expect(refusalOf(dicomFile(fixture, { transferSyntaxUid: 'Probe^Paula' })).facts?.['transferSyntaxUid']).toBeNull();
  });
});

describe('kinds of documents', () => {
  const withClass = (sopClassUid: string): Item => report([num(BMD, '1')], { sopClassUid });
  const arc = '1.2.840.10008.5.1.4.1.1.';

  test('every SR storage class is read, retired ones too', () => {
    for (const last of [1, 2, 3, 4, 11, 22, 33, 34, 35, 40, 50, 59, 65, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76]) {
      expect(read(dicomFile(withClass(`${arc}88.${last}`))).header.sopClassUid).toBe(`${arc}88.${last}`);
    }
  });

  test('other classes are refused with uid and name', () => {
    expect(refusalOf(dicomFile(withClass(`${arc}7`)))).toEqual({
      code: 'NOT_STRUCTURED_REPORT',
      offset: null,
      path: '(0008,0016)',
      facts: { sopClassUid: `${arc}7`, sopClassName: 'Secondary Capture Image Storage' },
    });
    expect(refusalOf(dicomFile(withClass('1.2.3.4'))).facts).toEqual({ sopClassUid: '1.2.3.4', sopClassName: null });
    expect(refusalOf(dicomFile(withClass('Probe^Paula'))).facts).toEqual({ sopClassUid: null, sopClassName: null });
  });

  test('a damaged image is still no report', () => {
    const file = dicomFile(withClass(`${arc}2`));
    expect(refusalOf(file.subarray(0, file.length - 20)).code).toBe('NOT_STRUCTURED_REPORT');
  });

  test('a code item may be shared: the same concept read twice is equal', () => {
    const document = read(dicomFile(report([num(BMD, '1'), num(BMD, '2')])));
    expect(document.root.children[0]?.concept).toEqual(document.root.children[1]?.concept);
    expect(concept(BMD)[2]).toEqual([codeItem(BMD)]);
  });
});
