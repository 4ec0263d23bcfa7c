import type { ComparabilityCheck } from '../values/assessment.ts';
import { COMPARABILITY_CODES, type ComparabilityCode } from '../values/codes.ts';
import { describeVertebrae, parseVertebraeKey } from '../values/region.ts';

const textOf = (code: string): string => COMPARABILITY_CODES[code as ComparabilityCode]?.text ?? code;

/** A text of a code as part of a sentence: its first word small, unless it is an abbreviation, and no full stop. */
const within = (text: string): string =>
  text.replace(/^[A-Z](?![A-Z])/, (first) => first.toLowerCase()).replace(/\.$/, '');

/** Of two different scanners the model and the manufacturer are named beside it. */
const SAID_BY_SCANNER: readonly string[] = ['MODEL_DIFFERS', 'MANUFACTURER_DIFFERS'];

/** Why two scans could not be compared, in plain words: "the scans are from different scanners and …". */
export function whyNotCompared(checks: readonly ComparabilityCheck[]): string {
  const blocks = checks.filter(({ outcome }) => outcome === 'block');
  const byScanner = blocks.some(({ code }) => code === 'SCANNER_DIFFERS');
  const reasons = blocks.filter(({ code }) => !byScanner || !SAID_BY_SCANNER.includes(code)).map(reasonOf);
  return [...new Set(reasons)].join('; ');
}

/** Why a change may not be called significant or not. */
export function whyNotJudged(checks: readonly ComparabilityCheck[]): string {
  const reasons = checks.filter(({ rule, outcome }) => rule === 'C16' && outcome !== 'ok').map(reasonOf);
  return reasons.length === 0 ? 'no least significant change applies' : [...new Set(reasons)].join('; ');
}

function reasonOf({ code, facts }: ComparabilityCheck): string {
  switch (code) {
    case 'SIDE_DIFFERS':
      return `the earlier scan is of the ${facts['reference']} side`;
    case 'VERTEBRAE_DIFFER':
      return `${within(textOf(code))} (${vertebrae(facts['reference'])} then, ${vertebrae(facts['followUp'])} now)`;
    case 'NO_LSC':
      return 'no LSC on file covers scanner, region, side and both days';
    default:
      return within(textOf(code));
  }
}

export const vertebrae = (key: unknown): string =>
  typeof key === 'string' && key !== '' ? describeVertebrae(parseVertebraeKey(key)) : 'none';

/** Said in the line of the site itself. */
const SAID_ELSEWHERE: readonly string[] = [
  'CROSS_CALIBRATED',
  'CROSS_CALIBRATION_INCOMPLETE',
  'NO_LSC',
  'SECONDARY_REGION',
  'FOREARM_INFORMATIVE',
  'VERTEBRAE_REDUCED',
  'VERTEBRAE_REBUILT',
];

/** What a compared pair was marked with and the line of its site does not say. */
export const marksOf = (checks: readonly ComparabilityCheck[]): readonly string[] =>
  checks
    .filter(({ outcome, code }) => outcome === 'warn' && !SAID_ELSEWHERE.includes(code))
    .map(({ code }) => textOf(code));
