import { EXPECTED_RESPONSES } from '../../src/dxa/change/expected-response.ts';
import { COMPARABILITY_CHECKS, type Outcome } from '../../src/dxa/comparability/checks.ts';
import { DISCORDANCE_RULES } from '../../src/dxa/discordance/rules.ts';
import { EXPLANATION_RULES, rankExplanations } from '../../src/dxa/explanations/explain-case.ts';
import { VISIT_CODES } from '../../src/dxa/metadata/codes.ts';
import { CONSISTENCY_CODES } from '../../src/dxa/scan/consistency.ts';
import { GRADES } from '../../src/dxa/values/grade.ts';
import { JOB_CODES } from '../../src/jobs/codes.ts';
import { SCORE_REFERENCES } from '../../src/vendors/report/check-scores.ts';
import { checklistOf } from '../dxa/nothing-known.ts';
import { FIXED_VALUES } from './fixed-limits.ts';
import { code, codes, type Tables, table } from './page.ts';
import { arithmetic, multipliers, upperLimits } from './rule-arithmetic.ts';
import { boundaries } from './rule-boundaries.ts';
import { workedCases } from './rule-cases.ts';
import type { RuleValue } from './rule-value.ts';
import { SETTING_VALUES } from './rule-values.ts';

const OUTCOMES: readonly Outcome[] = ['ok', 'unknown', 'warn', 'block'];

const valueRows = (values: readonly RuleValue[]) =>
  values.map(({ name, value, means, rule, source, grade }) => [code(name), value, means, rule, source, grade]);

const settingsOf = (rule: string) =>
  SETTING_VALUES.filter((one) => one.rule === rule).map(({ name, value }) => `${code(name)} = ${value}`);

const percent = (value: number | null) => (value === null ? '' : `+${value} %`);

/** What reports of one study can say against each other. */
const STUDY_FINDINGS = [
  'ANALYSED_AGAIN',
  'REPORTS_CONTRADICT',
  'SAME_CONTENT_AGAIN',
  'STUDY_DATES_DIFFER',
  'STUDY_DEMOGRAPHICS_DIFFER',
  'STUDY_SCANNERS_DIFFER',
  'STUDY_OF_TWO_PATIENTS',
  'VENDOR_PRIOR_DIFFERS',
] as const satisfies readonly (keyof typeof JOB_CODES)[];

/** The tables of docs/clinical-rules.md, from the code. */
export function ruleTables(): Tables {
  return {
    grades: table(['grade', 'meaning'], Object.entries(GRADES)),
    settings: table(['setting', 'value', 'meaning', 'rule', 'source', 'grade'], valueRows(SETTING_VALUES)),
    limits: table(['limit', 'value', 'meaning', 'rule', 'source', 'grade'], valueRows(FIXED_VALUES)),
    multipliers: table(['confidence', "z'", "z' · √2", 'factor to 95 %'], multipliers()),
    'upper-limits': table(['degrees of freedom', 'upper limit / precision error'], upperLimits()),
    checks: table(
      ['check', 'asks', 'ok', 'not known', 'warn', 'block', 'setting', 'source', 'grade'],
      Object.entries(COMPARABILITY_CHECKS).map(([id, check]) => [
        id,
        check.asks,
        ...OUTCOMES.map((outcome) => codes(check[outcome])),
        settingsOf(id).join('; '),
        check.source,
        check.grade,
      ]),
    ),
    rules: table(
      ['rule', 'tier', 'topic', 'needs', 'says'],
      DISCORDANCE_RULES.map(({ code: name, tier, topic, needs, says }) => [code(name), tier, topic, needs, says]),
    ),
    cases: table(['measured', 'rule', 'tier', 'strength'], workedCases()),
    boundaries: table(['rule', 'exactly at the limit, or one step beside it', 'result'], boundaries()),
    arithmetic: table(['rule', 'given', 'gives'], arithmetic()),
    explanations: table(
      ['explanation', 'group', 'rests on', 'weight', 'source'],
      rankExplanations(EXPLANATION_RULES).map((rule) => [
        code(rule.code),
        rule.group.replaceAll('_', ' '),
        rule.basis,
        String(rule.weight),
        rule.source,
      ]),
    ),
    responses: table(
      ['agent', 'after', 'spine', 'total hip', 'femoral neck', 'source', 'grade'],
      EXPECTED_RESPONSES.map(({ agent, after, lumbarSpine, totalHip, femoralNeck, source, grade }) => [
        agent,
        after,
        percent(lumbarSpine),
        percent(totalHip),
        percent(femoralNeck),
        source,
        grade,
      ]),
    ),
    checklist: table(
      ['item', 'what to look at', 'source'],
      checklistOf().map((item) => [code(item.code), item.text, item.source]),
    ),
    'identity-checklist': table(
      ['item', 'what to look at', 'source'],
      checklistOf({}, 'MAYBE_OTHER_PERSON').map((item) => [code(item.code), item.text, item.source]),
    ),
    references: table(
      ['vendor', 'region', 'mean', 'SD', 'source', 'grade'],
      SCORE_REFERENCES.map(({ vendor, region, mean, standardDeviation, source }) => [
        vendor,
        region.replaceAll('_', ' '),
        (mean / 1000).toFixed(3),
        (standardDeviation / 1000).toFixed(3),
        source,
        'RECALLED',
      ]),
    ),
    'visit-remarks': table(
      ['code', 'what it says', 'what to do'],
      Object.entries(VISIT_CODES).map(([name, { text, remedy }]) => [code(name), text, remedy]),
    ),
    'study-findings': table(
      ['finding', 'what it says', 'what to do'],
      STUDY_FINDINGS.map((name) => [code(name), JOB_CODES[name].text, JOB_CODES[name].remedy]),
    ),
    contradictions: table(
      ['finding', 'what it says', 'what to do'],
      Object.entries(CONSISTENCY_CODES).map(([name, { text, remedy }]) => [code(name), text, remedy]),
    ),
  };
}
