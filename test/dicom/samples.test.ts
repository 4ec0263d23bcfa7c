import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createTable, findRow, ROOT_ROW } from '../../src/dicom/document/element-table.ts';
import { createFindings } from '../../src/dicom/document/findings.ts';
import { parseDataSet } from '../../src/dicom/encoding/data-set.ts';
import { guessEncoding, readFileMeta } from '../../src/dicom/encoding/file-meta.ts';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { DEFAULT_CHARACTER_SET } from '../../src/dicom/text/character-set.ts';
import type { Reading } from '../../src/dicom/text/values.ts';
import { characterSetOf } from '../../src/dicom/tree/code-sequence.ts';
import { personNameAt } from '../../src/dicom/tree/content-value.ts';
import { sample, sampleNames, samplesExist } from '../support/dicom/dicom-samples.ts';
import { plainItems } from '../support/dicom/dicom-second-reader.ts';
import expected from './samples.expected.json' with { type: 'json' };

type Expected = { items?: number; digest?: string; findings?: string[]; refused?: string; why: string };

const table: Readonly<Record<string, Expected>> = expected;
const names = sampleNames('made', 'hostile', 'other-sr', 'charsets');

describe.skipIf(!samplesExist)('each sample', () => {
  test('is in the table of expected outcomes, with a reason', () => {
    expect(names).toEqual(Object.keys(table).sort((a, b) => names.indexOf(a) - names.indexOf(b)));
    expect(Object.values(table).filter(({ why }) => why === '')).toEqual([]);
  });

  test.each(names)('%s has its expected outcome', (name) => {
    const { why: _why, ...outcome } = table[name] ?? { why: '' };
    const result = readReport(sample(name), READ_LIMITS);
    if (!result.ok) {
      expect({ refused: result.refusal.code }).toEqual(outcome);
      return;
    }
    const items = plainItems(result.document.root);
    const digest = createHash('sha256').update(JSON.stringify(items)).digest('hex').slice(0, 16);
    const findings = [...new Set(result.document.findings.map(({ code }) => code))];
    expect({ items: items.length, digest, findings }).toEqual(outcome);
  });
});

/** Names as D. Clunie, who made the files, and pydicom, which tests with them, give them. */
const PERSON_NAMES: Readonly<Record<string, string>> = {
  'chrArab.dcm': 'قباني^لنزار',
  'chrFren.dcm': 'Buc^Jérôme',
  'chrFrenMulti.dcm': 'Buc^Jérôme',
  'chrGerm.dcm': 'Äneas^Rüdiger',
  'chrGreek.dcm': 'Διονυσιος',
  'chrH31.dcm': 'Yamada^Tarou=山田^太郎=やまだ^たろう',
  'chrH32.dcm': 'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
  'chrHbrw.dcm': 'שרון^דבורה',
  'chrI2.dcm': 'Hong^Gildong=洪^吉洞=홍^길동',
  'chrJapMulti.dcm': 'やまだ^たろう',
  'chrJapMultiExplicitIR6.dcm': 'やまだ^たろう',
  'chrKoreanMulti.dcm': '김희중',
  'chrRuss.dcm': 'Люкceмбypг',
  'chrX1.dcm': 'Wang^XiaoDong=王^小東',
  'chrX2.dcm': 'Wang^XiaoDong=王^小东',
  'chrSQEncoding.dcm': 'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
  'chrSQEncoding1.dcm': 'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
};

describe.skipIf(!samplesExist)('names in every kind of character set', () => {
  test.each(sampleNames('charsets'))('%s', (name) => {
    const bytes = sample(name);
    const meta = readFileMeta(bytes);
    const elements = createTable(bytes);
    const encoding = guessEncoding(bytes, meta.dataSetStart);
    if (encoding === null) throw new Error('No data set found.');
    parseDataSet(elements, meta.dataSetStart, encoding, READ_LIMITS);
    const reading: Reading = { table: elements, limits: READ_LIMITS, findings: createFindings() };
    const outer = {
      path: null,
      characterSet: characterSetOf(reading, ROOT_ROW, { path: null, characterSet: DEFAULT_CHARACTER_SET }),
    };
    // In two of the files the name stands in an item of Requested Procedure Code Sequence.
    const sequence = findRow(elements, ROOT_ROW, 0x00321064);
    const item = name.includes('SQ') ? sequence + 1 : ROOT_ROW;
    const found = personNameAt(reading, item, 0x00100010, {
      path: null,
      characterSet: characterSetOf(reading, item, outer),
    });
    const groups = [found?.alphabetic, found?.ideographic, found?.phonetic].join('=').replace(/=+$/, '');
    expect(groups).toBe(PERSON_NAMES[name.slice('charsets/'.length)]);
    expect(reading.findings.listed).toEqual([]);
  });
});
