import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { adaptImage } from '../../src/vendors/adapt-image.ts';
import { adaptReport } from '../../src/vendors/adapt-report.ts';
import { RECEIVED_ON } from '../support/dicom/received.ts';

/** Files that imitate what people reported of real exports, with what is right; they lie beside the project, if at all. */
const FIELD = new URL('../../../shared/samples/field/', import.meta.url);

/** One line a value, finding or day of scan, in the words of expect.tsv. */
function linesOf(path: string): readonly string[] {
  const bytes = readFileSync(new URL(path, FIELD));
  const read = readReport(bytes, READ_LIMITS);
  const adapted = read.ok ? adaptReport(read.document, RECEIVED_ON) : adaptImage(bytes, READ_LIMITS, RECEIVED_ON);
  if (!adapted.ok) return [`finding ${adapted.code}`];
  const { values, findings, study } = adapted.report;
  return [
    `scannedAt ${study.scannedAt}`,
    ...findings.map(({ code }) => `finding ${code}`),
    ...(read.ok ? read.document.findings.map(({ code }) => `finding ${code}`) : []),
    ...values.map(({ roi, laterality, quantity, value }) =>
      ['value', roi.region, roi.vertebrae.join(',') || '-', laterality, quantity, value].join(' '),
    ),
  ];
}

const rows = existsSync(FIELD)
  ? readFileSync(new URL('expect.tsv', FIELD), 'utf8')
      .split('\n')
      .filter((row) => row !== '' && !row.startsWith('#'))
      .map((row) => row.split('\t'))
  : [];
if (rows.length === 0) console.warn('SKIPPED: the field samples are not beside the project');

describe.skipIf(rows.length === 0)('what was reported of real exports', () => {
  it.each(rows.length === 0 ? [['none']] : rows)('%s is read as it must be', (file = '', must = '', never = '') => {
    const lines = linesOf(file);
    const starts = (text: string) => lines.some((line) => line.startsWith(text));
    expect(must.split(';').filter((text) => text !== '' && !starts(text))).toEqual([]);
    expect(never.split(';').filter((text) => text !== '' && starts(text))).toEqual([]);
  });
});
