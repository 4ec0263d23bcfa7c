import { describeVertebrae, parseVertebraeKey } from '../dxa/region.ts';

const REGION_WORDS: Readonly<Record<string, string>> = {
  spine: 'Spine',
  total_hip: 'Total hip',
  femoral_neck: 'Femoral neck',
  trochanter: 'Trochanter',
  radius_33: '33 % radius',
};

const SIDE_WORDS: Readonly<Record<string, string>> = { left: 'left', right: 'right', mean: 'mean of both', none: '' };

/** "Spine L1-L4", "Total hip, left": a region the way a report says it. */
export function regionWords(region: string, vertebrae: string, laterality: string): string {
  const name = REGION_WORDS[region] ?? region.replaceAll('_', ' ');
  const levels = vertebrae === '' ? '' : ` ${describeVertebrae(parseVertebraeKey(vertebrae))}`;
  const side = SIDE_WORDS[laterality] ?? laterality;
  return `${name}${levels}${side === '' ? '' : `, ${side}`}`;
}

const VERDICT_WORDS: Readonly<Record<string, string>> = {
  up: '▲ significant increase',
  down: '▼ significant decrease',
  not_significant: 'no significant change',
  not_comparable: 'not comparable',
  provisional: 'provisional: no LSC on file',
};

export const verdictWords = (verdict: string): string => VERDICT_WORDS[verdict] ?? verdict;

const RULE_WORDS: Readonly<Record<string, string>> = {
  D1_SPINE_UP_HIP_DOWN: 'Spine up, total hip down',
  D2_SPINE_DOWN_HIP_UP: 'Spine down, total hip up',
};

/** The rule in words; a rule without words of its own is shown by its code. */
export const ruleWords = (rule: string): string =>
  RULE_WORDS[rule] ??
  rule
    .replace(/^D\d+N?_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();

/** Rounds a decimal text for display, half away from zero, without going through a binary fraction. */
export function roundDecimal(text: string | null, decimals: number): string {
  if (text === null) return '–';
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace(/^[+-]/, '').split('.');
  const digits = BigInt(whole + fraction.padEnd(decimals + 1, '0').slice(0, decimals + 1));
  const rounded = String((digits + 5n) / 10n).padStart(decimals + 1, '0');
  const shown = decimals === 0 ? rounded : `${rounded.slice(0, -decimals)}.${rounded.slice(-decimals)}`;
  return negative && /[1-9]/.test(shown) ? `−${shown}` : shown;
}

/** A change with its sign, "+0.040" or "−0.025". */
export function signedDecimal(text: string | null, decimals: number): string {
  const shown = roundDecimal(text, decimals);
  return text === null || shown.startsWith('−') || !/[1-9]/.test(shown) ? shown : `+${shown}`;
}

/** A timestamp for people, in UTC and saying so. */
export const momentWords = (moment: Date): string => `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** DICOM's "FAMILY^GIVEN" as "FAMILY, GIVEN". */
export const nameWords = (name: string | null): string =>
  name === null
    ? 'no name in the file'
    : name
        .split('^')
        .filter((part) => part !== '')
        .join(', ');
