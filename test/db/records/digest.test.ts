import { expect, it } from 'vitest';
import { digestOf, REPORT_COLUMNS, reportRow } from '../../../src/db/records/report-row.ts';
import { VALUE_COLUMNS } from '../../../src/db/records/value-columns.ts';
import { measured, reportWith } from '../../support/stored/arriving-report.ts';

const NAMES = [...REPORT_COLUMNS, ...VALUE_COLUMNS].map(({ name }) => name);
const REPORT = reportWith({ uid: '1.2', values: [measured('spine', 'none', 'bmd', '0.900')] });
const { columns, digest } = reportRow(REPORT, '7');
const withColumn = (place: number, text: string | null) => columns.map((was, at) => (at === place ? text : was));

it('the digest of a report is another as soon as one column says something else', () => {
  const same = NAMES.filter((_, place) => {
    const others = [`${columns[place] ?? ''} `, columns[place] === null ? '' : null, `${columns[place] ?? ''}none`];
    return others.some((text) => digestOf(withColumn(place, text)) === digest);
  });
  expect(same).toEqual(['adapter_version', 'reader_version']);
});

it('does not say who read it, and is the same for the same report', () => {
  expect(reportRow({ ...structuredClone(REPORT), adapterVersion: 'later' }, '8').digest).toBe(digest);
});

it('tells apart what moves from one column to the next', () => {
  const place = NAMES.indexOf('manufacturer');
  const [maker, model] = ['AB', 'C'];
  const moved = withColumn(place, maker).map((text, at) => (at === place + 1 ? model : text));
  const other = withColumn(place, 'A').map((text, at) => (at === place + 1 ? 'BC' : text));
  expect(digestOf(moved)).not.toBe(digestOf(other));
});
