import { type ComparisonContext, compareScans } from '../change/compare-scans.ts';
import { reaches } from '../change/judge-change.ts';
import { meansOfHips } from '../change/mean-of-hips.ts';
import { regionScans } from '../scan/region-scan.ts';
import { dayOf } from '../study/chronology.ts';
import type { Visit } from '../study/visits.ts';
import type { Comparison, VisitRemark } from '../values/assessment.ts';
import type { Micro } from '../values/quantity.ts';
import { siteKey } from '../values/wording.ts';
import { confirmedLoss, lossAtBothSites } from './loss.ts';
import type { DiscordanceRule, FollowUpView, IndexedComparison, RuleHit } from './rule.ts';
import {
  spineDownHipUp,
  spineDownHipUpSinceBaseline,
  spineUpHipDown,
  spineUpHipDownSinceBaseline,
} from './spine-and-hip.ts';

/** Where something was last said, with the changes since the baseline as they stood then. */
type Said = { readonly visit: Visit; readonly sinceBaseline: readonly Comparison[] };

/** What was said at which visit of one patient. A function of the visits in their order, and of nothing else. */
export type Memory = { readonly said: Map<string, Said>; readonly shownSince: Map<string, string> };

export const createMemory = (): Memory => ({ said: new Map(), shownSince: new Map() });

/** What is said against the previous scan counts as said since the baseline too. */
const ALSO_SAYS: Readonly<Record<string, string>> = {
  [spineUpHipDown.code]: spineUpHipDownSinceBaseline.code,
  [spineDownHipUp.code]: spineDownHipUpSinceBaseline.code,
  [lossAtBothSites.code]: lossAtBothSites.code,
};

/** What a rule has to say at a visit, and what goes on since it was last said (surveillance 2 and 3). */
export function saidNow(
  memory: Memory,
  rule: DiscordanceRule,
  view: FollowUpView,
  context: ComparisonContext,
): { readonly hits: readonly RuleHit[]; readonly continues: readonly VisitRemark[] } {
  const hits: RuleHit[] = [];
  const continues: VisitRemark[] = [];
  const seen = rule.evaluate(view);
  for (const hit of seen) {
    const since = continuesSince(memory, rule, hit, view, context) ?? shownSince(memory, rule, view);
    if (since !== null) continues.push(continuesRemark(rule, hit, since));
    else {
      hits.push(hit);
      const key = hit.carriedBy === undefined ? ALSO_SAYS[rule.code] : keyOf(rule, hit);
      if (key !== undefined) memory.said.set(key, { visit: view.study, sinceBaseline: view.sinceBaseline });
    }
  }
  if (rule.saidOnce?.(view) === true) {
    if (seen.length === 0) memory.shownSince.delete(rule.code);
    else if (!memory.shownSince.has(rule.code)) memory.shownSince.set(rule.code, dayOf(view.study.scannedAt));
  }
  return { hits, continues };
}

/** A confirmed loss is said of each site; what leans on two sites is said of the visit. */
const keyOf = ({ code }: DiscordanceRule, { regionPair }: RuleHit) =>
  code === confirmedLoss.code ? `${code} ${siteWithoutVertebrae(regionPair)}` : code;

const siteWithoutVertebrae = (site: string) => site.replace(/:[^:]*:/, '::');

function shownSince(memory: Memory, rule: DiscordanceRule, view: FollowUpView): string | null {
  return rule.saidOnce?.(view) === true ? (memory.shownSince.get(rule.code) ?? null) : null;
}

/** The day at which the same was said, where no site that carries it has moved on by a further LSC since; else null. */
function continuesSince(
  memory: Memory,
  rule: DiscordanceRule,
  hit: RuleHit,
  view: FollowUpView,
  context: ComparisonContext,
): string | null {
  const said = hit.carriedBy === undefined ? undefined : memory.said.get(keyOf(rule, hit));
  if (said === undefined) return null;
  return hit.carriedBy?.some((site) => movedOn(said, view.study, site, context)) ? null : dayOf(said.visit.scannedAt);
}

function movedOn(said: Said, visit: Visit, site: IndexedComparison, context: ComparisonContext): boolean {
  const then = scanOf(said.visit, site, context);
  const now = scanOf(visit, site, context);
  if (then !== undefined && now !== undefined) {
    const { verdict } = compareScans('previous', then, now, context);
    if (verdict === 'up' || verdict === 'down' || verdict === 'not_significant') return verdict === site.verdict;
  }
  const before = said.sinceBaseline.find(
    ({ roi, laterality }) => roi.region === site.roi.region && laterality === site.laterality,
  );
  // Another site carries it than the last time: that was not said.
  if (before === undefined || before.delta === null || site.delta === null || site.lsc === null) return true;
  const moved = (site.delta - before.delta) as Micro;
  const onwards = site.verdict === 'down' ? moved < 0 : moved > 0;
  return onwards && reaches(moved, site.lsc.leastSignificantChange, context.settings.significanceOperator);
}

function scanOf(visit: Visit, { roi, laterality }: Comparison, { onFile }: ComparisonContext) {
  const scans = regionScans(visit);
  const candidates = laterality === 'mean' ? meansOfHips(scans, onFile.lscEntries) : scans;
  return candidates.find((scan) => scan.region === roi.region && scan.laterality === laterality);
}

function continuesRemark({ code }: DiscordanceRule, hit: RuleHit, since: string): VisitRemark {
  const sites = (hit.carriedBy ?? []).map(siteKey).join('|');
  return {
    code: 'CONTINUES_SINCE',
    kind: 'information',
    subject: sites === '' ? hit.regionPair : sites,
    says: `Continues since ${since}, without a further least significant change: ${hit.statement}`,
    facts: { rule: code, since },
  };
}
