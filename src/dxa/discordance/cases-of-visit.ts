import type { IdentityAnswer } from '../study/history.ts';
import type { DiscordanceCase, SupportingFinding, VisitRemark } from '../values/assessment.ts';
import type { DiscordanceRule, FollowUpView, RuleHit } from './rule.ts';
import { classChangedAsWell } from './scores.ts';

export type SeenByRule = { readonly rule: DiscordanceRule; readonly hits: readonly RuleHit[] };

/**
 * The cases of a visit. Rules that share a case make one of what they see: the first names it, the others support it.
 * While it is open whose scan it is, that is the only case, and what the others saw supports it.
 */
export function casesOfVisit(
  view: FollowUpView,
  seen: readonly SeenByRule[],
  noticed: readonly VisitRemark[],
  answer: IdentityAnswer['answer'] | null,
): readonly DiscordanceCase[] {
  const repeats = noticed.filter(({ code }) => code === 'SAME_DAY_REPEAT_DISAGREES').map(supportingRemark);
  const shared = Map.groupBy(
    seen.flatMap(({ rule, hits }) =>
      rule.casePerRegion === true ? hits.map((hit) => ({ rule, hits: [hit] })) : [{ rule, hits }],
    ),
    ({ rule, hits }) => caseKeyOf(rule, hits),
  );
  const cases = [...shared].flatMap(([caseKey, [first, ...others]]) =>
    first === undefined
      ? []
      : [caseOf(view, caseKey, first, [...others.map(supportingRule), ...(isWork(first) ? repeats : [])])],
  );
  const whose = answer === 'same_person' ? undefined : seen.find(({ rule }) => rule.standsBeforeAll === true);
  if (whose === undefined) return cases;
  const folded = seen.filter(({ rule }) => rule !== whose.rule && rule.tier !== 'information').map(supportingRule);
  return [caseOf(view, caseKeyOf(whose.rule, whose.hits), whose, [...folded, ...repeats])];
}

const isWork = ({ rule }: SeenByRule) => rule.tier !== 'information';

const caseKeyOf = ({ code, sharesCase, casePerRegion }: DiscordanceRule, hits: readonly RuleHit[]) =>
  sharesCase ?? (casePerRegion === true ? `${code} ${hits[0]?.regionPair}` : code);

const supportingRemark = ({ code, says }: VisitRemark): SupportingFinding => ({
  rule: code,
  comparisons: [],
  statement: says,
});

function supportingRule({ rule, hits }: SeenByRule): SupportingFinding {
  return {
    rule: rule.code,
    comparisons: indexesOf(hits),
    statement: hits.map(({ statement }) => statement).join(' '),
  };
}

const indexesOf = (hits: readonly RuleHit[]) => [
  ...new Set(hits.flatMap(({ comparisons }) => comparisons.map(({ index }) => index))),
];

function caseOf(
  view: FollowUpView,
  caseKey: string,
  { rule, hits }: SeenByRule,
  supporting: readonly SupportingFinding[],
): DiscordanceCase {
  const changed =
    rule.topic === 'loss'
      ? classChangedAsWell(
          view,
          hits.flatMap(({ comparisons }) => comparisons),
        )
      : null;
  return {
    rule: rule.code,
    tier: rule.tier,
    topic: rule.topic,
    caseKey,
    followUpStudyId: view.study.studyId,
    studyIds: view.study.studyIds,
    regionPair: hits.map(({ regionPair }) => regionPair).join('|'),
    strength: Math.max(...hits.map(({ strength }) => strength)),
    comparisons: indexesOf(hits),
    trends: hits.flatMap(({ trends }) => trends ?? []),
    facts: Object.assign({}, ...hits.map(({ facts }) => facts ?? {})),
    quoted: [...hits.flatMap(({ quoted }) => quoted ?? []), ...(changed?.quoted ?? [])],
    statement: [...hits.map(({ statement }) => statement), ...(changed === null ? [] : [changed.says])].join(' '),
    supporting,
  };
}
