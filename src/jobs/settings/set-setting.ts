import { lockRegistry, type Signature } from '../../db/audit.ts';
import { touchPatientsOfSettings } from '../../db/judgement/dependents.ts';
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts';
import { addSetting, listSettingHistory, readSettings } from '../../db/registry/setting.ts';
import { SETTING_SOURCES } from '../../dxa/values/setting-sources.ts';
import { DEFAULT_SETTINGS, type SettingName, type Settings } from '../../dxa/values/settings.ts';
import {
  contradictionIn,
  isSettingName,
  SETTING_NAMES,
  settingJson,
  settingText,
  withSetting,
} from '../../dxa/values/settings-in-force.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';

/** What a person asks for: `text` as they wrote it, null for the default of the release. */
export type AskedSetting = { readonly name: string; readonly text: string | null };

export type SettingChange = {
  readonly name: SettingName;
  readonly before: string;
  readonly after: string;
  /** False where the very value has been set already; then nothing was written. */
  readonly written: boolean;
  /** Of all settings, afterwards. */
  readonly version: string;
  readonly patientsToAssess: number;
};

const usage = (code: string, message: string) => new DxaflowError(code, message, { exitCode: EXIT.usage });

/** Throws SETTING_UNKNOWN. */
export function settingNameOf(name: string): SettingName {
  if (isSettingName(name)) return name;
  throw usage('SETTING_UNKNOWN', `There is no setting ${name.slice(0, 60)}. Settings are ${SETTING_NAMES.join(', ')}.`);
}

/** The settings as they would be. Throws SETTING_UNKNOWN, SETTING_INVALID, SETTING_CONTRADICTS. */
export function settingsWith(inForce: Settings, asked: AskedSetting): Settings {
  const name = settingNameOf(asked.name);
  const wanted =
    asked.text === null ? { ...inForce, [name]: DEFAULT_SETTINGS[name] } : withSetting(inForce, name, asked.text);
  if (wanted === null) throw usage('SETTING_INVALID', `${name} must be ${SETTING_SOURCES[name].form.takes}.`);
  const contradiction = contradictionIn(wanted);
  if (contradiction !== null) throw usage('SETTING_CONTRADICTS', contradiction);
  return wanted;
}

const sameJson = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The newest row of a name says the very same; nothing is to be added. */
async function isSetAlready(database: Queryable, name: SettingName, json: unknown): Promise<boolean> {
  const [latest] = await listSettingHistory(database, name);
  return latest === undefined ? json === null : sameJson(latest.value, json);
}

/**
 * Puts a setting in force for every process and all history, and marks the patients whose judgement it concerns; the
 * sweep sees to it. Throws REASON_EMPTY, SETTING_UNKNOWN, SETTING_INVALID, SETTING_CONTRADICTS.
 */
export async function setSetting(pool: Pool, asked: AskedSetting, signature: Signature): Promise<SettingChange> {
  if (signature.note.trim() === '') throw usage('REASON_EMPTY', 'Say why: the reason is kept with the setting.');
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const { version, settings } = await readSettings(transaction);
    const wanted = settingsWith(settings, asked);
    const name = settingNameOf(asked.name);
    const [before, after] = [settingText(name, settings), settingText(name, wanted)];
    const json = asked.text === null ? null : settingJson(name, wanted);
    if (await isSetAlready(transaction, name, json)) {
      return { name, before, after, written: false, version, patientsToAssess: 0 };
    }
    const id = await addSetting(transaction, name, json, signature);
    const judges = SETTING_SOURCES[name].concerns === undefined && !sameJson(settings[name], wanted[name]);
    const patientsToAssess = judges ? await touchPatientsOfSettings(transaction) : 0;
    return { name, before, after, written: true, version: id, patientsToAssess };
  });
}
