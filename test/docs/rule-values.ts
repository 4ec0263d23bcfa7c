import { SETTING_SOURCES, settingText } from '../../src/dxa/values/setting-sources.ts';
import type { AssessmentSettings } from '../../src/dxa/values/settings.ts';
import { FIXED_VALUES } from './fixed-limits.ts';
import type { RuleValue } from './rule-value.ts';

export const SETTING_VALUES: readonly RuleValue[] = Object.entries(SETTING_SOURCES).map(
  ([name, { means, rule, source, grade }]) => ({
    name,
    value: settingText(name as keyof AssessmentSettings),
    means,
    rule,
    source,
    grade,
  }),
);

/** Every named value, as the page may quote it: "more than 5 kg (`weightChangeLimit`)". */
export const RULE_VALUES: ReadonlyMap<string, string> = new Map(
  [...SETTING_VALUES, ...FIXED_VALUES].map(({ name, value }) => [name, value]),
);
