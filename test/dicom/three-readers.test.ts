import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { data } from 'dcmjs';
import { afterAll, describe, expect, test } from 'vitest';
import type { DocumentHeader, SrDocument } from '../../src/dicom/document/sr-document.ts';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { readImageContent } from '../../src/vendors/adapt-image.ts';
import { isDocument } from '../../src/vendors/report/adapter.ts';
import { dcmtkHas, dumpReport, dumpValues } from '../support/dicom/dcmtk.ts';
import { itemsOf } from '../support/dicom/dicom-read.ts';
import '../support/dicom/dicom-second-reader.ts';
import { FACTS } from '../vendors/facts/facts.ts';

/**
 * Three readers over the same bytes. dcmjs rewrites decimals that it cannot read and dcmtk corrects padding, so raw texts
 * are compared, and nothing that a reader made of them.
 */
const FIXTURES = new URL('../fixtures/', import.meta.url);
const names = globSync('**/*.dcm', { cwd: FIXTURES }).sort();
const folder = mkdtempSync(join(tmpdir(), 'dxaflow-readers-'));
/** Files of the fixtures, and those that imitate what is known of densitometers, written down for other programs. */
const files = [
  ...names.map((name) => [name, fileURLToPath(new URL(name, FIXTURES))] as const),
  ...FACTS.flatMap(({ id, cases }) =>
    Object.entries(cases).map(([name, { bytes }], index) => {
      const path = join(folder, `${id}-${index}.dcm`);
      writeFileSync(path, bytes());
      return [`${id}: ${name}`, path] as const;
    }),
  ),
];
afterAll(() => rmSync(folder, { recursive: true }));
const dcmdump = dcmtkHas('dcmdump');
const dsrdump = dcmtkHas('dsrdump');

/** Attributes of the header that decide something, with what we read of them. */
const HEADER: Readonly<Record<string, (header: DocumentHeader) => string | null | undefined>> = {
  '0008,0020': ({ study }) => study.studyDate?.raw,
  '0008,0022': ({ acquisitionDate }) => acquisitionDate?.raw,
  '0008,0023': ({ contentDate }) => contentDate?.raw,
  '0008,002a': ({ acquisitionDateTime }) => acquisitionDateTime?.raw,
  '0008,0030': ({ study }) => study.studyTime?.raw,
  '0008,0033': ({ contentTime }) => contentTime?.raw,
  '0010,0020': ({ patient }) => patient.patientId,
  '0010,0030': ({ patient }) => patient.birthDate?.raw,
  '0010,1020': ({ patient }) => patient.size?.raw,
  '0018,1000': ({ equipment }) => equipment.deviceSerialNumber,
  '0020,000d': ({ study }) => study.studyInstanceUid,
  '0020,0060': ({ laterality }) => laterality,
  '0020,0062': ({ imageLaterality }) => imageLaterality,
  '0020,4000': ({ imageComments }) => imageComments,
  '0040,0253': ({ performedProcedure }) => performedProcedure.stepId,
};

type Ours = { readonly header: DocumentHeader; readonly document: SrDocument | null; readonly results: string | null };

function readOurs(bytes: Uint8Array): Ours | null {
  const read = readReport(bytes, READ_LIMITS);
  if (read.ok) return { header: read.document.header, document: read.document, results: null };
  const image = readImageContent(bytes, READ_LIMITS);
  if (!image.ok) return null;
  const { content } = image;
  return { header: content.header, document: null, results: isDocument(content) ? null : content.text };
}

const utf8 = (latin1: string) => Buffer.from(latin1, 'latin1').toString('utf8');
/** Without the padding at the end. */
const plain = (text: string | null | undefined) => (text ?? '').replace(/\0+$/, '').replaceAll('\0', '\uFFFD').trim();
/** Bytes of a text as Latin-1 and as UTF-8: the fixtures are in one of the two. */
const readings = (latin1: string) => [plain(latin1), plain(utf8(latin1))];

function rawWithDcmjs(dict: Readonly<Record<string, unknown>>, tag: string): string {
  const element = dict[tag.replace(',', '').toUpperCase()] as { _rawValue?: unknown; Value?: unknown } | undefined;
  const [bytes] = Array.isArray(element?.Value) ? element.Value : [];
  if (bytes instanceof ArrayBuffer) return Buffer.from(bytes).toString('latin1');
  const raw = element?._rawValue ?? element?.Value;
  return Array.isArray(raw) ? raw.map((part) => String(part ?? '')).join('\\') : String(raw ?? '');
}

const PRIVATE = ['0019,1000', '0021,1000', '0021,1001', '0021,1200', '0023,1000', '0023,1001'];

describe.each(files)('%s', (_name, path) => {
  const bytes = readFileSync(path);
  const ours = readOurs(bytes);

  test.skipIf(ours === null || !dcmdump)('has the raw values that dcmdump shows', () => {
    if (ours === null) return;
    const dumped = dumpValues(path, [...Object.keys(HEADER), ...PRIVATE, '0040,a30a', '0040,a160']);
    const valuesOf = (tag: string) => dumped.get(tag) ?? [];
    for (const [tag, of] of Object.entries(HEADER)) {
      const mine = plain(of(ours.header));
      const [theirs = ''] = valuesOf(tag);
      // dcmtk ends a text at its first NUL.
      if (!mine.includes('\uFFFD')) expect([tag, readings(theirs)]).toEqual([tag, expect.arrayContaining([mine])]);
    }
    if (ours.results !== null) {
      const theirs = PRIVATE.flatMap(valuesOf);
      expect(theirs.map(plain)).toEqual([plain(ours.results)]);
    }
    const items = ours.document === null ? [] : itemsOf(ours.document.root);
    const numbers = items.flatMap((item) =>
      item.valueType === 'NUM' && item.number !== null ? [item.number.raw] : [],
    );
    const texts = items.flatMap((item) => (item.valueType === 'TEXT' ? [plain(item.text)] : []));
    expect(valuesOf('0040,a30a').map(plain)).toEqual(numbers);
    expect(valuesOf('0040,a160').map((text) => plain(utf8(text)))).toEqual(texts);
  });

  test.skipIf(ours === null)('has the raw values that dcmjs gives', () => {
    if (ours === null) return;
    const { dict } = data.DicomMessage.readFile(new Uint8Array(bytes).buffer);
    for (const [tag, of] of Object.entries(HEADER)) {
      const mine = plain(of(ours.header));
      if (!mine.includes('\uFFFD'))
        expect([tag, readings(rawWithDcmjs(dict, tag))]).toEqual([tag, expect.arrayContaining([mine])]);
    }
    if (ours.results !== null) {
      const theirs = PRIVATE.map((tag) => rawWithDcmjs(dict, tag)).filter((text) => text !== '');
      expect(theirs.map(plain)).toEqual([plain(ours.results)]);
    }
  });

  test.skipIf(ours?.document == null || !dsrdump)('has the numbers that dsrdump shows, where it takes the file', () => {
    const lines = dumpReport(path)?.filter((line) => line.includes('NUM:'));
    if (lines === undefined || ours?.document == null) return;
    const numbers = itemsOf(ours.document.root).filter(({ valueType }) => valueType === 'NUM');
    expect(lines).toHaveLength(numbers.length);
    for (const [index, item] of numbers.entries()) {
      if (item.valueType === 'NUM' && item.number !== null && item.number.raw !== '') {
        expect(lines[index]).toContain(`"${item.number.raw}"`);
      }
    }
  });
});
