import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import { parseCalibrationPairsCsv, parseCrossCalibrationCsv } from '../../../src/jobs/registry/crosscal-csv.ts';
import { parseLscCsv } from '../../../src/jobs/registry/lsc-import.ts';
import { parseVolunteersCsv } from '../../../src/jobs/registry/precision-from-studies.ts';
import { parsePrecisionCsv, precisionStudiesOf } from '../../../src/jobs/registry/precision-import.ts';

const template = (name: string) =>
  readFileSync(new URL(`../../../docs/templates/${name}.csv`, import.meta.url), 'utf8');
const page = (name: string) => readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');

describe('the CSV templates of the documentation', () => {
  it('can be imported as they are', () => {
    expect(parseLscCsv(template('lsc')).map(({ leastSignificantChange }) => leastSignificantChange)).toEqual([
      33_000, 17_000, 14_000, 34_020,
    ]);
    expect(parseVolunteersCsv(template('volunteers'))).toHaveLength(2);
    expect(parseCrossCalibrationCsv(template('crosscal')).map(({ slope }) => slope)).toEqual([1.012, 0.995]);
    expect(parseCalibrationPairsCsv(template('crosscal-pairs'))).toMatchObject([
      { n: 4, minFrom: 0.742, maxFrom: 1.02 },
    ]);
    const studies = precisionStudiesOf(parsePrecisionCsv(template('precision')), 'csv', DEFAULT_SETTINGS);
    expect(studies.map(({ roi, result }) => [roi.region, result.pooled?.degreesOfFreedom])).toEqual([
      ['spine', 1],
      ['total_hip', 2],
    ]);
  });

  it('have no column that their page does not explain', () => {
    const columns = (name: string) => (template(name).split('\n')[0] ?? '').split(',');
    for (const column of columns('lsc')) expect(page('lsc-csv')).toContain(`\`${column}\``);
    for (const column of columns('precision')) expect(page('precision-csv')).toContain(`\`${column}\``);
    for (const name of ['crosscal', 'crosscal-pairs']) {
      const explained = columns(name).filter((column) => !/^(from|to)_(manu|model|device|station)/.test(column));
      for (const column of explained) expect(page('crosscal-csv')).toContain(`\`${column}\``);
    }
  });
});
