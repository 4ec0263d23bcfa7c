import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildHologicAdapter, hologicAdapter } from '../../../src/vendors/hologic/adapter.ts';
import { readAssignments } from '../../../src/vendors/hologic/assignments.ts';
import { ALL_HOLOGIC_QUIRKS, HOLOGIC_QUIRKS, type HologicQuirk } from '../../../src/vendors/hologic/quirks.ts';
import { NO_MAPPING, useMapping } from '../../../src/vendors/report/site-mapping.ts';
import { privateResultsOf } from '../../support/dicom/private-results.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';
import { processorMs } from '../../support/processor-time.ts';

describe('every quirk of Hologic', () => {
  it.each([...ALL_HOLOGIC_QUIRKS])('%s changes the result of its fixture', (quirk: HologicQuirk) => {
    const path = join(import.meta.dirname, '../../fixtures', HOLOGIC_QUIRKS[quirk].fixture, 'report.dcm');
    const results = privateResultsOf(readFileSync(path));
    const without = new Set([...ALL_HOLOGIC_QUIRKS].filter((other) => other !== quirk));
    expect(buildHologicAdapter(without).adapt(results, RECEIVED_ON, useMapping(NO_MAPPING))).not.toEqual(
      hologicAdapter.adapt(results, RECEIVED_ON, useMapping(NO_MAPPING)),
    );
  });
});

describe('the private results of a Hologic image', () => {
  it('are assignments of strings, whatever ends a line', () => {
    const { values, tables } = readAssignments(
      'ScanMode = "a Left Hip";\r\nvar Height = "165.0 cm" ;\nResultsTable1[ 0][ 1] = "BMD (g/cm<sup>2</sup>)";\rResultsTable1[1][0]="Neck";',
    );
    expect([...values]).toEqual([
      ['ScanMode', 'a Left Hip'],
      ['Height', '165.0 cm'],
    ]);
    expect(tables.get('ResultsTable1')).toEqual([['', 'BMD (g/cm2)'], ['Neck']]);
  });

  it.each([
    'ScanMode = "a" + "b";',
    'ScanMode = alert("x");',
    'ScanMode = "cut off',
    'ResultsTable1[ i][ 0] = "x";',
    'ResultsTable1[ 1][ 0] = "x"; evil();',
    'ResultsTable1[ 999][ 0] = "x";',
    "ScanMode = 'a';",
  ])('hold nothing in a line of another form: %s', (line) => {
    const { values, tables } = readAssignments(line);
    expect([values.size, [...tables.values()].flat(2)]).toEqual([0, []]);
  });

  it('are read in time that grows with their length alone', () => {
    const text = `A = "${'\\"'.repeat(200_000)}\n${' '.repeat(200_000)}=\n`;
    expect(processorMs(() => readAssignments(text))).toBeLessThan(2000);
  });
});
