import type { CodeEntry, Finding } from '../values/finding.ts';
import type { Micro } from '../values/quantity.ts';
import { type Region, regionKey, VERTEBRAE, type Vertebra } from '../values/region.ts';
import type { MeasuredValue } from '../values/report.ts';
import { SCORE_GAP_TENTHS } from './score-gap.ts';

const permanent = 'permanent';

/** Results that contradict each other. Each is a reason to look at the scan, none changes a value. */
export const CONSISTENCY_CODES = {
  BMD_NOT_BMC_OVER_AREA: {
    text: 'A BMD is not the quotient of its BMC and area.',
    remedy: 'Compare with the printout: one of the three belongs to another region or analysis.',
    permanence: permanent,
  },
  RANGE_NOT_RATIO_OF_SUMS: {
    text: 'The BMD of several vertebrae is not the sum of their BMC divided by the sum of their areas.',
    remedy: 'Check which vertebrae the range includes and whether the scan was analysed again.',
    permanence: permanent,
  },
  TOTAL_HIP_OUTSIDE_SUBREGIONS: {
    text: 'The total hip BMD lies outside the BMDs of its own regions.',
    remedy: 'Check the regions of interest of this hip on the densitometer.',
    permanence: permanent,
  },
  VERTEBRAL_AREA_NOT_RISING: {
    text: 'A vertebra has a smaller area than the one above it.',
    remedy: 'Check the levels (a shifted labelling is likely) and the intervertebral markers.',
    permanence: permanent,
  },
  ADJACENT_T_SCORE_GAP: {
    text: 'The T-scores of adjacent vertebrae differ by more than 1.0.',
    remedy: 'A candidate for exclusion, not an exclusion: look for fracture, degeneration or an artefact.',
    permanence: permanent,
  },
  UNUSUAL_VALUE: {
    text: 'A BMD outside 0.2-2.0 g/cm2 or a score beyond 8 is possible but very unusual.',
    remedy: 'Compare with the printout and the image.',
    permanence: permanent,
  },
} as const satisfies Record<string, CodeEntry>;

export type ConsistencyCode = keyof typeof CONSISTENCY_CODES;

/** g/cm² (R2.3). */
export const QUOTIENT_TOLERANCE = 0.002;
/** Half a unit of the last printed place of BMC (g) and area (cm2). */
export const HALF_PRINTED = 0.005;

type Numbers = {
  readonly path: string;
  readonly bmd: number | null;
  readonly bmc: number | null;
  readonly area: number | null;
};

/**
 * Looks for contradictions inside one set of results (a report, or all reports of a study). Mean rows are left out: their
 * BMD is a mean of BMDs. What lacks a number is not judged.
 */
export function checkConsistency(values: readonly MeasuredValue[]): readonly Finding[] {
  const measured = values.filter(({ laterality }) => laterality !== 'mean');
  return [
    ...checkQuotients(measured),
    ...checkRanges(measured),
    ...checkTotalHips(measured),
    ...checkVertebrae(measured),
    ...checkUnusual(values),
  ];
}

function flag(code: ConsistencyCode, path: string, facts: NonNullable<Finding['facts']>): Finding {
  return { code, path, facts };
}

function numbersOf(values: readonly MeasuredValue[]): Numbers {
  const of = (quantity: string) => values.find((value) => value.quantity === quantity);
  const number = (value: MeasuredValue | undefined) => (value === undefined ? null : value.value / 1e6);
  const bmd = of('bmd');
  return { path: bmd?.path ?? '', bmd: number(bmd), bmc: number(of('bmc')), area: number(of('area')) };
}

/** What rounding of the printed numbers can add to the difference of a BMD and a quotient of `parts` sums. */
function slack(bmd: number, area: number, parts: number): number {
  return QUOTIENT_TOLERANCE + (parts * HALF_PRINTED * (1 + bmd)) / area;
}

function checkQuotients(values: readonly MeasuredValue[]): readonly Finding[] {
  return [...Map.groupBy(values, regionKey).values()].flatMap((group) => {
    const { path, bmd, bmc, area } = numbersOf(group);
    if (bmd === null || bmc === null || area === null || area <= 0) return [];
    if (Math.abs(bmd - bmc / area) <= slack(bmd, area, 1)) return [];
    return [flag('BMD_NOT_BMC_OVER_AREA', path, { region: group[0]?.roi.region ?? '' })];
  });
}

function singleVertebra(values: readonly MeasuredValue[], vertebra: Vertebra): Numbers {
  return numbersOf(values.filter(({ roi }) => roi.vertebrae.length === 1 && roi.vertebrae[0] === vertebra));
}

function checkRanges(values: readonly MeasuredValue[]): readonly Finding[] {
  const spine = values.filter(({ roi }) => roi.region === 'spine');
  const ranges = spine.filter(({ quantity, roi }) => quantity === 'bmd' && roi.vertebrae.length > 1);
  return ranges.flatMap(({ roi, value, path }) => {
    const parts = roi.vertebrae.map((vertebra) => singleVertebra(spine, vertebra));
    const bmc = sum(parts.map((part) => part.bmc));
    const area = sum(parts.map((part) => part.area));
    if (bmc === null || area === null || area <= 0) return [];
    const bmd = value / 1e6;
    if (Math.abs(bmd - bmc / area) <= slack(bmd, area, parts.length)) return [];
    return [flag('RANGE_NOT_RATIO_OF_SUMS', path, { vertebrae: roi.vertebrae.join(',') })];
  });
}

const SUBREGIONS: readonly Region[] = ['femoral_neck', 'trochanter', 'intertrochanter', 'femoral_shaft'];

/** Needs trochanter and shaft (or intertrochanteric region), which make most of the total. */
function checkTotalHips(values: readonly MeasuredValue[]): readonly Finding[] {
  const hips = values.filter(({ scanType, quantity }) => scanType === 'hip' && quantity === 'bmd');
  return hips.flatMap(({ roi, laterality, value, path }) => {
    if (roi.region !== 'total_hip') return [];
    const parts = hips.filter((part) => part.laterality === laterality && SUBREGIONS.includes(part.roi.region));
    const has = (...regions: readonly Region[]) => parts.some((part) => regions.includes(part.roi.region));
    if (!has('trochanter') || !has('intertrochanter', 'femoral_shaft')) return [];
    const bmds = parts.map((part) => part.value);
    if (value >= Math.min(...bmds) && value <= Math.max(...bmds)) return [];
    return [flag('TOTAL_HIP_OUTSIDE_SUBREGIONS', path, { laterality })];
  });
}

/** E8 (area rises from L1 to L4) and R2.5 (T-scores of neighbours, strictly more than 1.0 as printed). */
function checkVertebrae(values: readonly MeasuredValue[]): readonly Finding[] {
  const single = values.filter(({ roi }) => roi.region === 'spine' && roi.vertebrae.length === 1);
  return VERTEBRAE.slice(1).flatMap((lower, index) => {
    const upper = VERTEBRAE[index];
    const of = (vertebra: Vertebra | undefined, quantity: string) =>
      single.filter((value) => value.roi.vertebrae[0] === vertebra && value.quantity === quantity);
    const found: Finding[] = [];
    const [above] = of(upper, 'area');
    const [below] = of(lower, 'area');
    // T12 is left out: the rise is described for the lumbar spine.
    if (upper !== 'T12' && above !== undefined && below !== undefined && below.value < above.value) {
      found.push(flag('VERTEBRAL_AREA_NOT_RISING', below.path, { vertebra: lower }));
    }
    for (const score of of(lower, 't_score')) {
      const neighbour = of(upper, 't_score').find((other) => other.referencePopulation === score.referencePopulation);
      if (neighbour !== undefined && tenths(score.value, neighbour.value) > SCORE_GAP_TENTHS) {
        found.push(flag('ADJACENT_T_SCORE_GAP', score.path, { upper: upper ?? '', lower }));
      }
    }
    return found;
  });
}

function tenths(a: Micro, b: Micro): number {
  return Math.abs(Math.round(a / 100_000) - Math.round(b / 100_000));
}

/** Millionths of g/cm² and of a score (E13, own). */
export const USUAL_BMD = [200_000, 2_000_000] as const;
export const USUAL_SCORE = 8_000_000;

/** E13. The skull has about 2 g/cm2 in adults, so single regions of a whole body are not judged. */
function checkUnusual(values: readonly MeasuredValue[]): readonly Finding[] {
  return values.flatMap(({ scanType, quantity, value, path }) => {
    const isBmd = quantity === 'bmd' && scanType !== 'whole_body';
    const isScore = quantity === 't_score' || quantity === 'z_score';
    const unusual =
      (isBmd && (value < USUAL_BMD[0] || value > USUAL_BMD[1])) || (isScore && Math.abs(value) > USUAL_SCORE);
    return unusual ? [flag('UNUSUAL_VALUE', path, { quantity })] : [];
  });
}

function sum(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce((total, number) => (total === null || number === null ? null : total + number), 0);
}
