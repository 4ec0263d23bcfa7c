import type { Finding } from '../../dxa/values/finding.ts';
import type { Micro, Quantity } from '../../dxa/values/quantity.ts';
import type { Laterality, RegionOfInterest, ScanType } from '../../dxa/values/region.ts';
import type { CodeTriple, MeasuredValue } from '../../dxa/values/report.ts';
import { conceptFacts } from '../text/item-text.ts';
import { readNumberText } from '../text/number-text.ts';
import { isPlausible } from '../text/plausible.ts';
import type { UnitVerdict } from '../text/unit.ts';
import { finding } from './finding.ts';
import type { Named } from './site-mapping.ts';

/** A number as text, with the quantity that its code or label names; not judged yet. */
export type RawMeasure = {
  readonly quantity: Quantity;
  readonly referencePopulation: string;
  /** The number alone, without a unit that stood in the same text; null when the item holds no value at all. */
  readonly text: string | null;
  /** The whole text as it stood in the file. */
  readonly rawText: string;
  readonly unit: string | null;
  readonly unitVerdict: UnitVerdict;
  /** The unit as a site would map it; absent where there is none. */
  readonly writtenUnit?: Named | null;
  readonly code: CodeTriple | null;
  readonly path: string;
};

/** One region of interest of one scan, as it stands in a file. */
export type RegionReading = {
  readonly scanType: ScanType;
  readonly scanLabel: string;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly rawLabel: string;
  readonly measures: readonly RawMeasure[];
};

export type Judged = { readonly values: readonly MeasuredValue[]; readonly findings: readonly Finding[] };

/** A region has about ten results; each may be weighed against the others, so a hostile file must not bring thousands. */
export const MAX_MEASURES = 64;

type Candidate = { readonly measure: RawMeasure; readonly readings: readonly Micro[] };

/**
 * Turns the raw texts of one region into values: a missing value is left out silently, anything else that is not a
 * number in its unit and range becomes a finding and no value.
 */
export function judgeRegion(region: RegionReading): Judged {
  const [first] = region.measures;
  if (first !== undefined && region.measures.length > MAX_MEASURES) {
    return { values: [], findings: [finding('TOO_MANY_RESULTS', first.path, { count: region.measures.length })] };
  }
  const findings: Finding[] = [];
  const candidates: Candidate[] = [];
  for (const measure of region.measures) {
    const readings = readMeasure(measure, region.scanType, findings);
    if (readings.length > 0) candidates.push({ measure, readings });
  }
  const values: MeasuredValue[] = [];
  for (const candidate of candidates) {
    const value = candidate.readings.length === 1 ? candidate.readings[0] : decideByRatio(candidate, candidates);
    if (value === undefined) findings.push(finding('AMBIGUOUS_NUMBER', candidate.measure.path));
    else values.push(toValue(region, candidate.measure, value));
  }
  return { values, findings };
}

function readMeasure(measure: RawMeasure, scanType: ScanType, findings: Finding[]): readonly Micro[] {
  const number = readNumberText(measure.text ?? '');
  if (number.kind === 'absent') return [];
  if (measure.unitVerdict === 'other') {
    const { quantity, writtenUnit = null } = measure;
    const unit = writtenUnit === null ? {} : conceptFacts({ concept: writtenUnit });
    findings.push(finding('UNIT_NOT_SUPPORTED', measure.path, { quantity, ...unit }));
    return [];
  }
  if (number.kind === 'unreadable') {
    findings.push(finding('UNREADABLE_VALUE', measure.path, { quantity: measure.quantity }));
    return [];
  }
  const all = number.kind === 'number' ? [number.value] : [number.decimal, number.thousands];
  const plausible = all.filter((value) => value !== null).filter((v) => isPlausible(measure.quantity, scanType, v));
  if (plausible.length === 0) {
    findings.push(finding('IMPLAUSIBLE_VALUE', measure.path, { quantity: measure.quantity }));
  } else if (measure.unitVerdict === 'absent' && ['bmd', 'bmc', 'area'].includes(measure.quantity)) {
    findings.push(finding('UNIT_ABSENT', measure.path, { quantity: measure.quantity }));
  }
  return plausible;
}

/** The one reading with which BMD = BMC/area holds within 2 %, given every reading of the other two; else undefined. */
function decideByRatio(candidate: Candidate, all: readonly Candidate[]): Micro | undefined {
  const readingsOf = (quantity: Quantity): readonly Micro[] =>
    quantity === candidate.measure.quantity
      ? []
      : all.filter(({ measure }) => measure.quantity === quantity).flatMap(({ readings }) => readings);
  const consistent = candidate.readings.filter((reading) => {
    const pick = (quantity: Quantity) => (quantity === candidate.measure.quantity ? [reading] : readingsOf(quantity));
    return pick('bmd').some((bmd) =>
      pick('bmc').some((bmc) => pick('area').some((area) => Math.abs(bmc / area - bmd / 1e6) <= (0.02 * bmd) / 1e6)),
    );
  });
  return consistent.length === 1 ? consistent[0] : undefined;
}

function toValue(region: RegionReading, measure: RawMeasure, value: Micro): MeasuredValue {
  return {
    scanType: region.scanType,
    scanLabel: region.scanLabel,
    roi: region.roi,
    laterality: region.laterality,
    quantity: measure.quantity,
    referencePopulation: measure.referencePopulation,
    value,
    rawText: measure.rawText,
    rawUnit: measure.unit,
    rawLabel: region.rawLabel,
    code: measure.code,
    path: measure.path,
  };
}
