import { shiftOfPair } from '../metadata/level-shift.ts';
import type { ComparabilityCheck, Comparison } from '../values/assessment.ts';
import { sentence, siteName } from '../values/wording.ts';
import type { CaseView, ExplanationRule } from './explanation.ts';

/** Explanations that one comparability check already carries: its code, what it weighs and how it is worded. */
function fromCheck(
  code: string,
  rule: string,
  weight: number,
  source: string,
  says: (sites: string, facts: ComparabilityCheck['facts']) => string,
  when: (facts: ComparabilityCheck['facts'], settings: CaseView['settings']) => boolean = () => true,
): ExplanationRule {
  return {
    code,
    group: 'measurement',
    basis: 'measured',
    weight,
    source,
    weigh: ({ comparisons, settings }) => {
      const hits = comparisons.flatMap((comparison) =>
        comparison.checks
          .filter((check) => check.rule === rule && check.outcome === 'warn' && when(check.facts, settings))
          .map((check) => ({ comparison, check })),
      );
      const [first] = hits;
      if (first === undefined) return null;
      const sites = [...new Set(hits.map(({ comparison }) => siteName(comparison)))].join(' and ');
      return { says: says(sites, first.check.facts), evidence: { sites, ...first.check.facts } };
    },
  };
}

/** "rose by 3.9 %": the fact as it is stored, rounded for the sentence alone. */
function moved(percent: ComparabilityCheck['facts'][string] | undefined): string {
  const value = Number(percent);
  return `${value < 0 ? 'fell' : 'rose'} by ${Math.abs(value).toFixed(1)} %`;
}

/** It could as well change the area of a scan of the same person. */
const alsoOfIdentity = (rule: ExplanationRule): ExplanationRule => ({ ...rule, ofIdentity: true });

const isAreaDriven = ({ areaShare }: ComparabilityCheck['facts'], { areaDrivenShare }: CaseView['settings']) =>
  typeof areaShare === 'number' && areaShare > areaDrivenShare;

export const MEASUREMENT_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'LEVEL_SHIFT',
    group: 'measurement',
    basis: 'measured',
    weight: 95,
    ofIdentity: true,
    source: 'clinical-rules section 5, label-shift test (own)',
    // Of every pair of spines that the visit's own remark looks at, and of the case's where that is another.
    weigh: ({ spine, ofStudy, studies, settings }) => {
      if (spine === null) return null;
      const [found] = [spine, ...ofStudy].flatMap((pair) => shiftOfPair(pair, studies, settings) ?? []);
      return found === undefined ? null : { says: found.says, evidence: found.shift };
    },
  },
  fromCheck(
    'AREA_DRIVEN',
    'C13',
    90,
    'clinical-rules R2.4; Watts 2009 (VERIFIED)',
    (sites, { areaPercent }) =>
      `The bone area ${moved(areaPercent)} at ${sites}, which explains more than half of the change.`,
    isAreaDriven,
  ),
  alsoOfIdentity(
    fromCheck(
      'VERTEBRAE_CHANGED',
      'C7',
      88,
      'clinical-rules C7, R2.3',
      (_, { reference, followUp, compared }) =>
        `Different vertebrae were measured: ${reference} before, ${followUp} now; ${compared} were compared.`,
    ),
  ),

  fromCheck(
    'SCANNERS_CROSS_CALIBRATED',
    'C2',
    75,
    'clinical-rules C2, R2.1 (ISCD)',
    () => 'The scans are from two scanners and were compared through a cross-calibration.',
  ),
  fromCheck(
    'PHANTOM_OUT_OF_CONTROL',
    'C18',
    74,
    'clinical-rules C18, section 6',
    () => 'The phantom was out of control on the day of one of the scans.',
  ),
  fromCheck(
    'DEMOGRAPHICS_CHANGED',
    'C17',
    73,
    'clinical-rules C17 (own)',
    (_, facts) => `${differing(facts)} of the scans: T-scores cannot be compared, and both may not be of one person.`,
  ),
  alsoOfIdentity(
    fromCheck(
      'SCAN_MODE_CHANGED',
      'C6',
      72,
      'clinical-rules C6; Tothill 1999 (VERIFIED)',
      (_, { reference, followUp }) => `The scan mode was ${reference} before and is ${followUp} now.`,
    ),
  ),

  alsoOfIdentity(
    fromCheck(
      'SOFTWARE_CHANGED',
      'C5',
      70,
      'clinical-rules C5 (RECALLED); Tothill 1999 (VERIFIED)',
      (_, { reference, followUp }) => `The analysis software was ${reference} before and is ${followUp} now.`,
    ),
  ),

  fromCheck(
    'AREA_DIFFERS',
    'C13',
    60,
    'clinical-rules R2.4; Leslie group 2006 (VERIFIED)',
    (sites, { areaPercent }) => `The bone area ${moved(areaPercent)} at ${sites}, more than a good repeat would show.`,
    (facts, settings) => !isAreaDriven(facts, settings),
  ),
  alsoOfIdentity(
    fromCheck(
      'REGION_SCANNED_TWICE',
      'C1',
      58,
      'own',
      (sites) => `One of the studies measured ${sites} in more than one scan, of which one was taken.`,
    ),
  ),

  {
    code: 'ONE_HIP_ONLY',
    group: 'measurement',
    basis: 'measured',
    weight: 55,
    source: 'Cole 2006 (VERIFIED): left and right total hip differ beyond the LSC in 47 %',
    weigh: ({ hip, ofStudy }) => {
      const other = otherHip(hip, ofStudy);
      if (hip === null || other === undefined) return null;
      if (hip.verdict !== 'up' && hip.verdict !== 'down') return null;
      return {
        says: `Only the ${siteName(hip)} changed significantly, the ${siteName(other)} did not; positioning and regions of that hip should be compared.`,
        evidence: { changed: hip.laterality, unchanged: other.laterality },
      };
    },
  },
  {
    code: 'DIFFERENT_EARLIER_SCANS',
    group: 'measurement',
    basis: 'measured',
    weight: 50,
    source: 'own',
    weigh: ({ spine, hip }) => {
      if (spine === null || hip === null || spine.reference.scannedOn === hip.reference.scannedOn) return null;
      const dates = { spineSince: spine.reference.scannedOn, hipSince: hip.reference.scannedOn };
      return {
        says: `Spine and hip are held against scans of different days: ${dates.spineSince} and ${dates.hipSince}.`,
        evidence: dates,
      };
    },
  },
  {
    code: 'NEAR_THE_LIMIT',
    group: 'chance',
    basis: 'measured',
    weight: 30,
    source: 'clinical-rules R1.3, R1.11',
    weigh: ({ found, named }) => {
      const fragile = named.some(({ robust }) => robust === false);
      // Below the limit nothing was significant; such a case is about something else.
      if (named.length === 0 || found.strength < 1 || (found.strength >= NEAR_THE_LIMIT_STRENGTH && !fragile))
        return null;
      return {
        says: `The weaker change is ${found.strength.toFixed(2)} times the least significant change, near enough for measurement error alone to reach it.`,
        evidence: { strength: found.strength, withinUpperLimit: fragile },
      };
    },
  },
];

const DEMOGRAPHICS = { sexDiffers: 'Sex', birthDateDiffers: 'Birth date', ethnicGroupDiffers: 'Ethnic group' } as const;

/** "Sex and birth date differ between the records". */
function differing(facts: ComparabilityCheck['facts']): string {
  const names = Object.entries(DEMOGRAPHICS).flatMap(([fact, name]) => (facts[fact] === true ? [name] : []));
  return `${sentence(names.join(' and ').toLowerCase())} ${names.length > 1 ? 'differ' : 'differs'} between the files`;
}

/** Own: within the 30 % by which a precision error from 27 degrees of freedom may be too small (R1.3). */
export const NEAR_THE_LIMIT_STRENGTH = 1.29;

function otherHip(hip: CaseView['hip'], ofStudy: CaseView['ofStudy']): Comparison | undefined {
  if (hip === null || (hip.laterality !== 'left' && hip.laterality !== 'right')) return undefined;
  const other = hip.laterality === 'left' ? 'right' : 'left';
  return ofStudy.find(
    ({ roi, laterality, verdict }) =>
      roi.region === hip.roi.region && laterality === other && verdict === 'not_significant',
  );
}
