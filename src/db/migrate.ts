import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DxaflowError } from '../errors.ts';
import type { Pool, Queryable } from './pool.ts';

/** Advisory lock of the migrations: "dxaflow" on a telephone keypad. */
const LOCK_KEY = 3_923_569;
const FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url));

export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
};

/** Reads migrations/NNNN_name.sql in order. Throws MIGRATION_NAMES when the numbers have a gap or a double. */
export async function readMigrations(folder: string = FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const [index, name] of names.entries()) {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1) {
      throw new DxaflowError('MIGRATION_NAMES', `Migration ${name} is out of order: expected number ${index + 1}.`);
    }
    const sql = await readFile(`${folder}/${name}`, 'utf8');
    migrations.push({ version, name, sql, checksum: createHash('sha256').update(sql).digest('hex') });
  }
  return migrations;
}

/**
 * Holds the ledger against the migrations of this release and returns those still to run. Throws DATABASE_NEWER when
 * the database has seen a later release, MIGRATION_CHANGED when an applied file was edited afterwards.
 */
async function pendingMigrations(database: Queryable, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  const { rows } = await database.query<{ version: number; checksum: string }>(
    'select version, checksum from schema_migration order by version',
  );
  for (const row of rows) {
    const known = migrations[row.version - 1];
    if (known === undefined) {
      throw new DxaflowError(
        'DATABASE_NEWER',
        `The database is at schema ${rows.at(-1)?.version}, this release knows ${migrations.length}. Install the newer dxaflow; going back is not possible.`,
      );
    }
    if (known.checksum !== row.checksum) {
      throw new DxaflowError(
        'MIGRATION_CHANGED',
        `Migration ${known.name} differs from the one that this database ran. Restore the released file; changes go into a new migration.`,
      );
    }
  }
  return migrations.slice(rows.length);
}

/**
 * Brings the database to this release's schema and returns the names of the migrations that ran. Safe when several
 * processes start at once: one runs them, the others wait and find nothing to do.
 */
export async function migrate(pool: Pool, migrations: readonly Migration[]): Promise<readonly string[]> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    try {
      await client.query(
        `create table if not exists schema_migration (
           version    integer     primary key,
           name       text        not null,
           checksum   text        not null,
           applied_at timestamptz not null default now())`,
      );
      const pending = await pendingMigrations(client, migrations);
      for (const migration of pending) {
        await client.query('begin');
        try {
          await client.query(migration.sql);
          await client.query('insert into schema_migration (version, name, checksum) values ($1, $2, $3)', [
            migration.version,
            migration.name,
            migration.checksum,
          ]);
          await client.query('commit');
        } catch (error) {
          await client.query('rollback');
          throw new DxaflowError('MIGRATION_FAILED', `Migration ${migration.name} failed; nothing of it was kept.`, {
            cause: error,
          });
        }
      }
      return pending.map((migration) => migration.name);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [LOCK_KEY]);
    }
  } finally {
    client.release();
  }
}

/** Refuses to work on a schema that is not this release's, naming the command that helps. */
export async function requireCurrentSchema(pool: Pool, migrations: readonly Migration[]): Promise<void> {
  const { rows } = await pool.query<{ present: boolean }>(
    `select to_regclass('schema_migration') is not null as present`,
  );
  const pending = rows[0]?.present === true ? await pendingMigrations(pool, migrations) : migrations;
  if (pending.length > 0) {
    throw new DxaflowError(
      'SCHEMA_OLD',
      `The database lacks ${pending.length} migration(s), the first is ${pending[0]?.name}. Run: dxaflow migrate`,
    );
  }
}
