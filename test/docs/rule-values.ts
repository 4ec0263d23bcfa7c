import { formatMicro } from '../../src/dxa/values/quantity.ts';
import { SETTING_SOURCES } from '../../src/dxa/values/setting-sources.ts';
import { ASSESSMENT_SETTINGS, type AssessmentSettings } from '../../src/dxa/values/settings.ts';
import { FIXED_VALUES } from './fixed-limits.ts';
import type { RuleValue } from './rule-value.ts';

const trimmed = (micro: number) => formatMicro(micro, 6).replace(/\.?0+$/, '');

function settingText(name: keyof AssessmentSettings): string {
  const value = ASSESSMENT_SETTINGS[name];
  const { unit } = SETTING_SOURCES[name];
  if (name === 'lscFactor')
    return `${ASSESSMENT_SETTINGS.lscFactor.name} = ${ASSESSMENT_SETTINGS.lscFactor.value.toFixed(4)}`;
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'empty' : JSON.stringify(value);
  if (typeof value === 'string') return value;
  switch (unit) {
    case 'kg':
    case 'cm²':
      return `${trimmed(value)} ${unit}`;
    case 'percent':
      return `${100 * value} %`;
    case 'days':
    case 'vertebrae':
      return `${value} ${unit}`;
    case 'factor':
    case 'choice':
    case 'g/cm² a year':
      return String(value);
    default:
      return unit satisfies never;
  }
}

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
