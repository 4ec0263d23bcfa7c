import { DISCORDANCE_RULES } from '../discordance/rules.ts';
import type { DiscordanceCase, RegionTrend, VisitRemark } from '../values/assessment.ts';
import { formatMicro } from '../values/quantity.ts';
import { listed } from '../values/wording.ts';
import { type ReportedVisit, workOf } from './reported-visit.ts';
import { sitesOfKeys, siteText } from './site-text.ts';

const saysOf = (rule: string) => DISCORDANCE_RULES.find(({ code }) => code === rule)?.says ?? rule;

/** T-scores of one day, not changes. */
const CROSS_SECTIONAL = 'D8_MAJOR_T_SCORE_DISCORDANCE';

/** True where changes of sites oppose each other at this visit. */
export const isDiscordant = (view: ReportedVisit): boolean =>
  workOf(view, 'discordance').some(({ rule }) => rule !== CROSS_SECTIONAL);

/** What the changes of the visit mean together: discordance, loss, what goes on. Each statement with its source. */
export function patternLines(view: ReportedVisit): readonly string[] {
  const { remarks } = view.assessed;
  const discordances = workOf(view, 'discordance');
  const patterns = discordances.filter(({ rule }) => rule !== CROSS_SECTIONAL);
  const having = (code: string) => remarks.filter((remark) => remark.code === code);
  return [
    ...(patterns.length === 0 ? [] : [patternLine(patterns)]),
    ...workOf(view, 'loss').map((loss) => lossLine(view, loss)),
    ...discordances.filter(({ rule }) => rule === CROSS_SECTIONAL).map(scoresLine),
    ...having('CONTINUES_SINCE').map(continuesLine),
    ...having('ONE_HIP_FELL').map(({ says }) => `One hip: ${says}`),
    ...having('D10_CLASS_SHIFT_NOT_SIGNIFICANT').map(classShiftLine),
  ];
}

/** A class that changed without its BMD is no change of bone (R3.8). */
const classShiftLine = ({ subject }: VisitRemark) =>
  `Class shift: the class by T-score at the ${listed(sitesOfKeys(subject))} is another than at the visit compared with, while BMD did not change significantly there; change is read from BMD, not from T-scores (ISCD).`;

const CONFOUNDERS =
  'degeneration of the spine (Tenne 2013), change of weight (fat-overlay study, J Clin Densitom 2006), positioning and analysis regions';
const VERIFIED_FIRST =
  'The measurement is to be verified first: 93 % of 485 earlier examinations had at least one error (Messina 2015).';
const HIP_PREDICTS = 'Hip BMD predicts fractures at several sites better than spine BMD does (Leslie 2007).';

/** D2 and D2B have a technical cause more often than a true one (clinical-rules 4.1). */
const OFTEN_TECHNICAL = /^D2B?_/;

function patternLine(patterns: readonly DiscordanceCase[]): string {
  const meaning = patterns.every(({ rule }) => OFTEN_TECHNICAL.test(rule))
    ? `A confounded measurement is likelier than a differential response of the two sites (clinical rules 4.1): mislabelled vertebrae, ${CONFOUNDERS}.`
    : `That means either a differential response of the two sites, as on teriparatide after a bisphosphonate (Lyu 2019), or a confounded measurement: ${CONFOUNDERS}.`;
  return `Pattern: ${patterns.map(({ rule }) => saysOf(rule)).join(' ')} ${meaning} ${VERIFIED_FIRST} ${HIP_PREDICTS}`;
}

const LOSS_MEANS =
  'Loss beyond the LSC is associated with a higher risk of fracture (ISCD 2019, PMID 31378452). The measurement is to be verified first.';

const LOSS_DETAIL: Readonly<Record<string, string>> = {
  L2_CONFIRMED_LOSS: ' since the baseline',
  L3_ROBUST_LOSS: ', also if the precision error were underestimated (upper limit of the LSC)',
};

function lossLine({ comparisonsOfAll }: ReportedVisit, { rule, trends, comparisons }: DiscordanceCase): string {
  const sites = comparisons.flatMap((index) => comparisonsOfAll[index] ?? []).map(siteText);
  const lines = trends.map((trend) => ` ${trendText(trend)}`).join('');
  return `Loss: significant at the ${listed(sites)}${LOSS_DETAIL[rule] ?? ''}.${lines} ${LOSS_MEANS}`;
}

function trendText({ studyIds, firstOn, annualRate, annualPercent, ...site }: RegionTrend): string {
  const rate = `${formatMicro(Math.abs(annualRate), 3)} g/cm² (${formatMicro(Math.abs(annualPercent), 1)} %)`;
  return `The line through ${studyIds.length} scans of the ${siteText(site)} since ${firstOn} falls significantly, by ${rate} a year.`;
}

const scoresLine = ({ statement }: DiscordanceCase) =>
  `T-scores: ${statement} About 5 % of women differ by that much (Woodson 2000).`;

const GOES_ON: Readonly<Record<string, string>> = {
  D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE: 'spine up and hip down',
  D2B_SPINE_DOWN_HIP_UP_SINCE_BASELINE: 'spine down and hip up',
  L1_LOSS_AT_BOTH_SITES: 'loss at both sites',
  L2_CONFIRMED_LOSS: 'confirmed loss',
};

/** What goes on without a further LSC, by the rule that said it. */
function continuesLine({ facts, says, subject }: VisitRemark): string {
  const { rule, since } = facts;
  if (rule === CROSS_SECTIONAL) return `T-scores: spine and total hip are two classes apart, as on ${since}.`;
  const what = typeof rule === 'string' ? GOES_ON[rule] : undefined;
  if (what === undefined) return says;
  return `Continues since ${since}: ${what} (${listed(sitesOfKeys(subject))}), without a further change by the LSC.`;
}
