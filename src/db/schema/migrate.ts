import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { codeOf, DxaflowError, EXIT } from '../../errors/errors.ts';
import type { Pool, Queryable } from '../pool.ts';
import { ensureLedger, FIRST_RELEASE, type LedgerRow, neededLevel, readLedger } from './ledger.ts';

const FOLDER = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/** Advisory lock of the migrations: "dxaflow" on a telephone keypad. */
const LOCK_KEY = 3_923_569;

/** Everything else queues up behind a statement that waits for a table: it gives up, lets the others pass and comes again. */
const LOCK_TIMEOUT_MS = 3000;
const LOCK_PAUSE_MS = 500;
const LOCK_TRIES = 60;
/** Lock not available, deadlock, serialisation: the migration was fine and the moment was not. */
const BUSY: readonly string[] = ['55P03', '40P01', '40001'];

export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
  /** The schema of the oldest code that can go on working with the database once this has run. */
  readonly workedWithFrom: number;
};

/** Schema of a release: what its code was written for. */
export const levelOf = (migrations: readonly Migration[]): number => migrations.length;

const HEAD = /^-- worked with from: (\d{4})\r?\n/;

function readHead(name: string, version: number, sql: string): number {
  if (version <= FIRST_RELEASE) return version;
  const from = Number(HEAD.exec(sql)?.[1]);
  if (!(from >= FIRST_RELEASE && from <= version)) {
    throw new DxaflowError(
      'MIGRATION_HEAD',
      `Migration ${name} must say in its first line from which schema on code can go on working after it, ` +
        `from ${FIRST_RELEASE} to its own number: "-- worked with from: 0017" (docs/upgrading.md).`,
    );
  }
  return from;
}

/**
 * Reads migrations/NNNN_name.sql in order. Throws MIGRATION_NAMES when the numbers have a gap or a double, and
 * MIGRATION_HEAD when one does not say which code can work with it.
 */
export async function readMigrations(folder: string = FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const [index, name] of names.entries()) {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1) {
      throw new DxaflowError('MIGRATION_NAMES', `Migration ${name} is out of order: expected number ${index + 1}.`);
    }
    const sql = await readFile(`${folder}/${name}`, 'utf8');
    const checksum = createHash('sha256').update(sql).digest('hex');
    migrations.push({ version, name, sql, checksum, workedWithFrom: readHead(name, version, sql) });
  }
  return migrations;
}

const databaseNewer = (needed: number, level: number): DxaflowError =>
  new DxaflowError(
    'DATABASE_NEWER',
    `The database requires code for schema ${needed} or later; this release knows ${level}. Install the newer dxaflow, or restore the backup from before the upgrade (docs/upgrading.md).`,
    { exitCode: EXIT.configuration },
  );

/**
 * Holds the ledger against the migrations of this release and returns those still to run; none on a newer database that
 * this release can work with. Throws DATABASE_NEWER where it cannot, MIGRATION_CHANGED when an applied file was edited
 * afterwards.
 */
function pendingMigrations(ledger: readonly LedgerRow[], migrations: readonly Migration[]): readonly Migration[] {
  const needed = neededLevel(ledger);
  if (needed > levelOf(migrations)) throw databaseNewer(needed, levelOf(migrations));
  const applied = new Set(ledger.map(({ version }) => version));
  for (const row of ledger) {
    const known = migrations[row.version - 1];
    if (known !== undefined && known.checksum !== row.checksum) {
      throw new DxaflowError(
        'MIGRATION_CHANGED',
        `Migration ${known.name} differs from the one that this database ran. Restore the released file; changes go into a new migration.`,
      );
    }
  }
  return migrations.filter(({ version }) => !applied.has(version));
}

async function tryOnce(client: Queryable, migration: Migration): Promise<void> {
  await client.query(`begin; set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  try {
    await client.query(migration.sql);
    await client.query(
      'insert into schema_ledger (version, name, checksum, worked_with_from) values ($1, $2, $3, $4)',
      [migration.version, migration.name, migration.checksum, migration.workedWithFrom],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function apply(client: Queryable, migration: Migration): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await tryOnce(client, migration);
      return;
    } catch (error) {
      if (BUSY.includes(codeOf(error)) && attempt < LOCK_TRIES) {
        await sleep(LOCK_PAUSE_MS);
        continue;
      }
      throw new DxaflowError('MIGRATION_FAILED', `Migration ${migration.name} failed; nothing of it was kept.`, {
        cause: error,
      });
    }
  }
}

/**
 * Brings the database to this release's schema and returns the names of the migrations that ran. Safe when several
 * processes start at once: one runs them, the others wait and find nothing to do. Each migration is a transaction of its
 * own, together with its line in the ledger.
 */
export async function migrate(pool: Pool, migrations: readonly Migration[]): Promise<readonly string[]> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // A server must not go on for a runner that was killed: its lock would keep the next one waiting.
    await client.query(`set client_connection_check_interval = '2s'`);
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    try {
      await ensureLedger(client);
      const pending = pendingMigrations(await readLedger(client), migrations);
      for (const migration of pending) await apply(client, migration);
      return pending.map((migration) => migration.name);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [LOCK_KEY]);
      await client.query('reset client_connection_check_interval');
    }
  } catch (error) {
    // Whatever state the session is in, its lock goes with it.
    broken = error instanceof Error ? error : new Error('migration failed');
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Refuses to work on a schema that this release cannot work with, naming the command that helps. */
export async function requireWorkableSchema(pool: Queryable, migrations: readonly Migration[]): Promise<void> {
  const pending = pendingMigrations(await readLedger(pool), migrations);
  if (pending.length > 0) {
    throw new DxaflowError(
      'SCHEMA_OLD',
      `The database lacks ${pending.length} migration(s), the first is ${pending[0]?.name}. Run: dxaflow migrate`,
    );
  }
}
