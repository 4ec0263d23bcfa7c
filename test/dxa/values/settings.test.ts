import { describe, expect, it } from 'vitest';
import { SETTING_SOURCES } from '../../../src/dxa/values/setting-sources.ts';
import { DEFAULT_SETTINGS } from '../../../src/dxa/values/settings.ts';
import {
  contradictionIn,
  SETTING_NAMES,
  settingJson,
  settingsInForce,
  settingText,
  withSetting,
} from '../../../src/dxa/values/settings-in-force.ts';

const set = (name: (typeof SETTING_NAMES)[number], text: string) => {
  const settings = withSetting(DEFAULT_SETTINGS, name, text);
  return settings === null ? null : settings[name];
};

describe('the settings', () => {
  it('have a form, a source and a grade for every key, and no others', () => {
    expect([...SETTING_NAMES].sort()).toEqual(Object.keys(DEFAULT_SETTINGS).sort());
  });

  it.each(SETTING_NAMES)('%s has a default that its own form takes, as text and as JSON', (name) => {
    expect(set(name, settingText(name, DEFAULT_SETTINGS))).toEqual(DEFAULT_SETTINGS[name]);
    const json = JSON.parse(JSON.stringify(settingJson(name, DEFAULT_SETTINGS)));
    expect(settingsInForce({ [name]: json })).toEqual({ settings: DEFAULT_SETTINGS, unusable: [] });
    const { choices } = SETTING_SOURCES[name].form;
    for (const choice of choices ?? []) expect(set(name, choice)).not.toBeNull();
  });

  it('contradict each other by default nowhere', () => {
    expect(contradictionIn(DEFAULT_SETTINGS)).toBeNull();
  });

  it('contradict each other where no spine could be compared, or no sample show a response', () => {
    const narrow = { minimumVertebrae: 4, monitoredVertebrae: ['L2', 'L3', 'L4'] } as const;
    expect(contradictionIn({ ...DEFAULT_SETTINGS, ...narrow })).toContain('minimumVertebrae');
    const days = (from: number, to: number) =>
      contradictionIn({ ...DEFAULT_SETTINGS, markerResponseFromDays: from, markerResponseToDays: to });
    expect(days(90, 90)).toBeNull();
    expect(days(91, 90)).toContain('markerResponseFromDays is later');
  });

  it.each([
    ['weightChangeLimit', '4.5 kg', 4_500_000],
    ['weightChangeLimit', '4.5', 4_500_000],
    ['weightChangeLimit', '0', null],
    ['weightChangeLimit', '-5 kg', null],
    ['weightChangeLimit', '4,5', null],
    ['weightChangeLimit', '5 lb', null],
    ['areaChangeLimit', '3 %', 0.03],
    ['areaChangeLimit', '0.3', 0.003],
    ['areaChangeLimit', '300', null],
    ['shortIntervalDays', '300 days', 300],
    ['shortIntervalDays', '300.5', null],
    ['shortIntervalDays', '', null],
    ['monitoredVertebrae', 'L4, L2', ['L2', 'L4']],
    ['monitoredVertebrae', 'none', null],
    ['monitoredVertebrae', 'L5', null],
    ['secondaryRegions', 'none', []],
    ['lscFactor', '2.77', { name: '2.77', value: 2.77 }],
    ['lscFactor', '1.96*sqrt(2)', { name: '1.96*sqrt(2)', value: 1.96 * Math.SQRT2 }],
    ['lscFactor', '-2.77', null],
    ['lscFactor', 'toString', null],
    ['expectedAnnualChange', 'spine 0.010, total_hip 0.006', { spine: 10_000, total_hip: 6_000 }],
    ['expectedAnnualChange', 'spine 0.010, spine 0.006', null],
    ['expectedAnnualChange', 'spine', null],
    ['significanceOperator', '=>', null],
  ] as const)('take of %s "%s" as %o', (name, text, value) => {
    expect(set(name, text)).toEqual(value);
  });

  it('are the defaults where nothing is stored, and keep what this release does not understand apart', () => {
    expect(settingsInForce({})).toEqual({ settings: DEFAULT_SETTINGS, unusable: [] });
    expect(settingsInForce({ moon: 1, minimumVertebrae: 'two', shortIntervalDays: 300 })).toEqual({
      settings: { ...DEFAULT_SETTINGS, shortIntervalDays: 300 },
      unusable: [
        { name: 'moon', why: 'unknown_name' },
        { name: 'minimumVertebrae', why: 'value_not_taken' },
      ],
    });
  });
});
