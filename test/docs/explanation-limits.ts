import { RESPONSE_PERCENT } from '../../src/dxa/explanations/checklist.ts';
import { NEAR_THE_LIMIT_STRENGTH } from '../../src/dxa/explanations/measurement.ts';
import { DEGENERATION_AGE, DEGENERATION_RATES, LATER_RATES_AGE } from '../../src/dxa/explanations/spine-artefact.ts';
import { ANABOLIC_DAYS } from '../../src/dxa/explanations/treatment.ts';
import { fixed, type RuleValue } from './rule-value.ts';

const OPRA = 'OPRA (Tenne 2013).';

/** Limits of the explanations and of the checklist. */
export const EXPLANATION_LIMITS: readonly RuleValue[] = [
  fixed(
    'DEGENERATION_AGE',
    `${DEGENERATION_AGE} years`,
    'From here on degeneration is named as an explanation of a rising spine.',
    '4.2',
    OPRA,
    'VERIFIED',
  ),
  fixed(
    'LATER_RATES_AGE',
    `${LATER_RATES_AGE} years`,
    'From here on the rates seen at 85 are quoted, before it those at 75.',
    '4.2',
    'Halfway between the two ages of the cohort.',
    'own',
  ),
  ...Object.entries(DEGENERATION_RATES).map(([age, rates]) =>
    fixed(
      `DEGENERATION_RATES.${age}`,
      rates.map((rate) => `${rate} %`).join(', '),
      `Women with degenerative change at L1, L2, L3, L4 at ${age}.`,
      '4.2',
      OPRA,
      'VERIFIED',
    ),
  ),
  fixed(
    'ANABOLIC_DAYS',
    `${ANABOLIC_DAYS} days`,
    'Time after the start of teriparatide or abaloparatide in which spine up and hip down is known (18 months).',
    '4.4',
    'Watts 2009, for the neck.',
    'VERIFIED',
  ),
  ...Object.entries(RESPONSE_PERCENT).map(([marker, percent]) =>
    fixed(
      `RESPONSE_PERCENT.${marker}`,
      `${percent} %`,
      `Fall of ${marker} beyond which it counts as a response.`,
      '4.5',
      'IOF-ECTS 2017.',
      'VERIFIED',
    ),
  ),
  fixed(
    'NEAR_THE_LIMIT_STRENGTH',
    String(NEAR_THE_LIMIT_STRENGTH),
    'Below this many LSC a change is called near the limit.',
    'R1.3',
    'The 30 % by which a precision error of 27 degrees of freedom may be too small.',
    'own',
  ),
];
