import { SETTING_SOURCES } from '../../src/dxa/values/setting-sources.ts';
import { DEFAULT_SETTINGS } from '../../src/dxa/values/settings.ts';
import { SETTING_NAMES, settingText } from '../../src/dxa/values/settings-in-force.ts';
import { FIXED_VALUES } from './fixed-limits.ts';
import type { RuleValue } from './rule-value.ts';

export const SETTING_VALUES: readonly RuleValue[] = SETTING_NAMES.map((name) => {
  const { means, rule, source, grade } = SETTING_SOURCES[name];
  return { name, value: settingText(name, DEFAULT_SETTINGS), means, rule, source, grade };
});

/** Every named value, as the page may quote it: "more than 5 kg (`weightChangeLimit`)". */
export const RULE_VALUES: ReadonlyMap<string, string> = new Map(
  [...SETTING_VALUES, ...FIXED_VALUES].map(({ name, value }) => [name, value]),
);
