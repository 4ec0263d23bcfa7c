import type { Queryable } from '../../db/pool.ts';
import { listLatestSettings, listSettingHistory, readSettings, type SettingRow } from '../../db/registry/setting.ts';
import type { Grade } from '../../dxa/values/grade.ts';
import { SETTING_SOURCES } from '../../dxa/values/setting-sources.ts';
import { DEFAULT_SETTINGS, type SettingName } from '../../dxa/values/settings.ts';
import {
  isSettingName,
  SETTING_NAMES,
  settingsInForce,
  settingText,
  type UnusableSetting,
} from '../../dxa/values/settings-in-force.ts';

export type SettingShown = {
  readonly name: SettingName;
  readonly value: string;
  readonly default: string;
  readonly means: string;
  readonly takes: string;
  readonly choices: readonly string[] | null;
  readonly rule: string;
  readonly source: string;
  readonly grade: Grade;
  /** Who set it last; null where the default was never touched. A `value` of null there put the default back. */
  readonly set: SettingRow | null;
};

export type SettingsShown = {
  readonly version: string;
  readonly settings: readonly SettingShown[];
  /** Rows that this release does not understand: kept, and judging nothing. */
  readonly unusable: readonly (UnusableSetting & { readonly set: SettingRow })[];
};

/** Every setting with what is in force, where it comes from and who set it. */
export async function showSettings(database: Queryable): Promise<SettingsShown> {
  const { version, settings, unusable } = await readSettings(database);
  const rows = new Map((await listLatestSettings(database)).map((row) => [row.name, row]));
  return {
    version,
    settings: SETTING_NAMES.map((name) => {
      const { means, rule, source, grade } = SETTING_SOURCES[name];
      const { takes, choices } = SETTING_SOURCES[name].form;
      return {
        name,
        value: settingText(name, settings),
        default: settingText(name, DEFAULT_SETTINGS),
        means,
        takes,
        choices,
        rule,
        source,
        grade,
        set: rows.get(name) ?? null,
      };
    }),
    unusable: unusable.flatMap((one) => {
      const set = rows.get(one.name);
      return set === undefined ? [] : [{ ...one, set }];
    }),
  };
}

export type SettingHistoryEntry = Omit<SettingRow, 'value'> & {
  /** As it was shown then; the stored JSON where this release does not understand it; null: the default again. */
  readonly value: string | null;
};

/** The stored value of a row in words; null where it put the default back. */
function storedText({ name, value }: SettingRow): string | null {
  if (value === null) return null;
  const { settings, unusable } = settingsInForce({ [name]: value });
  return isSettingName(name) && unusable.length === 0 ? settingText(name, settings) : JSON.stringify(value);
}

/** Everything that was ever set, newest first; of one name, or of all. */
export async function showSettingHistory(
  database: Queryable,
  name: string | null,
): Promise<readonly SettingHistoryEntry[]> {
  return (await listSettingHistory(database, name)).map((row) => ({ ...row, value: storedText(row) }));
}
