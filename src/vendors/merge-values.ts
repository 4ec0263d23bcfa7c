import type { Finding } from '../dxa/finding.ts';
import { vertebraeKey } from '../dxa/region.ts';
import type { MeasuredValue } from '../dxa/report.ts';
import { finding } from './finding.ts';
import type { Judged } from './region-reading.ts';

/** What makes two numbers of one report the same result, whatever scan container they stand in. */
export function valueKey(value: Omit<MeasuredValue, 'value' | 'rawText'>): string {
  const { region, vertebrae } = value.roi;
  return [value.scanType, region, vertebraeKey(vertebrae), value.laterality, value.quantity, value.referencePopulation]
    .join('|')
    .toLowerCase();
}

/** Keeps each result once (DualFemur beside Left and Right Femur repeats both hips); the first place in the file wins. */
export function mergeValues(all: readonly MeasuredValue[]): Judged {
  const kept = new Map<string, MeasuredValue>();
  const findings: Finding[] = [];
  for (const value of all) {
    const key = valueKey(value);
    const first = kept.get(key);
    if (first === undefined) kept.set(key, value);
    else if (first.value !== value.value) {
      findings.push(finding('DUPLICATE_VALUE_DIFFERS', value.path, { quantity: value.quantity, kept: first.path }));
    }
  }
  return { values: [...kept.values()], findings };
}
