import { levelShift } from '../metadata/level-shift.ts';
import type { ComparabilityCheck, Comparison } from '../values/assessment.ts';
import { siteName } from '../values/wording.ts';
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

const isAreaDriven = ({ areaShare }: ComparabilityCheck['facts'], { areaDrivenShare }: CaseView['settings']) =>
  typeof areaShare === 'number' && areaShare > areaDrivenShare;

export const MEASUREMENT_EXPLANATIONS: readonly ExplanationRule[] = [
  {
    code: 'LEVEL_SHIFT',
    group: 'measurement',
    weight: 95,
    source: 'clinical-rules section 5, label-shift test (own)',
    weigh: ({ spine, followUp, studies }) => {
      const earlier = spine === null ? undefined : studies.get(spine.reference.studyId);
      const lsc = spine?.lsc?.leastSignificantChange;
      if (earlier === undefined || lsc === undefined) return null;
      const found = levelShift(earlier, followUp, lsc);
      if (found === null) return null;
      const towards = found.shift > 0 ? 'the vertebra below' : 'the vertebra above';
      return {
        says: `BMD and area of the single vertebrae fit the earlier scan better when each is held against ${towards}; the labels of both scans should be compared.`,
        evidence: found,
      };
    },
  },
  fromCheck(
    'AREA_DRIVEN',
    'C13',
    90,
    'clinical-rules R2.4; Watts 2009 (VERIFIED)',
    (sites, { areaPercent }) =>
      `The bone area changed by ${areaPercent} % at ${sites} and explains more than half of the change.`,
    isAreaDriven,
  ),
  fromCheck(
    'VERTEBRAE_CHANGED',
    'C7',
    88,
    'clinical-rules C7, R2.3',
    (_, { reference, followUp, compared }) =>
      `Different vertebrae were measured: ${reference} before, ${followUp} now; ${compared} were compared.`,
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
    'SCAN_MODE_CHANGED',
    'C6',
    72,
    'clinical-rules C6; Tothill 1999 (VERIFIED)',
    (_, { reference, followUp }) => `The scan mode was ${reference} before and is ${followUp} now.`,
  ),
  fromCheck(
    'SOFTWARE_CHANGED',
    'C5',
    70,
    'clinical-rules C5 (RECALLED); Tothill 1999 (VERIFIED)',
    (_, { reference, followUp }) => `The analysis software was ${reference} before and is ${followUp} now.`,
  ),
  fromCheck(
    'AREA_DIFFERS',
    'C13',
    60,
    'clinical-rules R2.4; Leslie group 2006 (VERIFIED)',
    (sites, { areaPercent }) =>
      `The bone area changed by ${areaPercent} % at ${sites}, more than a good repeat would show.`,
    (facts, settings) => !isAreaDriven(facts, settings),
  ),
  fromCheck(
    'REGION_SCANNED_TWICE',
    'C1',
    58,
    'own',
    (sites) => `One of the studies measured ${sites} in more than one scan, of which one was taken.`,
  ),
  {
    code: 'ONE_HIP_ONLY',
    group: 'measurement',
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
    weight: 50,
    source: 'own',
    weigh: ({ spine, hip }) => {
      if (spine === null || hip === null || spine.reference.studyId === hip.reference.studyId) return null;
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
    weight: 30,
    source: 'clinical-rules R1.3, R1.11',
    weigh: ({ found, comparisons }) => {
      const fragile = comparisons.some(({ robust }) => robust === false);
      // Below the limit nothing was significant; such a case is about something else.
      if (comparisons.length === 0 || found.strength < 1 || (found.strength >= NEAR_THE_LIMIT_STRENGTH && !fragile))
        return null;
      return {
        says: `The weaker change is ${found.strength.toFixed(2)} times the least significant change, near enough for measurement error alone to reach it.`,
        evidence: { strength: found.strength, withinUpperLimit: fragile },
      };
    },
  },
];

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
