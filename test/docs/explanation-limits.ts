import { DENOSUMAB_REBOUND_DAYS } from '../../src/dxa/explanations/denosumab.ts';
import { RESPONSE_PERCENT } from '../../src/dxa/explanations/marker-response.ts';
import { NEAR_THE_LIMIT_STRENGTH } from '../../src/dxa/explanations/measurement.ts';
import { DEGENERATION_AGE, DEGENERATION_RATES, LATER_RATES_AGE } from '../../src/dxa/explanations/spine-artefact.ts';
import { ZOLEDRONATE_DOSE_DAYS } from '../../src/dxa/study/treatment-course.ts';
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
    'DENOSUMAB_REBOUND_DAYS',
    `${DENOSUMAB_REBOUND_DAYS} days`,
    'Time after the last denosumab up to which an earlier scan may stand before the loss that follows.',
    '4.4',
    'Bone 2011: what was gained is lost within two years.',
    'RECALLED',
  ),
  fixed(
    'ZOLEDRONATE_DOSE_DAYS',
    `${ZOLEDRONATE_DOSE_DAYS} days`,
    'Time that a dose of zoledronate, entered as one day, lasts.',
    '4.4',
    'It is given once a year.',
    'own',
  ),
  ...Object.entries(RESPONSE_PERCENT).map(([marker, percent]) =>
    fixed(
      `RESPONSE_PERCENT.${marker}`,
      `${percent} %`,
      `Change of ${marker} beyond which it counts as a response: a fall, or a rise on an anabolic agent (own).`,
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
