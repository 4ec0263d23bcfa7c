import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Pool } from '../../../src/db/pool.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/released-0.1.0/', import.meta.url));
const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

const unpack = (archive: string, into: string) => {
  mkdirSync(into, { recursive: true });
  execFileSync('tar', ['-xzf', join(FIXTURE, archive), '-C', into]);
};

/** Puts the program of release 0.1.0 into a folder: its workers can be started from there. */
export function unpackReleased(folder: string): void {
  unpack('program.tar.gz', folder);
  symlinkSync(MODULES, join(folder, 'node_modules'));
}

/** Makes an empty database and an empty folder into those of a site that has worked with release 0.1.0. */
export async function restoreReleased(pool: Pool, program: string, archiveDir: string): Promise<void> {
  await pool.query(
    `create table schema_migration (version integer primary key, name text not null, checksum text not null,
       applied_at timestamptz not null default now())`,
  );
  const migrations = join(program, 'migrations');
  for (const name of readdirSync(migrations).sort()) await pool.query(readFileSync(join(migrations, name), 'utf8'));
  await pool.query(gunzipSync(readFileSync(join(FIXTURE, 'data.sql.gz'))).toString('utf8'));
  await pool.query('analyze');
  unpack('archive.tar.gz', archiveDir);
}

/** What people entered and decided, and what it is about: none of it may be lost or changed by an upgrade. */
const KEPT: Readonly<Record<string, string>> = {
  api_token: '*',
  app_user: '*',
  audit_event: '*',
  baseline_pin: '*',
  cross_calibration: '*',
  cross_calibration_pair: '*',
  least_significant_change: '*',
  patient: 'id, issuer_of_patient_id, patient_id, merged_into_id, is_phantom',
  patient_merge: '*',
  phantom_pattern: '*',
  precision_scan: '*',
  precision_study: '*',
  report: '*',
  report_values: '*',
  review_case: 'id, patient_id, follow_up_study_id, rule, region_pair, opened_at',
  review_case_event: '*',
  saved_view: '*',
  scanner_epoch: '*',
  site_mapping: '*',
  source_file: 'id, sha256, archive_path, drop_name',
  study: '*',
};

export type KeptRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

export async function readKept(pool: Pool): Promise<KeptRows> {
  const tables: [string, Record<string, unknown>[]][] = [];
  for (const [table, columns] of Object.entries(KEPT)) {
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) as row from (select ${columns} from ${table}) t`,
    );
    tables.push([table, rows.map(({ row }) => row)]);
  }
  return Object.fromEntries(tables);
}

/** Rows of `before` that are not there any more as they were; columns that are new since do not count. */
export function lostRows(before: KeptRows, after: KeptRows): readonly string[] {
  return Object.entries(before).flatMap(([table, rows]) => {
    const columns = Object.keys(rows[0] ?? {});
    const textOf = (row: Readonly<Record<string, unknown>>) =>
      JSON.stringify(columns.map((column) => row[column] ?? null));
    const there = new Set((after[table] ?? []).map(textOf));
    return rows
      .map(textOf)
      .filter((row) => !there.has(row))
      .map((row) => `${table} ${row}`);
  });
}
