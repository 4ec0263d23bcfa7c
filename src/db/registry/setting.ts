import type { SettingName } from '../../dxa/values/settings.ts';
import { type SettingsInForce, settingsInForce } from '../../dxa/values/settings-in-force.ts';
import { auditCreation, type Signature } from '../audit.ts';
import type { Queryable } from '../pool.ts';

/** Values by name as they are stored, and the version of all of them. */
export type StoredSettings = {
  readonly settingsVersion: string;
  readonly storedSettings: Readonly<Record<string, unknown>>;
};

/** The columns of `StoredSettings`; assessment-input.sql has the same, to read them at the moment of what they judge. */
const STORED_SETTINGS = `
  (select coalesce(max(v.id), 0)::text from setting v) as "settingsVersion",
  coalesce((select json_object_agg(v.name, v.value)
      from (select distinct on (name) name, value from setting order by name, id desc) v
     where v.value is not null), '{}') as "storedSettings"`;

export type SettingsOfDatabase = SettingsInForce & {
  /** Id of the newest row; "0" where nothing was ever set. */
  readonly version: string;
};

/** What is in force now. What judges reads it with its own statement instead, at the moment of the data. */
export async function readSettings(database: Queryable): Promise<SettingsOfDatabase> {
  const { rows } = await database.query<StoredSettings>(`select ${STORED_SETTINGS}`);
  const { settingsVersion, storedSettings } = rows[0] ?? { settingsVersion: '0', storedSettings: {} };
  return { version: settingsVersion, ...settingsInForce(storedSettings) };
}

export type SettingRow = {
  readonly settingId: string;
  readonly name: string;
  /** As JSON; null where the default was put back. */
  readonly value: unknown;
  readonly reason: string;
  readonly setBy: string;
  readonly setAt: Date;
};

const COLUMNS = `id::text as "settingId", name, value, reason, set_by as "setBy", set_at as "setAt"`;

/** The newest row of every name, names of other releases too. */
export async function listLatestSettings(database: Queryable): Promise<readonly SettingRow[]> {
  const { rows } = await database.query<SettingRow>(
    `select distinct on (name) ${COLUMNS} from setting order by name, setting.id desc`,
  );
  return rows;
}

/** Everything that was ever set, newest first; of one name, or of all. */
export async function listSettingHistory(database: Queryable, name: string | null): Promise<readonly SettingRow[]> {
  const { rows } = await database.query<SettingRow>(
    `select ${COLUMNS} from setting where $1::text is null or name = $1 order by setting.id desc`,
    [name],
  );
  return rows;
}

/** Adds a row and writes it down; a `value` of null puts the default back. Run it while the registry is held alone. */
export async function addSetting(
  database: Queryable,
  name: SettingName,
  value: unknown,
  { by, note }: Signature,
): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    'insert into setting (name, value, reason, set_by) values ($1, $2, $3, $4) returning id::text',
    [name, value === null ? null : JSON.stringify(value), note, by],
  );
  const id = rows[0]?.id ?? '';
  await auditCreation(database, 'setting', id, 'set', { by, note });
  return id;
}
