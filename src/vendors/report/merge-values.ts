import type { Finding } from '../../dxa/values/finding.ts';
import { regionKey } from '../../dxa/values/region.ts';
import type { MeasuredValue } from '../../dxa/values/report.ts';
import { finding } from './finding.ts';
import type { Judged } from './region-reading.ts';

/** What makes two numbers of one report the same result, whatever scan container they stand in. */
export function valueKey(value: Omit<MeasuredValue, 'value' | 'rawText'>): string {
  return [regionKey(value), value.quantity, value.referencePopulation].join('|').toLowerCase();
}

/**
 * Keeps each region once (DualFemur beside Left and Right Femur repeats both hips); the first place in the file wins, as
 * a whole: the BMD of one scan and the BMC of another are no result of either.
 */
export function mergeValues(regions: readonly (readonly MeasuredValue[])[]): Judged {
  const kept = new Map<string, MeasuredValue>();
  const owners = new Map<string, readonly MeasuredValue[]>();
  const findings: Finding[] = [];
  for (const region of regions) {
    for (const value of region) {
      const place = regionKey(value);
      const owner = owners.get(place) ?? region;
      owners.set(place, owner);
      const key = valueKey(value);
      const first = kept.get(key);
      if (first === undefined && owner === region) kept.set(key, value);
      else if (first === undefined)
        findings.push(finding('MEASURE_NOT_STORED', value.path, { quantity: value.quantity }));
      else if (first.value !== value.value) {
        findings.push(finding('DUPLICATE_VALUE_DIFFERS', value.path, { quantity: value.quantity, kept: first.path }));
      }
    }
  }
  return { values: [...kept.values()], findings };
}
