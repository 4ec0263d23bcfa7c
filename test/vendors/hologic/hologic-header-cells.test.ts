import { describe, expect, it } from 'vitest';
import type { ScanType } from '../../../src/dxa/values/region.ts';
import { readAssignments } from '../../../src/vendors/hologic/assignments.ts';
import { readHeaderCells } from '../../../src/vendors/hologic/header-cells.ts';
import { ALL_HOLOGIC_QUIRKS } from '../../../src/vendors/hologic/quirks.ts';
import { NO_MAPPING, useMapping } from '../../../src/vendors/report/site-mapping.ts';

/** What a header row becomes, from its cells as they stand in the script. */
const columnsOf = (...cells: readonly string[]) => columnsIn('hip', cells);

function columnsIn(scanType: ScanType, cells: readonly string[]) {
  const script = cells.map((cell, index) => `ResultsTable1[ 0][ ${index + 1}] = "${cell}";`).join('\n');
  const header = readAssignments(script).tables.get('ResultsTable1')?.[0] ?? [];
  const rules = { path: 'T', scanType, quirks: ALL_HOLOGIC_QUIRKS, mapping: useMapping(NO_MAPPING) };
  const { columns, findings } = readHeaderCells(header, rules);
  return {
    columns: columns.map(({ quantity, unitVerdict }) => `${quantity} ${unitVerdict}`),
    findings: findings.map(({ code }) => code),
  };
}

describe('a header cell of a Hologic table', () => {
  it.each([
    'BMD[g/cm<sup><small>2</small></sup>]',
    'BMD[(g/cm<sup>2</sup>)]',
    'BMD (g/cm<sup>2</sup>)',
    'BMD ( g/cm<SUP><FONT SIZE=1>2</FONT></SUP> )',
    'BMD{g/cm&sup2;}',
    'BMD[g/cm&#178;]',
    'BMD[g/cm&#xB2;]',
    'BMD[g/cm&#XB2;]',
    'BMD[g/cm&amp;sup2;]',
    'BMD&nbsp;[g/cm²]',
    'BMD［g/cm２］',
    'BMD[g/cm^2]',
    'BMD[g/cm^2 ]',
    'BMD[G/CM2]',
    'BMD[gm/cm²]',
    'BMD[g / sq. cm]',
    'BMD[grams/cm2]',
    'BMD[g·cm⁻²]',
    String.raw`BMD[g/cm\u00b2]`,
    'BMD<br>[g/cm2]',
    'BMD g/cm²',
    'bmd (Bone Mineral Density) [g/cm2]',
  ])('%s is BMD in g/cm2', (cell) => {
    expect(columnsOf(cell)).toEqual({ columns: ['bmd ok'], findings: [] });
  });

  it.each([
    ['Area[cm<sup><small>2</small></sup>]', 'area ok'],
    ['Area [sq cm]', 'area ok'],
    ['AREA(cm²)', 'area ok'],
    ['BMC[(g)]', 'bmc ok'],
    ['BMC[grams]', 'bmc ok'],
    ['BMC', 'bmc absent'],
    ['BMC (Bone Mineral Content)', 'bmc absent'],
    ['T - score', 't_score absent'],
    ['T-Score', 't_score absent'],
    ['T -<br>score', 't_score absent'],
    ['Tscore (NHANES)', 't_score absent'],
    ['PR (Peak Reference)', 'percent_young_adult absent'],
    ['PR[%]', 'percent_young_adult ok'],
    ['PR %', 'percent_young_adult ok'],
    ['AM[(%)]', 'percent_age_matched ok'],
    ['AM (Age Matched)', 'percent_age_matched absent'],
  ])('%s is %s', (cell, column) => {
    expect(columnsOf(cell)).toEqual({ columns: [column], findings: [] });
  });

  it('that names another unit is no BMD in g/cm2', () => {
    expect(columnsOf('BMD[mg/cm&sup2;]', 'BMD[g/cm3]').columns).toEqual(['bmd other', 'bmd other']);
  });

  it('that is not understood is shown, for the site to map it', () => {
    expect(columnsOf('Dichte[g/cm2]', 'BMD[g/cm2]')).toEqual({ columns: ['bmd ok'], findings: ['UNKNOWN_MEASURE'] });
  });

  it.each([
    'BMD[g/cm2] change',
    'BMD[g/cm2] vs. previous',
    'BMD (est.) [g/cm2]',
    'BMD[g/cm2] (corrected)',
    'BMC (Bone Mineral Density) (g)',
    'T-Score (total fat mass)',
    'PR (of what)',
    'sBMD[g/cm2]',
    'constructor',
    '__proto__[g]',
    'toString',
  ])('%s is nothing that is known by a part of it', (cell) => {
    expect(columnsOf(cell)).toEqual({ columns: [], findings: ['UNKNOWN_MEASURE'] });
  });

  it('that is not understood leaves it unknown what the scores of a whole body are about', () => {
    expect(columnsIn('whole_body', ['BMD[g/cm2]', 'T-Score', 'Fett[(g)]'])).toEqual({
      columns: ['bmd ok'],
      findings: ['UNKNOWN_MEASURE', 'MEASURE_NOT_STORED'],
    });
    expect(columnsIn('whole_body', ['BMD[g/cm2]', 'T-Score', 'FatMass(g)']).columns).toEqual(['bmd ok']);
    expect(columnsIn('whole_body', ['BMD[g/cm2]', 'T-Score']).columns).toEqual(['bmd ok', 't_score absent']);
    expect(columnsIn('hip', ['BMD[g/cm2]', 'T-Score', 'Dichte']).columns).toEqual(['bmd ok', 't_score absent']);
  });

  it('may come in any order; beside fat, scores and percentages are those of %Fat', () => {
    expect(columnsOf('T-Score', 'BMD[g/cm2]', 'Area[cm2]').columns).toEqual(['t_score absent', 'bmd ok', 'area ok']);
    expect(columnsOf('T-Score', 'BMD[g/cm2]', '% Fat[(%)]', 'Lean[(g)]', 'AM[%]')).toEqual({
      columns: ['bmd ok'],
      findings: ['MEASURE_NOT_STORED'],
    });
  });
});
