import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { READER_CODES, type ReaderCode } from '../../../src/dicom/document/codes.ts';
import { READ_LIMITS, type ReadLimits } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { dicomFile, encodeElement, type FileOptions, type Item, uint32 } from '../../support/dicom/dicom-bytes.ts';
import { BMD, container, item, num, report, text } from '../../support/dicom/dicom-report.ts';

const EXPLICIT = { explicit: true, bigEndian: false };
const NOTE = ['1', '99TEST', 'Note'] as const;
const one = [num(BMD, '0.985')];
const plain = dicomFile(report(one));
const file = (elements: Item, options: FileOptions = {}) => dicomFile(elements, options);
const repeat = (value: string) =>
  Buffer.concat([plain, encodeElement([0x0040a730, 'SQ', [text(NOTE, value)]], EXPLICIT)]);
const extra = (tag: number, value: string) => Buffer.concat([plain, encodeElement([tag, 'LO', value], EXPLICIT)]);

/** The smallest file (and limit) that gives each code: every row of the table is met. */
const MET: Readonly<Record<ReaderCode, readonly [Uint8Array, Partial<ReadLimits>?]>> = {
  NOT_DICOM: [Buffer.from('hello')],
  TRUNCATED: [plain.subarray(0, plain.length - 1)],
  BROKEN_STRUCTURE: [Buffer.concat([plain, Buffer.alloc(8, 0xff)])],
  TRAILING_BYTES: [extra(0x00050010, 'ab')],
  TWO_FILES_IN_ONE: [Buffer.concat([plain, plain])],
  DUPLICATE_ELEMENT: [repeat('other')],
  NOT_STRUCTURED_REPORT: [file(report(one, { sopClassUid: '1.2.840.10008.5.1.4.1.1.7' }))],
  UNSUPPORTED_TRANSFER_SYNTAX: [file(report(one), { transferSyntaxUid: '1.2.3' })],
  DEFLATE_CORRUPT: [Buffer.concat([file([], { transferSyntaxUid: '1.2.840.10008.1.2.1.99' }), Buffer.alloc(64, 0xff)])],
  NO_CONTENT: [file(report([]))],
  ROOT_NOT_CONTAINER: [file(report(one, { attributes: [[0x0040a040, 'CS', 'NUM']] }))],
  SOP_INSTANCE_UID_MISSING: [file(report(one, { without: [0x00080018] }))],
  LIMIT_BYTES: [plain, { maxBytes: 100 }],
  LIMIT_INFLATED_BYTES: [
    Buffer.concat([file([], { transferSyntaxUid: '1.2.840.10008.1.2.1.99' }), deflateRawSync(Buffer.alloc(10_000))]),
    { maxInflatedBytes: 9_999 },
  ],
  LIMIT_ELEMENTS: [plain, { maxElements: 10 }],
  LIMIT_ITEMS: [plain, { maxItems: 1 }],
  LIMIT_DEPTH: [plain, { maxDepth: 1 }],
  LIMIT_TEXT: [plain, { maxTextBytes: 4 }],
  META_MISSING: [file(report(one), { meta: false })],
  META_GROUP_LENGTH: [file(report(one), { meta: 2 })],
  TRANSFER_SYNTAX_MISSING: [file(report(one), { transferSyntaxUid: '' })],
  TRANSFER_SYNTAX_MISMATCH: [file(report(one), { transferSyntaxUid: '1.2.840.10008.1.2' })],
  DEFLATE_ZLIB_HEADER: [file(report(one), { syntax: 'zlib' })],
  SOP_INSTANCE_MISMATCH: [file(report(one), { mediaStorageSopInstanceUid: '2.25.9' })],
  SOP_CLASS_MISMATCH: [file(report(one), { mediaStorageSopClassUid: '1.2.3' })],
  TRAILING_ZEROS: [Buffer.concat([plain, Buffer.alloc(3)])],
  ODD_LENGTH: [file(report(one, { attributes: [[0x00102160, 'SH', Buffer.from('abc')]] }))],
  ELEMENT_REPEATED: [extra(0x00100020, 'PID-1')],
  ELEMENTS_OUT_OF_ORDER: [extra(0x00102160, 'Asian')],
  CHARSET_UNKNOWN: [file(report(one, { characterSet: 'KLINGON' }))],
  CHARSET_MISSPELLED: [file(report(one, { characterSet: 'UTF-8' }))],
  CHARSET_UNDECLARED: [file(report([text(NOTE, 'é')]))],
  TEXT_UNREADABLE: [
    file(report([item('TEXT', NOTE, [[0x0040a160, 'UT', Buffer.from([0xff, 0x20])]])], { characterSet: 'ISO_IR 192' })),
  ],
  NUL_IN_TEXT: [file(report([text(NOTE, 'a\0bc')]))],
  VALUE_UNREADABLE: [file(report(one, { attributes: [[0x00080020, 'DA', 'yesterday']] }))],
  ROOT_VALUE_TYPE_MISSING: [file(report(one, { without: [0x0040a040] }))],
  VALUE_TYPE_UNKNOWN: [file(report([item('NUMBER', BMD, [])]))],
  EXTRA_ITEMS: [file(report([item('NUM', BMD, [[0x0040a300, 'SQ', [[], []]]])]))],
  EXTRA_VALUES: [file(report(one, { attributes: [[0x00100010, 'PN', 'A\\B']] }))],
  REFERENCE_DANGLING: [file(report([[[0x0040db73, 'UL', uint32(false, 1, 9)]]]))],
  MORE_FINDINGS: [file(report(Array.from({ length: 21 }, () => item('NUMBER', BMD, []))))],
};

describe('the table of codes', () => {
  test.each(Object.keys(READER_CODES) as ReaderCode[])('%s is given, and said in words that hold no value', (code) => {
    const [bytes, limits] = MET[code];
    const result = readReport(bytes, { ...READ_LIMITS, ...limits });
    const codes = result.ok ? result.document.findings.map((finding) => finding.code) : [result.refusal.code];
    expect(codes).toContain(code);
    const entry = READER_CODES[code];
    // The words tell a refusal from a finding, and so does the result.
    expect(entry.text.startsWith('Refused: ')).toBe(!result.ok);
    expect(entry.text).toMatch(/^[A-Z].*\.$/);
    expect(entry.remedy).toMatch(/^[A-Z].*\.$/);
    expect(JSON.stringify(result.ok ? result.document.findings : result.refusal)).not.toMatch(
      /Probe|Paula|PID-1|yesterday/,
    );
  });

  test('a container may be empty', () => {
    const result = readReport(dicomFile(report([container('Empty', [])])), READ_LIMITS);
    expect(result.ok && result.document.root.children).toHaveLength(1);
  });
});
