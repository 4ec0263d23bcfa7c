import type { ComparisonContext } from '../change/compare-scans.ts';
import { type ScansBySite, trendUpTo } from '../change/region-trend.ts';
import { comparesGrowing, isGrowing } from '../metadata/age.ts';
import { checkVisit } from '../metadata/visit-checks.ts';
import { dayOf, inScanOrder } from '../study/chronology.ts';
import type { IdentityAnswer } from '../study/history.ts';
import { type Visit, visitsByStudy } from '../study/visits.ts';
import type { AssessedVisit, Comparison, DiscordanceCase, VisitRemark } from '../values/assessment.ts';
import { siteKey } from '../values/wording.ts';
import { casesOfVisit, type SeenByRule } from './cases-of-visit.ts';
import type { FollowUpView, IndexedComparison } from './rule.ts';
import { DISCORDANCE_RULES } from './rules.ts';
import { createMemory, type Memory, saidNow } from './said-once.ts';

/** Everything that the rules look at: what was compared, and what a person has said. */
export type ToEvaluate = {
  readonly visits: readonly Visit[];
  readonly comparisons: readonly Comparison[];
  readonly scans: ScansBySite;
  readonly answers: ReadonlyMap<string, IdentityAnswer['answer']>;
  readonly context: ComparisonContext;
};

type ToLookAt = {
  readonly view: FollowUpView;
  /** Every comparison of the visit, also those that a growing person's rules leave out. */
  readonly compared: readonly IndexedComparison[];
};

/** What the rules see of each visit, in order. A visit of another person comes before no other. */
export function viewsOfVisits({ visits, comparisons, scans, answers, context }: ToEvaluate): readonly ToLookAt[] {
  const byStudy = visitsByStudy(visits);
  const indexed = comparisons.map((comparison, index): IndexedComparison => ({ ...comparison, index }));
  const byVisit = Map.groupBy(indexed, ({ followUp }) => byStudy.get(followUp.studyId)?.studyId);
  const ordered = inScanOrder(visits);
  const ofAdults: ScansBySite = new Map(
    [...scans].map(([site, ofSite]) => [site, ofSite.filter(({ study }) => !isGrowing(study, context.settings))]),
  );
  return ordered.map((visit, place) => {
    const earlier = ordered.slice(0, place).filter(({ studyId }) => answers.get(studyId) !== 'other_person');
    const compared = byVisit.get(visit.studyId) ?? [];
    return { view: viewOf(visit, earlier, compared, byStudy, ofAdults, context), compared };
  });
}

/** Asks every rule about every visit; cases in order of visit, then of rule. */
export function evaluateVisits(all: ToEvaluate): {
  readonly cases: readonly DiscordanceCase[];
  readonly visits: readonly AssessedVisit[];
} {
  const memory = createMemory();
  const evaluated = viewsOfVisits(all).map((one) => evaluateVisit(one, memory, all));
  return { cases: evaluated.flatMap(({ cases }) => cases), visits: evaluated.map(({ assessed }) => assessed) };
}

function evaluateVisit(
  { view, compared }: ToLookAt,
  memory: Memory,
  { answers, context }: ToEvaluate,
): { readonly cases: readonly DiscordanceCase[]; readonly assessed: AssessedVisit } {
  const { settings, onFile } = context;
  const visit = view.study;
  const answer = answers.get(visit.studyId);
  const isOthers = answer === 'other_person';
  const noticed = isOthers
    ? [OTHER_PERSON]
    : checkVisit({ visit, earlier: view.earlier, visits: view.studies, compared, onFile, settings });
  const continuing: VisitRemark[] = [];
  const seen = DISCORDANCE_RULES.filter(({ standsBeforeAll }) => !isOthers || standsBeforeAll === true).flatMap(
    (rule): readonly SeenByRule[] => {
      const { hits, continues } = saidNow(memory, rule, view, context);
      continuing.push(...continues);
      return hits.length === 0 ? [] : [{ rule, hits }];
    },
  );
  const cases = casesOfVisit(view, seen, noticed, answer ?? null);
  return {
    cases,
    assessed: {
      studyId: visit.studyId,
      studyIds: visit.studyIds,
      scannedOn: dayOf(visit.scannedAt),
      scannerId: visit.measurements[0]?.scanner.scannerId ?? '',
      remarks: [...noticed, ...continuing, ...cases.filter(({ tier }) => tier === 'information').map(remarkOf)],
    },
  };
}

const OTHER_PERSON: VisitRemark = {
  code: 'OTHER_PERSON',
  kind: 'information',
  subject: 'person',
  says: 'A person found that this is a scan of another person: it is compared with nothing.',
  facts: {},
};

const remarkOf = ({ rule, regionPair, statement, facts }: DiscordanceCase): VisitRemark => ({
  code: rule,
  kind: 'information',
  subject: regionPair,
  says: statement,
  facts,
});

function viewOf(
  study: Visit,
  earlier: readonly Visit[],
  comparisons: readonly IndexedComparison[],
  studies: ReadonlyMap<string, Visit>,
  scans: ScansBySite,
  context: ComparisonContext,
): FollowUpView {
  const { settings } = context;
  // Where there is no baseline of its own, the previous scan is the baseline; a scan of childhood is one, if none to judge by.
  const ofItsOwn = new Set(comparisons.filter(({ kind }) => kind === 'baseline').map(siteOf));
  const grown = comparisons.filter((comparison) => !comparesGrowing(comparison, studies, settings));
  const previous = grown.filter(({ kind }) => kind === 'previous');
  const baseline = grown.filter(({ kind }) => kind === 'baseline');
  return {
    study,
    studies,
    earlier,
    previous,
    baseline,
    sinceBaseline: [...previous.filter((one) => !ofItsOwn.has(siteOf(one))), ...baseline],
    trendOf: (comparison) => trendUpTo(scans, comparison, context),
    settings,
  };
}

/** A region and side, whichever vertebrae could be compared. */
const siteOf = (comparison: Comparison) => siteKey({ ...comparison, roi: { ...comparison.roi, vertebrae: [] } });
