import { describe, expect, it } from 'vitest';
import { hologicScript, type Rows } from '../../../src/simulate/writers/hologic-image.ts';
import { outcomeOf } from '../../fixtures/outcome.ts';
import { hologicImage } from '../../support/dicom/hologic-image.ts';

const RESULTS = [
  ['Region', 'BMD[g/cm2]', 'T - score'],
  ['Neck', '0.812', '-0.4'],
];

/** What is stored and found of an image whose script has these tables beside that of the results. */
function read(tables: Readonly<Record<string, Rows>>) {
  const script = hologicScript({ ScanMode: 'a Left Hip' }, { ResultsTable1: RESULTS, ...tables });
  const { values, findings } = outcomeOf(hologicImage({ patientId: 'A' }, script)) as {
    values: string[];
    findings: { code: string; path: string; facts?: object }[];
  };
  return {
    values: values.map((line) => line.replace(/ \{.*| <- .*/, '')),
    findings: findings.filter(({ path }) => path?.includes('ResultsTable') && !path.includes('ResultsTable1[')),
  };
}

const NECK = ['hip: femoral_neck left bmd = 0.812000', 'hip: femoral_neck left t_score = -0.400000'];

describe('a table beside that of the results', () => {
  it.each<[string, Rows]>([
    [
      'earlier scans',
      [
        ['Scan Date', 'Age', 'BMD', 'T-score'],
        ['04/12/2021', '71', '0.951', '-0.2'],
      ],
    ],
    [
      'earlier scans',
      [
        ['Region', 'Date', 'BMD[g/cm2]', 'Change vs Previous'],
        ['Neck', '2021-12-04', '0.831', '-0.019 (-2.3%)#'],
      ],
    ],
    [
      'earlier scans',
      [
        ['', 'Wert', 'BMD[g/cm2]'],
        ['Hals', '4. Dez. 2021', '0.831'],
      ],
    ],
    [
      'earlier scans',
      [
        ['', 'BMD[g/cm2]'],
        ['December 4, 2021', '0.831'],
      ],
    ],
    [
      'fracture risk',
      [
        ['', '10-year Fracture Risk', ''],
        ['Major Osteoporotic Fracture', '', '<0.1'],
        ['Hip Fracture', '', 'not reported'],
      ],
    ],
    ['fracture risk', [['FRAX(R)'], ['', '12', '3.4']]],
    [
      'body composition',
      [
        ['Region', 'Fat[(g)]', 'BMC[(g)]', 'Lean[(g)]'],
        ['Total', '9000', '2000', '40000'],
      ],
    ],
    ['unknown', [['x'], ['', '1']]],
  ])('that is about %s is noted with that, and none of it is stored: %j', (about, rows) => {
    expect(read({ ResultsTable2: rows })).toEqual({
      values: NECK,
      findings: [
        { code: 'MEASURE_NOT_STORED', path: '(0019,1000)/ResultsTable2', facts: { about, rows: rows.length - 1 } },
      ],
    });
  });

  it.each<[string, Rows]>([
    [
      'ResultsTable2',
      [
        ['Region', 'BMD[g/cm<sup><small>2</small></sup>]', 'AM (Age Matched)'],
        ['Total', '0.900', '101'],
      ],
    ],
    [
      'ResultsTable3',
      [
        ['Region', 'Area[cm2]', 'BMC[(g)]'],
        ['Neck', '4.90', '3.40'],
      ],
    ],
    [
      'ResultsTable12',
      [
        ['Bereich', 'Dichte[g/cm&sup2;]'],
        ['Hals', '0.700'],
      ],
    ],
    [
      'ResultsTable',
      [
        ['Region', 'BMD[g/cm2]'],
        ['Neck', '0.700'],
      ],
    ],
  ])('that holds bone results is shown to a person, for which scan they are of is not told: %s', (name, rows) => {
    expect(read({ [name]: rows })).toEqual({
      values: NECK,
      findings: [
        {
          code: 'RESULTS_TABLE_NOT_READ',
          path: `(0019,1000)/${name}`,
          facts: { about: 'bone results', rows: rows.length - 1 },
        },
      ],
    });
  });

  it('alone leaves the file without results, and says both', () => {
    const script = hologicScript({ ScanMode: 'a Left Hip' }, { ResultsTable2: RESULTS });
    const { values, findings } = outcomeOf(hologicImage({ patientId: 'A' }, script)) as {
      values: unknown[];
      findings: { code: string }[];
    };
    expect([values, findings.map(({ code }) => code)]).toEqual([
      [],
      expect.arrayContaining(['RESULTS_TABLE_NOT_READ', 'NO_RESULTS']),
    ]);
  });
});
