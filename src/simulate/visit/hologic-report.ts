import { fixed } from '../scanner/fixed.ts';
import type { ReportStyle } from '../scanner/style.ts';
import { type GeRow, rowBmd } from '../writers/ge-report.ts';
import { hologicScript, PRIVATE_ELEMENTS, type Rows } from '../writers/hologic-image.ts';
import type { SimulatedPatient } from './patient.ts';
import type { Visit } from './visit.ts';
import { type ScanKind, scanRows } from './visit-rows.ts';

/** Cells of the header row: the forms that were seen in files, and one never seen. */
export const HEADER_CELLS = {
  'square-brackets': [
    'Area[cm<sup><small>2</small></sup>]',
    'BMC[(g)]',
    'BMD[g/cm<sup><small>2</small></sup>]',
    'T - score',
    'PR (Peak Reference)',
    'Z - score',
    'AM (Age Matched)',
  ],
  superscript: ['Area[cm&sup2;]', 'BMC[g]', 'BMD[g/cm&sup2;]', 'T-Score', 'PR[%]', 'Z-Score', 'AM[%]'],
  'round-brackets': [
    'Area (cm<sup>2</sup>)',
    'BMC (g)',
    'BMD (g/cm<sup>2</sup>)',
    'T -<br>score',
    'PR (%)',
    'Z -<br>score',
    'AM (%)',
  ],
} as const satisfies Record<ReportStyle['headerCells'], readonly string[]>;
const BLANKS = HEADER_CELLS['square-brackets'].map(() => '');

const SCAN_MODES = {
  spine: 'a Lumbar Spine',
  dual_femur: 'a Dual Hip',
  left_femur: 'a Left Hip',
  right_femur: 'a Right Hip',
} as const satisfies Record<ScanKind, string>;

/** The private text of one Hologic image: the rows that GE Lunar prints, in Hologic's words and arrangement. */
export function hologicText(patient: SimulatedPatient, visit: Visit, kind: ScanKind): string {
  const { style } = patient;
  const rows = scanRows(patient, visit, kind);
  const body = kind === 'spine' ? spineRows(rows) : kind === 'dual_femur' ? dualRows(rows) : hipRows(rows);
  const twoModes = kind === 'dual_femur' && style.dualHip === 'two-modes';
  return hologicScript(
    {
      ...(twoModes ? { ScanMode: 'a Right Hip', ScanMode2: 'a Left Hip' } : { ScanMode: SCAN_MODES[kind] }),
      PatientSex: patient.person.sex,
      Height: `${patient.person.height}.0 cm`,
      Weight: `${fixed(visit.weight, 1)}  kg`,
      TableNote1: 'Total BMD CV 1.0%, ACF = 1.023, BCF = 0.987',
      TableNote2: 'T-score vs. White Female; Source: simulator',
    },
    { ResultsTable1: [['Region', ...HEADER_CELLS[style.headerCells]], ...body] },
    PRIVATE_ELEMENTS,
  );
}

function cells(label: string, row: GeRow): readonly string[] {
  const { part, scores } = row;
  const numbers = [fixed(part.area, 2), fixed(part.bmc, 2), fixed(rowBmd(row), 3)];
  if (scores === null) return [label, ...numbers, ' ', ' ', ' ', ' '];
  return [
    label,
    ...numbers,
    fixed(scores.t, 1),
    String(scores.youngAdult),
    fixed(scores.z, 1),
    String(scores.ageMatched),
  ];
}

/** The single vertebrae and their total; ranges are not printed. */
function spineRows(rows: readonly GeRow[]): Rows {
  const single = rows.filter(({ label }) => /^L\d$/.test(label));
  const total = rows.filter(({ label }) => label.startsWith('L1-L4'));
  return [...single.map((row) => cells(row.label, row)), ...total.map((row) => cells('Total', row))];
}

const WORDS: Readonly<Record<string, string>> = { Shaft: 'Inter', Wards: "Ward's" };

function hipRows(rows: readonly GeRow[]): Rows {
  return [...rows.map((row) => cells(WORDS[row.label] ?? row.label, row))];
}

/** A row with the region alone, then Left, Right, Mean and |Diff.|. */
function dualRows(rows: readonly GeRow[]): Rows {
  const regions = [...new Set(rows.map(({ label }) => label.split(' ')[0] ?? ''))];
  return regions.flatMap((region) => [
    [WORDS[region] ?? region, ...BLANKS],
    ...rows
      .filter(({ label }) => label.startsWith(`${region} `))
      .map((row) => {
        const side = row.label.slice(region.length + 1);
        if (side !== 'Diff.') return cells(side, row);
        return ['|Diff.|', '', '', fixed(Math.abs(rowBmd(row)), 3), '', '', '', ''];
      }),
  ]);
}
