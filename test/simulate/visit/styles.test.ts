import { describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { type ReportStyle, STYLES, USUAL_STYLE } from '../../../src/simulate/scanner/style.ts';
import { drawPatient, type SimulatedPatient } from '../../../src/simulate/visit/patient.ts';
import { reportFiles, writeReport } from '../../../src/simulate/visit/visit-report.ts';
import { adaptImage } from '../../../src/vendors/adapt-image.ts';
import { adaptReport } from '../../../src/vendors/adapt-report.ts';
import { valueKey } from '../../../src/vendors/report/merge-values.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

/** A patient with both hips in one DualFemur and a previous visit. */
const patient = Array.from({ length: 50 }, (_, index) =>
  drawPatient(11, index, { situation: 'clean', variety: 'usual', exact: false }),
).find(({ visits }) => visits.length > 1 && visits.every((v) => v.femurFiles === 'dual' && v.hips.right !== undefined));

/** Everything the last visit says, whatever files it comes in. */
function resultsIn(style: ReportStyle): Map<string, number> {
  if (patient === undefined) throw new Error('no such patient');
  const styled: SimulatedPatient = { ...patient, style };
  const results = new Map<string, number>();
  for (const visit of styled.visits.slice(-1)) {
    for (const file of reportFiles(styled, visit)) {
      const bytes = writeReport(styled, visit, file);
      const read = readReport(bytes, READ_LIMITS);
      const adapted = read.ok ? adaptReport(read.document, RECEIVED_ON) : adaptImage(bytes, READ_LIMITS, RECEIVED_ON);
      if (!adapted.ok) throw new Error(adapted.code);
      for (const value of adapted.report.values) {
        const key = valueKey({ ...value, referencePopulation: '' });
        expect(results.get(key) ?? value.value).toBe(value.value);
        results.set(key, value.value);
      }
    }
  }
  return results;
}

const usual = resultsIn(USUAL_STYLE);
const only = (quantities: readonly string[]) =>
  new Map([...usual].filter(([key]) => quantities.includes(key.split('|')[4] ?? '')));

describe('the same visit in another style', () => {
  const same = STYLES.filter((style) => style.bmcAndArea && style.xml !== 'older-only' && style.vendor === 'ge-lunar');

  it.each(same)('gives the same results ($name)', (style) => {
    expect(new Map([...resultsIn(style)].sort())).toEqual(new Map([...usual].sort()));
  });

  it('gives all but BMC and area before enCORE 10.2', () => {
    const early = STYLES.filter(({ bmcAndArea }) => !bmcAndArea);
    expect(early.length).toBeGreaterThan(0);
    const expected = only(['bmd', 't_score', 'z_score', 'percent_young_adult', 'percent_age_matched']);
    for (const style of early) expect(new Map([...resultsIn(style)].sort())).toEqual(new Map([...expected].sort()));
  });

  it('gives BMD, T- and Z-score in the older XML', () => {
    const older = STYLES.filter(({ xml }) => xml === 'older-only');
    expect(older.length).toBeGreaterThan(0);
    const expected = only(['bmd', 't_score', 'z_score']);
    for (const style of older) expect(new Map([...resultsIn(style)].sort())).toEqual(new Map([...expected].sort()));
  });

  it('gives the same numbers in the words of Hologic, for what both vendors print', () => {
    const hologic = STYLES.find(({ vendor }) => vendor === 'hologic');
    if (hologic === undefined) throw new Error('no such style');
    const results = resultsIn(hologic);
    const translated = [...results].map(
      ([key, value]) => [key.replace('intertrochanter', 'femoral_shaft'), value] as const,
    );
    expect(results.size).toBeGreaterThan(80);
    for (const [key, value] of translated) expect([key, usual.get(key)]).toEqual([key, value]);
    expect([...results.keys()]).toContain('spine|spine|l1,l2,l3,l4|none|bmd|');
    expect([...results.keys()]).toContain('hip|total_hip||mean|bmd|');
  });
});
