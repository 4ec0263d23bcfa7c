import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hologicAdapter } from '../../../src/vendors/hologic/adapter.ts';
import { isRefusal } from '../../../src/vendors/report/adapter.ts';
import { NO_MAPPING, useMapping } from '../../../src/vendors/report/site-mapping.ts';
import { privateResultsOf } from '../../support/dicom/private-results.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

const bytes = readFileSync(join(import.meta.dirname, '../../fixtures/hologic/apex-13/square-brackets/report.dcm'));

type Given = {
  readonly modes: readonly string[];
  readonly rows: readonly string[];
  readonly laterality?: string;
  readonly imageLaterality?: string;
  readonly script?: string;
};

/** Sides and regions of what is stored of a table of one column, and what is found. A row ends with "!" when it is a heading. */
function read({ modes, rows, laterality = '', imageLaterality = '', script = '' }: Given) {
  const results = privateResultsOf(bytes);
  const lines = modes.map((mode, index) => `ScanMode${index === 0 ? '' : index + 1} = "${mode}";`);
  if (script !== '') lines.push(`ImageLaterality = "${script}";`);
  lines.push('ResultsTable1[0][0] = "Region";', 'ResultsTable1[0][1] = "BMD[g/cm2]";');
  for (const [index, row] of rows.entries()) {
    lines.push(`ResultsTable1[${index + 1}][0] = "${row.replace('!', '')}";`);
    if (!row.endsWith('!')) lines.push(`ResultsTable1[${index + 1}][1] = "0.${700 + index}";`);
  }
  const header = { ...results.header, laterality, imageLaterality };
  const text = lines.join('\n');
  const report = hologicAdapter.adapt({ ...results, header, text }, RECEIVED_ON, useMapping(NO_MAPPING));
  if (isRefusal(report)) throw new Error(report.code);
  return {
    stored: report.values.map(({ roi, laterality: side, rawText }) => `${roi.region} ${side} ${rawText}`),
    found: report.findings.map(({ code }) => code).filter((code) => code !== 'NO_RESULTS'),
  };
}

const DUAL = ['Neck!', 'Left', 'Right', 'Mean', '|Diff.|', 'Total!', 'Left', 'Right', 'Mean'];
const ALL_OF_DUAL = [
  'femoral_neck left 0.701',
  'femoral_neck right 0.702',
  'femoral_neck mean 0.703',
  'total_hip left 0.706',
  'total_hip right 0.707',
  'total_hip mean 0.708',
];

describe('the side of a Hologic scan', () => {
  it.each([
    'a Left Hip',
    'a L. Hip',
    'a L Hip',
    'a Lt Hip',
    'a Lt. Hip',
    'a L-Hip',
    'a (L) Hip',
    'a Hip, left',
    'a LHip',
    'a LEFT HIP',
    'L.Hip',
  ])('is left in %s', (mode) => {
    expect(read({ modes: [mode], rows: ['Neck'] })).toEqual({ stored: ['femoral_neck left 0.700'], found: [] });
  });

  it.each(['a R.Forearm', 'a R Forearm', 'a Rt Forearm', 'a Rt. Forearm', 'a Rgt Forearm', 'a Right Forearm'])(
    'is right in %s',
    (mode) => {
      const { stored } = read({ modes: [mode], rows: ['Radius 1/3'] });
      expect(stored).toEqual(['radius_33 right 0.700']);
    },
  );

  it.each([
    ['L', ''],
    ['', 'L'],
    ['L', 'L'],
    ['LEFT', 'B'],
  ])('comes from Laterality %j or Image Laterality %j where the name has none', (laterality, imageLaterality) => {
    const { stored, found } = read({ modes: ['a Hip'], rows: ['Total'], laterality, imageLaterality });
    expect([stored, found]).toEqual([['total_hip left 0.700'], []]);
  });

  it.each<Partial<Given>>([
    { laterality: 'R' },
    { imageLaterality: 'R' },
    { script: 'R' },
    { laterality: 'L', imageLaterality: 'R' },
  ])('is nowhere believed where %j contradicts the name', (header) => {
    expect(read({ modes: ['a Left Hip'], rows: ['Total'], ...header })).toEqual({
      stored: [],
      found: ['LATERALITY_CONFLICT'],
    });
  });

  it.each<Partial<Given>>([{}, { laterality: 'U' }, { imageLaterality: 'B' }])(
    'is unknown where nothing names it (%j)',
    (header) => {
      expect(read({ modes: ['a Hip'], rows: ['Total'], ...header })).toEqual({
        stored: [],
        found: ['LATERALITY_UNKNOWN'],
      });
    },
  );
});

describe('the name of a Hologic scan', () => {
  it.each([
    'a Left Hip HSA',
    'a Left Hip (HSA)',
    'a Prosthetic Left Hip',
    'a Left Prosthetic Hip',
    'a Left Hip Prosthesis',
    'a Thoracic Spine',
    'a T Spine',
    'a T. Spine',
    'a L Spine',
    'a AP Spine IVA',
    'a Lateral Spine',
    'a Lumbar Spine Lateral',
    'a Left Lumbar Spine',
    'a Decubitus Lumbar Spine',
    'a Spine Lumbar',
    'a Infant Whole Body',
    'a Left Whole Body',
    'a Body',
    'a Small Animal Body',
    'a Left Forearm Subregion',
    'a Mean Hip',
    'a Diff. Hip',
    'a Hip Forearm',
    'b Left Hip',
    'a a Left Hip',
    'constructor',
    'a constructor',
    '__proto__',
    '',
  ])('%j has the words of another one in it and is not that', (mode) => {
    for (const rows of [['Neck', 'Total'], ['L1', 'Total'], ['Radius 1/3'], ['Head', 'Total']]) {
      expect(read({ modes: [mode], rows, laterality: 'L' })).toEqual({ stored: [], found: ['UNKNOWN_SCAN'] });
    }
  });

  it.each(['a Lumbar Spine', 'f Lumbar Spine', 'x Lumbar Spine', 'Lumbar Spine', 'a AP Spine', 'A  LUMBAR_SPINE'])(
    '%j is a spine, however fast it was scanned',
    (mode) => {
      expect(read({ modes: [mode], rows: ['L1'] })).toEqual({ stored: ['spine none 0.700'], found: [] });
    },
  );
});

describe('the heading of a forearm', () => {
  it.each(['Radius!', 'Radius + Ulna!', 'Ulna & Radius!', 'Left Radius!'])(
    '%j names the bone of its rows',
    (heading) => {
      expect(read({ modes: ['a Left Forearm'], rows: [heading, 'MID'] }).found).toEqual([]);
    },
  );

  it.each(['Not the radius!', 'Ulna (radius excluded)!', 'Radius phantom!'])('%j names none', (heading) => {
    expect(read({ modes: ['a Left Forearm'], rows: [heading, 'MID'] })).toEqual({
      stored: [],
      found: ['UNKNOWN_REGION'],
    });
  });

  it('that names another side than the scan contradicts it', () => {
    expect(read({ modes: ['a Left Forearm'], rows: ['Right Radius!', 'MID'] }).found).toEqual(['LATERALITY_CONFLICT']);
  });
});

describe('the side of the header', () => {
  it.each(['not L', 'L knee', 'left arm'])('%j is none', (laterality) => {
    expect(read({ modes: ['a Hip'], rows: ['Total'], laterality }).found).toEqual(['LATERALITY_UNKNOWN']);
  });
});

describe('a dual hip', () => {
  it.each([
    [['a Right Hip', 'a Left Hip']],
    [['a Left Hip', 'a Right Hip']],
    [['a R. Hip', 'a Lt Hip']],
    [['a Hip', 'a Left Hip']],
    [['a Dual Hip']],
    [['a Hip']],
  ])('named %j has the sides that its rows name', (modes) => {
    expect(read({ modes, rows: DUAL })).toEqual({ stored: ALL_OF_DUAL, found: [] });
  });

  it.each<Partial<Given>>([{ laterality: 'R' }, { imageLaterality: 'L' }, { script: 'R' }])(
    'is contradicted by no side of the header (%j)',
    (header) => {
      expect(read({ modes: ['a Right Hip', 'a Left Hip'], rows: DUAL, ...header }).stored).toEqual(ALL_OF_DUAL);
    },
  );

  it('may name region and side in one row, or the side above', () => {
    const modes = ['a Right Hip', 'a Left Hip'];
    const stored = ['femoral_neck left 0.700', 'femoral_neck right 0.701', 'total_hip mean 0.702'];
    expect(read({ modes, rows: ['Neck Left', 'R. Neck', 'Total Mean'] }).stored).toEqual(stored);
    expect(read({ modes, rows: ['Left!', 'Neck', 'Total', 'Rt!', 'Neck'] }).stored).toEqual([
      'femoral_neck left 0.701',
      'total_hip left 0.702',
      'femoral_neck right 0.704',
    ]);
  });

  it('that is named as one side keeps only its means: which row is of that side cannot be known', () => {
    const { stored, found } = read({ modes: ['a Right Hip'], rows: DUAL });
    expect(stored).toEqual(['femoral_neck mean 0.703', 'total_hip mean 0.708']);
    expect(found).toEqual(['LATERALITY_CONFLICT', 'LATERALITY_CONFLICT']);
  });
});

describe('a second scan of another kind', () => {
  it('is shown, and the rows are read only if all are of the first kind', () => {
    const modes = ['a Left Hip', 'a Lumbar Spine'];
    expect(read({ modes, rows: ['Neck', 'Total'] })).toEqual({
      stored: ['femoral_neck left 0.700', 'total_hip left 0.701'],
      found: ['UNKNOWN_SCAN'],
    });
    expect(read({ modes, rows: ['Neck', 'L1', 'Total'] }).stored).toEqual([]);
  });
});
