import type { SettingForm } from './setting-form.ts';
import { SETTING_SOURCES } from './setting-sources.ts';
import { DEFAULT_SETTINGS, type SettingName, type Settings } from './settings.ts';

export const SETTING_NAMES = Object.keys(SETTING_SOURCES) as readonly SettingName[];

export const isSettingName = (name: string): name is SettingName => Object.hasOwn(SETTING_SOURCES, name);

const formOf = (name: SettingName) => SETTING_SOURCES[name].form as SettingForm<unknown>;

/** Why a stored setting judges nothing: this release has no setting of the name, or does not take the value. */
export type UnusableSetting = { readonly name: string; readonly why: 'unknown_name' | 'value_not_taken' };

export type SettingsInForce = {
  readonly settings: Settings;
  /** Their defaults judge; the rows stay for the release that understands them. */
  readonly unusable: readonly UnusableSetting[];
};

/** The defaults, with what the facility has stored (JSON by name) in their places. */
export function settingsInForce(stored: Readonly<Record<string, unknown>>): SettingsInForce {
  const set: Partial<Record<SettingName, unknown>> = {};
  const unusable: UnusableSetting[] = [];
  for (const [name, json] of Object.entries(stored)) {
    if (!isSettingName(name)) {
      unusable.push({ name, why: 'unknown_name' });
      continue;
    }
    const value = formOf(name).fromJson(json);
    if (value === null) unusable.push({ name, why: 'value_not_taken' });
    else set[name] = value;
  }
  return { settings: { ...DEFAULT_SETTINGS, ...(set as Partial<Settings>) }, unusable };
}

/** The value of a setting with its unit, for a reader: "5 kg", ">=", "L1, L2, L3, L4". */
export function settingText(name: SettingName, settings: Settings): string {
  return formOf(name).toText(settings[name]);
}

/** As it is stored. */
export function settingJson(name: SettingName, settings: Settings): unknown {
  return formOf(name).toJson(settings[name]);
}

/** These settings with one of them as a person wrote it; null where its form does not take the text. */
export function withSetting(settings: Settings, name: SettingName, text: string): Settings | null {
  const value = formOf(name).fromText(text.trim());
  return value === null ? null : { ...settings, [name]: value };
}

/** What two settings say against each other, as a sentence; null where they agree. */
export function contradictionIn(settings: Settings): string | null {
  const { minimumVertebrae, monitoredVertebrae, markerResponseFromDays, markerResponseToDays } = settings;
  if (minimumVertebrae > monitoredVertebrae.length)
    return 'No spine could be compared: minimumVertebrae is more than monitoredVertebrae has.';
  return markerResponseFromDays > markerResponseToDays
    ? 'No sample could show a response: markerResponseFromDays is later than markerResponseToDays.'
    : null;
}
