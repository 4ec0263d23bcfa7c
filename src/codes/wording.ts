import { lookup } from '../dxa/values/lookup.ts';
import { describeVertebrae, parseVertebraeKey } from '../dxa/values/region.ts';

const REGION_LABELS = lookup({
  spine: 'Spine',
  total_hip: 'Total hip',
  femoral_neck: 'Femoral neck',
  trochanter: 'Trochanter',
  radius_33: '33 % radius',
});

const SIDE_LABELS = lookup({ left: 'left', right: 'right', mean: 'mean of both', none: '' });

/** "Spine L1-L4", "Total hip, left": a region the way a report says it. */
export function formatRegion(region: string, vertebrae: string, laterality: string): string {
  const name = REGION_LABELS[region] ?? region.replaceAll('_', ' ');
  const levels = vertebrae === '' ? '' : ` ${describeVertebrae(parseVertebraeKey(vertebrae))}`;
  const side = SIDE_LABELS[laterality] ?? laterality;
  return `${name}${levels}${side === '' ? '' : `, ${side}`}`;
}

const VERDICT_LABELS = lookup({
  up: '▲ significant increase',
  down: '▼ significant decrease',
  not_significant: 'no significant change',
  not_comparable: 'not comparable',
  provisional: 'provisional: no LSC on file',
});

export const verdictLabel = (verdict: string): string => VERDICT_LABELS[verdict] ?? verdict;

const RULE_LABELS = lookup({
  D1_SPINE_UP_HIP_DOWN: 'Spine up, total hip down',
  D1N_SPINE_UP_NECK_DOWN: 'Spine up, femoral neck down',
  D2_SPINE_DOWN_HIP_UP: 'Spine down, total hip up',
  D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE: 'Spine up, total hip down since the baseline',
  D2B_SPINE_DOWN_HIP_UP_SINCE_BASELINE: 'Spine down, total hip up since the baseline',
  L1_LOSS_AT_BOTH_SITES: 'Loss at spine and hip',
  L2_CONFIRMED_LOSS: 'Confirmed loss',
  L3_ROBUST_LOSS: 'Loss well beyond the LSC',
  L4_SINGLE_LOSS: 'Loss at one site',
  MAYBE_OTHER_PERSON: 'Whose scan is this?',
  ONE_HIP_DIFFERS: 'One hip against the spine',
  T_AGAINST_BMD: 'T-score against BMD',
});

/** Up and down by shape, so that they can be told apart without colour and by ear. */
export const verdictArrow = (verdict: string): string =>
  verdict === 'up'
    ? '<span role="img" aria-label="significant increase">▲</span>'
    : verdict === 'down'
      ? '<span role="img" aria-label="significant decrease">▼</span>'
      : verdict === 'provisional'
        ? '<span role="img" aria-label="provisional, no LSC">?</span>'
        : '<span role="img" aria-label="not significant">≈</span>';

export const STATE_LABELS = lookup({
  open: 'open',
  in_review: 'in review',
  resolved: 'resolved',
  withdrawn: 'withdrawn',
  reopened: 'reopened',
});

export const TIER_LABELS = lookup({
  review: 'review',
  check: 'check',
  information: 'information',
});

export const TOPIC_LABELS = lookup({ loss: 'Loss', discordance: 'Discordance', technical: 'Technical' });

export const DISPOSITION_LABELS = lookup({
  technical_error: 'technical error',
  artefact: 'artefact',
  true_discordance: 'true discordance',
  true_loss: 'true loss',
  expected_treatment_effect: 'expected treatment effect',
  weight_change: 'weight change',
  rescan_requested: 'rescan requested',
  other: 'other',
  same_person: 'same person',
  other_person: 'scan of another person',
});

const DAY_MS = 86_400_000;

/** How long ago in the largest whole unit: "3 days", "5 h". */
export function formatAge(moment: Date, now: Date): string {
  const elapsed = Math.max(0, now.getTime() - moment.getTime());
  const days = Math.floor(elapsed / DAY_MS);
  if (days > 0) return days === 1 ? '1 day' : `${days} days`;
  const hours = Math.floor(elapsed / 3_600_000);
  return hours > 0 ? `${hours} h` : `${Math.floor(elapsed / 60_000)} min`;
}

/** The rule in words; a rule without words of its own is shown by its code. */
export function ruleLabel(rule: string): string {
  const words = RULE_LABELS[rule];
  if (words !== undefined) return words;
  const code = rule
    .replace(/^D\d+N?_/i, '')
    .replaceAll('_', ' ')
    .toLowerCase()
    .replaceAll(/\bt score\b/g, 'T-score');
  return code.charAt(0).toUpperCase() + code.slice(1);
}

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
export const formatMoment = (moment: Date): string => `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** DICOM's "FAMILY^GIVEN" as "FAMILY, GIVEN". */
export const formatPersonName = (name: string | null): string =>
  name === null
    ? 'no name in the file'
    : name
        .split('^')
        .filter((part) => part !== '')
        .join(', ');

const amount = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

/** What became of a choice, in a sentence. */
export function requeuedMessage(files: number, patients: number): string {
  if (files + patients === 0) return 'Nothing was retried: the selected entries are no longer listed.';
  return `${amount(files, 'file')} and ${amount(patients, 'patient')} will be retried, after new scans.`;
}
