import { globSync, readFileSync } from 'node:fs';
import { data } from 'dcmjs';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { decodeText, readCharacterSet } from '../../src/dicom/text/character-set.ts';
import { dicomFile, type FileOptions, type Item, uint32 } from '../support/dicom/dicom-bytes.ts';
import { read } from '../support/dicom/dicom-read.ts';
import { BMD, container, ENHANCED_SR, item, lunarReport, num, report, text } from '../support/dicom/dicom-report.ts';
import { sample, sampleNames } from '../support/dicom/dicom-samples.ts';
import { type PlainItem, plainItems, readWithDcmjs } from '../support/dicom/dicom-second-reader.ts';

/** Every way in which dcmjs 0.52 and this reader may differ on one file, and who is right. */
const DIFFERENCES = {
  none: 'Both give the same items.',
  'nested text as Latin-1':
    'dcmjs decodes text in items as Latin-1 (in fact Windows-1252) whatever the character set says (upstream #503, #508); we are right.',
  'root without value type': 'We name the root a container; dcmjs gives what stands there.',
  'both refuse': 'Neither reads it.',
  'dcmjs refuses several character sets': 'Code extensions are legal; we are right.',
  'dcmjs refuses an unknown character set': 'Numbers and ASCII are readable; we read with a finding.',
  'dcmjs needs a preamble': 'Bytes that parse to their exact end are a report; we read.',
  'dcmjs needs a right group length':
    'It is a hint, and wrong or missing in practice; we read (with a finding when wrong).',
  'dcmjs inflates raw streams only': 'The zlib header is seen in practice; we read with a finding.',
  'dcmjs refuses trailing zeros': 'Padding is harmless; we read with a finding.',
  'dcmjs reads only the first file': 'dcmjs drops the second report silently; we refuse.',
  'dcmjs reads a report without content': 'There is nothing to take from it; we refuse.',
  'dcmjs reads images': 'This reader reads structured reports; images are refused with the name of their class.',
} as const;
type Difference = keyof typeof DIFFERENCES;

function compare(bytes: Uint8Array): { kind: string; unexplained: string[] } {
  const result = readReport(bytes, READ_LIMITS);
  let theirs: PlainItem[] | null = null;
  try {
    theirs = readWithDcmjs(bytes);
  } catch (error) {
    if (!result.ok) return { kind: 'both refuse', unexplained: [] };
    return { kind: `dcmjs throws: ${error instanceof Error ? error.message : String(error)}`, unexplained: [] };
  }
  if (!result.ok) return { kind: `we refuse: ${result.refusal.code}`, unexplained: [] };
  const ours = plainItems(result.document.root);
  const kinds = new Set<string>();
  const unexplained: string[] = [];
  if (ours.length !== theirs.length) unexplained.push(`${ours.length} items, dcmjs ${theirs.length}`);
  for (const [i, own] of ours.entries()) {
    for (const key of Object.keys(own) as (keyof PlainItem)[]) {
      const other = theirs[i]?.[key];
      if (own[key] === other) continue;
      if (own.path === '1' && key === 'valueType' && other === '') kinds.add('root without value type');
      else if (isSameBytes(own[key], other)) kinds.add('nested text as Latin-1');
      else unexplained.push(`${own.path} ${key}: ${JSON.stringify(own[key])}, dcmjs ${JSON.stringify(other)}`);
    }
  }
  return { kind: [...kinds].join(', ') || 'none', unexplained };
}

/** What dcmjs took for Latin-1 is our text in one of the sets that the fixtures and samples use. */
function isSameBytes(own: string, other: string | undefined): boolean {
  const bytes = iconv.encode(other ?? '', 'windows-1252');
  return ['ISO_IR 192', 'ISO_IR 101', 'GB18030'].some(
    (set) => decodeText(readCharacterSet(set).characterSet, bytes).text === own,
  );
}

describe('our fixtures, read by both', () => {
  const NOTE = ['1', '99TEST', 'Note'] as const;
  const odd: Item[] = [
    num(BMD, '0,985'),
    num(BMD, '<0.5'),
    num(BMD, '12abc'),
    num(BMD, ''),
    num(BMD, '7.49E-1'),
    item('NUM', BMD, []),
    item('CODE', NOTE, [[0x0040a168, 'SQ', []]]),
    item('PNAME', NOTE, [[0x0040a123, 'PN', 'Probe^Paula=X=Y']]),
    item('DATETIME', NOTE, [[0x0040a120, 'DT', '20240305101500+0100']]),
    [
      [0x0040a010, 'CS', 'INFERRED FROM'],
      [0x0040db73, 'UL', uint32(false, 1, 1)],
    ],
    container('Empty', []),
    text(NOTE, ''),
  ];
  const cases: (readonly [name: string, elements: Item, options: FileOptions, Difference])[] = [
    ['explicit', lunarReport(2, 3), {}, 'none'],
    ['implicit', lunarReport(2, 3), { syntax: 'implicit' }, 'none'],
    ['big endian', lunarReport(2, 3), { syntax: 'big endian' }, 'none'],
    ['deflated', lunarReport(2, 3), { syntax: 'deflated' }, 'none'],
    ['undefined lengths', lunarReport(2, 3), { undefinedLengths: true }, 'none'],
    ['odd values', report(odd), {}, 'none'],
    ['UTF-8', report([text(NOTE, 'Größe')], { characterSet: 'ISO_IR 192' }), {}, 'nested text as Latin-1'],
    ['no value type at the root', report(odd, { without: [0x0040a040] }), {}, 'root without value type'],
    ['no content', report([]), {}, 'dcmjs reads a report without content'],
  ];

  test.each(cases)('%s', (_name, elements, options, difference) => {
    const { kind, unexplained } = compare(dicomFile(elements, options));
    expect(unexplained).toEqual([]);
    expect(kind === 'we refuse: NO_CONTENT' ? 'dcmjs reads a report without content' : kind).toBe(difference);
  });

  test('what dcmjs writes, we read back', () => {
    const dataset = {
      _meta: {},
      SOPClassUID: ENHANCED_SR,
      SOPInstanceUID: '2.25.4711',
      PatientName: 'Probe^Paula',
      PatientID: 'PID-1',
      Modality: 'SR',
      ValueType: 'CONTAINER',
      ContinuityOfContent: 'SEPARATE',
      ContentSequence: [
        {
          RelationshipType: 'CONTAINS',
          ValueType: 'NUM',
          ConceptNameCodeSequence: [{ CodeValue: '3', CodingSchemeDesignator: 'GELUNAR', CodeMeaning: 'BMD' }],
          MeasuredValueSequence: [
            {
              NumericValue: '0.985',
              MeasurementUnitsCodeSequence: [
                { CodeValue: 'g/cm2', CodingSchemeDesignator: 'UCUM', CodeMeaning: 'g/cm2' },
              ],
            },
          ],
        },
      ],
    };
    const { DicomDict, DicomMetaDictionary } = data;
    const dict = new DicomDict({
      '00020002': { vr: 'UI', Value: [ENHANCED_SR] },
      '00020003': { vr: 'UI', Value: ['2.25.4711'] },
      '00020010': { vr: 'UI', Value: ['1.2.840.10008.1.2.1'] },
    });
    dict.dict = DicomMetaDictionary.denaturalizeDataset(dataset);
    const bytes = new Uint8Array(dict.write());
    const document = read(bytes);
    expect(document.header.sopInstanceUid).toBe('2.25.4711');
    expect(plainItems(document.root)[1]).toEqual({
      path: '1.1',
      relationship: 'CONTAINS',
      valueType: 'NUM',
      concept: '3|GELUNAR|BMD',
      value: '0.985',
      unit: 'g/cm2|UCUM|g/cm2',
    });
    expect(compare(bytes)).toEqual({ kind: 'none', unexplained: [] });
  });
});

/** Samples on which the two differ; all others must agree, or be refused by both. */
const EXPECTED: Readonly<Record<string, Difference>> = {
  'made/dxa-encore.dcm': 'nested text as Latin-1',
  'other-sr/orthanc-mirrors+orthanc-tests__MarekLatin2.dcm': 'nested text as Latin-1',
  'other-sr/AmrGablla+DICOM-SR-Parser-Script__duplicate-codes-sr.dcm': 'root without value type',
  'other-sr/AmrGablla+DICOM-SR-Parser-Script__minimal-nested-sr.dcm': 'root without value type',
  'other-sr/noobsoda+DicomSRViewr__structured_report.dcm': 'dcmjs needs a right group length',
  'other-sr/themorlan+openREM__RF-RDSR-Philips_Allura.dcm': 'dcmjs refuses several character sets',
  'other-sr/ckswilliams+modOpenREM__ESR_non-dose.dcm': 'dcmjs reads a report without content',
  'hostile/iso2022-ir87.dcm': 'dcmjs refuses several character sets',
  'hostile/charset-unknown.dcm': 'dcmjs refuses an unknown character set',
  'hostile/concat-twice.dcm': 'dcmjs reads only the first file',
  'hostile/deflate-zlib-header.dcm': 'dcmjs inflates raw streams only',
  'hostile/dicm-at-0.dcm': 'dcmjs needs a preamble',
  'hostile/meta-grouplen-3.dcm': 'dcmjs needs a right group length',
  'hostile/no-content.dcm': 'dcmjs reads a report without content',
  'hostile/trailing-zeros.dcm': 'dcmjs refuses trailing zeros',
};

/** How each difference shows itself. */
const SIGNS: Readonly<Partial<Record<Difference, RegExp>>> = {
  'dcmjs refuses several character sets': /^dcmjs throws: Using multiple character sets/,
  'dcmjs refuses an unknown character set': /^dcmjs throws: Unsupported character set/,
  'dcmjs needs a preamble': /^dcmjs throws: .*expected header is missing/,
  'dcmjs needs a right group length': /^dcmjs throws: (?:.*meta length tag|Offset is outside)/,
  'dcmjs inflates raw streams only': /^dcmjs throws: invalid stored block/,
  'dcmjs refuses trailing zeros': /^dcmjs throws: .*past end of input/,
  'dcmjs reads only the first file': /^we refuse: TWO_FILES_IN_ONE$/,
  'dcmjs reads a report without content': /^we refuse: NO_CONTENT$/,
  'dcmjs reads images': /^we refuse: NOT_STRUCTURED_REPORT$/,
};

describe('the fixtures of all folders, read by both', () => {
  const FIXTURES = new URL('../fixtures/', import.meta.url);
  const names = globSync('**/*.dcm', { cwd: FIXTURES }).sort();

  test.each(names)('%s', (name) => {
    const { kind, unexplained } = compare(readFileSync(new URL(name, FIXTURES)));
    expect(unexplained).toEqual([]);
    // Densitometers send results inside images as well, which dcmjs reads like anything else.
    const isImage = name.startsWith('hologic/') || name.includes('image-');
    if (isImage) expect(kind).toMatch(/^none$|^we refuse: NOT_STRUCTURED_REPORT$/);
    else expect(['none', 'nested text as Latin-1', 'both refuse']).toContain(kind);
  });
});

describe('the samples, read by both', () => {
  // dcmjs needs 51 s and 3.7 GB for a nesting, and 2 GB for the deflate bomb.
  const names = sampleNames('made', 'hostile', 'other-sr').filter((name) => !/nest-|bomb/.test(name));

  test.skipIf(names.length === 0).each(names)(
    '%s',
    (name) => {
      const { kind, unexplained } = compare(sample(name));
      expect(unexplained).toEqual([]);
      const difference = EXPECTED[name];
      if (difference === undefined) expect(['none', 'both refuse']).toContain(kind);
      else expect(kind).toMatch(SIGNS[difference] ?? new RegExp(`^${difference}$`));
    },
    60_000,
  );

  test('every kind of difference is explained and met', () => {
    const met = new Set<string>(['none', 'both refuse', 'dcmjs reads images', ...Object.values(EXPECTED)]);
    expect(Object.keys(DIFFERENCES).filter((kind) => !met.has(kind))).toEqual([]);
  });
});
