import type { Finding } from '../../dxa/values/finding.ts';
import type { Micro } from '../../dxa/values/quantity.ts';
import type { CalibrationFactors } from '../../dxa/values/report.ts';
import type { PrivateResults } from '../report/adapter.ts';
import { finding } from '../report/finding.ts';
import { readNumberText } from '../text/number-text.ts';
import type { Assignments } from './assignments.ts';

export type Calibration = { readonly factors: CalibrationFactors | null; readonly findings: readonly Finding[] };

/** The factors that scale what the scanner measures; far from 1 they are something else. */
const PLAUSIBLE = [0.5, 2] as const;

/**
 * ACF and BCF stand as elements of the private XML, and in a footnote ("Total BMD CV 1.0%, ACF = 1.023, BCF = 0.987"). A
 * factor that is told in two ways, or that is no number near 1, is a finding and nothing is kept of it.
 */
export function readCalibration({ text, path }: PrivateResults, assignments: Assignments): Calibration {
  const findings: Finding[] = [];
  const read = (name: 'ACF' | 'BCF'): Micro | null => {
    const texts = textsOf(name, text, assignments);
    if (texts.length === 0) return null;
    const numbers = texts.map(readNumberText).filter(({ kind }) => kind !== 'absent');
    const values = numbers.map((number) =>
      number.kind === 'number' ? number.value : number.kind === 'comma' ? number.decimal : null,
    );
    const [value] = values;
    if (value === undefined) return null;
    const isFactor = value !== null && value >= PLAUSIBLE[0] * 1e6 && value <= PLAUSIBLE[1] * 1e6;
    if (isFactor && values.every((other) => other === value)) return value;
    findings.push(finding('UNREADABLE_VALUE', `${path}/${name}`, { quantity: name, places: values.length }));
    return null;
  };
  const factors = { acf: read('ACF'), bcf: read('BCF') };
  return { factors: factors.acf === null && factors.bcf === null ? null : factors, findings };
}

function textsOf(name: string, text: string, { values }: Assignments): readonly string[] {
  const element = new RegExp(`<${name}>([^<>]{0,32})</${name}>`, 'gi');
  const inNote = new RegExp(String.raw`\b${name}\s*[=:]\s*([+\d.,eE-]{1,24}?)(?=[,;]?(?:\s|$))`, 'i');
  const notes = [...values].flatMap(([key, note]) =>
    /^TableNote\d*$/.test(key) ? (inNote.exec(note)?.[1] ?? []) : [],
  );
  const assigned = values.get(name);
  return [
    ...[...text.matchAll(element)].map((match) => match[1] ?? ''),
    ...(assigned === undefined ? [] : [assigned]),
    ...notes,
  ].map((one) => one.trim());
}
