import { addParts, bmdOf, type Part } from '../scanner/scan-model.ts';
import { type ScoredRegion, type Scores, scoresOf } from '../scanner/scores.ts';
import { type GeRow, rowBmd } from '../writers/ge-report.ts';
import type { GeTrend } from '../writers/ge-trend.ts';
import type { SimulatedPatient } from './patient.ts';
import { type Side, spineRanges, type Visit } from './visit.ts';

/** What one scan prints. */
export type ScanKind = 'spine' | 'dual_femur' | 'left_femur' | 'right_femur';

/** The region rows of one scan of a visit. */
export function scanRows(patient: SimulatedPatient, visit: Visit, kind: ScanKind): readonly GeRow[] {
  switch (kind) {
    case 'spine':
      return spineRows(patient, visit);
    case 'dual_femur':
      return dualFemurRows(patient, visit);
    case 'left_femur':
      return femurRows(patient, visit, 'left');
    case 'right_femur':
      return femurRows(patient, visit, 'right');
    default:
      return kind satisfies never;
  }
}

const WITH_TREND: ReadonlySet<string> = new Set(['L1-L4', 'Total', 'Total Left', 'Total Right', 'Total Mean']);

/** Trends against the previous visit, where the same scanner printed the same region. */
export function scanTrends(patient: SimulatedPatient, visit: Visit, kind: ScanKind): readonly GeTrend[] {
  const previous = patient.visits[visit.number - 2];
  if (previous === undefined || previous.scannerId !== visit.scannerId) return [];
  const hasScan = kind === 'spine' || (kind === 'left_femur' ? previous.hips.left : previous.hips.right) !== undefined;
  if (!hasScan || (kind === 'dual_femur' && previous.hips.left === undefined)) return [];
  const before = new Map(scanRows(patient, previous, kind).map((row) => [row.label, rowBmd(row)]));
  return scanRows(patient, visit, kind).flatMap((row): readonly GeTrend[] => {
    const bmd = before.get(row.label);
    if (bmd === undefined || !WITH_TREND.has(row.label)) return [];
    const point = (at: Visit, value: number) => ({ date: at.studyDate, age: at.age, bmd: value });
    return [{ label: row.label, now: point(visit, rowBmd(row)), before: point(previous, bmd) }];
  });
}

function scored(patient: SimulatedPatient, visit: Visit, region: ScoredRegion | null, bmd: number): Scores | null {
  return region === null ? null : scoresOf(region, bmd, patient.person.sex, visit.age);
}

function spineRows(patient: SimulatedPatient, visit: Visit): readonly GeRow[] {
  return spineRanges(visit.withoutL2).map(({ label, levels }) => {
    const part = addParts(visit.spine.filter((_, level) => levels.includes(level)));
    const region = levels.length === 1 ? (label as ScoredRegion) : 'spine';
    return { label, part, scores: scored(patient, visit, region, bmdOf(part)) };
  });
}

const HIP_LABELS = ['Neck', 'Wards', 'Troch', 'Shaft', 'Total'] as const;
type HipLabel = (typeof HIP_LABELS)[number];

/** Ward's is a square inside the neck: it counts in no sum. Total is neck, trochanter and shaft. */
function hipPart(parts: readonly Part[], label: HipLabel): Part {
  const [neck = { bmc: 0, area: 0 }, troch = neck, shaft = neck] = parts;
  switch (label) {
    case 'Neck':
      return neck;
    case 'Wards':
      return { bmc: Math.round(neck.bmc * 0.435), area: Math.round(neck.area * 0.5) };
    case 'Troch':
      return troch;
    case 'Shaft':
      return shaft;
    case 'Total':
      return addParts(parts);
    default:
      return label satisfies never;
  }
}

function scoreName(label: HipLabel): ScoredRegion | null {
  return label === 'Shaft' ? null : label;
}

function femurRows(patient: SimulatedPatient, visit: Visit, side: Side): readonly GeRow[] {
  return HIP_LABELS.map((label) => {
    const part = hipPart(visit.hips[side] ?? [], label);
    return { label, part, scores: scored(patient, visit, scoreName(label), bmdOf(part)) };
  });
}

/** Left, Right, Mean and Diff. of every region; the mean is that of the printed BMDs, the difference left minus right. */
function dualFemurRows(patient: SimulatedPatient, visit: Visit): readonly GeRow[] {
  return HIP_LABELS.flatMap((label): readonly GeRow[] => {
    const left = hipPart(visit.hips.left ?? [], label);
    const right = hipPart(visit.hips.right ?? [], label);
    const [l, r] = [bmdOf(left), bmdOf(right)];
    const mean = { bmc: (left.bmc + right.bmc + 1) >> 1, area: (left.area + right.area + 1) >> 1 };
    const meanBmd = Math.floor((l + r + 1) / 2);
    const difference = { bmc: left.bmc - right.bmc, area: left.area - right.area };
    const name = scoreName(label);
    return [
      { label: `${label} Left`, part: left, scores: scored(patient, visit, name, l) },
      { label: `${label} Right`, part: right, scores: scored(patient, visit, name, r) },
      { label: `${label} Mean`, part: mean, bmd: meanBmd, scores: scored(patient, visit, name, meanBmd) },
      { label: `${label} Diff.`, part: difference, bmd: l - r, scores: null },
    ];
  });
}
