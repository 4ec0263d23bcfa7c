import { fixed } from './fixed.ts';
import { type GeRow, rowBmd } from './ge-report.ts';
import { hologicScript, type Rows } from './hologic-image.ts';
import type { SimulatedPatient } from './patient.ts';
import type { Visit } from './visit.ts';
import { type ScanKind, scanRows } from './visit-rows.ts';

const COLUMNS = [
  'Area (cm<sup>2</sup>)',
  'BMC (g)',
  'BMD (g/cm<sup>2</sup>)',
  'T -<br>score',
  'PR (%)',
  'Z -<br>score',
  'AM (%)',
];
const HEADER = ['Region', ...COLUMNS];
const SCAN_MODES = {
  spine: 'a Lumbar Spine',
  dual_femur: 'a Dual Hip',
  left_femur: 'a Left Hip',
  right_femur: 'a Right Hip',
} as const satisfies Record<ScanKind, string>;

/** The private text of one Hologic image: the rows that GE Lunar prints, in Hologic's words and arrangement. */
export function hologicText(patient: SimulatedPatient, visit: Visit, kind: ScanKind): string {
  const rows = scanRows(patient, visit, kind);
  const table = kind === 'spine' ? spineTable(rows) : kind === 'dual_femur' ? dualTable(rows) : hipTable(rows);
  return hologicScript(
    {
      ScanMode: SCAN_MODES[kind],
      PatientSex: patient.person.sex,
      Height: `${patient.person.height}.0 cm`,
      Weight: `${fixed(visit.weight, 1)}  kg`,
      TableNote1: 'Total BMD CV 1.0%, ACF = 1.023, BCF = 0.987',
      TableNote2: 'T-score vs. White Female; Source: simulator',
    },
    { ResultsTable1: table },
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
function spineTable(rows: readonly GeRow[]): Rows {
  const single = rows.filter(({ label }) => /^L\d$/.test(label));
  const total = rows.filter(({ label }) => label.startsWith('L1-L4'));
  return [HEADER, ...single.map((row) => cells(row.label, row)), ...total.map((row) => cells('Total', row))];
}

const WORDS: Readonly<Record<string, string>> = { Shaft: 'Inter', Wards: "Ward's" };

function hipTable(rows: readonly GeRow[]): Rows {
  return [HEADER, ...rows.map((row) => cells(WORDS[row.label] ?? row.label, row))];
}

/** A row with the region alone, then Left, Right, Mean and |Diff.|. */
function dualTable(rows: readonly GeRow[]): Rows {
  const regions = [...new Set(rows.map(({ label }) => label.split(' ')[0] ?? ''))];
  return [
    HEADER,
    ...regions.flatMap((region) => [
      [WORDS[region] ?? region, ...COLUMNS.map(() => '')],
      ...rows
        .filter(({ label }) => label.startsWith(`${region} `))
        .map((row) => {
          const side = row.label.slice(region.length + 1);
          if (side !== 'Diff.') return cells(side, row);
          return ['|Diff.|', '', '', fixed(Math.abs(rowBmd(row)), 3), '', '', '', ''];
        }),
    ]),
  ];
}
