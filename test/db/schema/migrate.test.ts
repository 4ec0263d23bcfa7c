import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPool } from '../../../src/db/pool.ts';
import { readLedger } from '../../../src/db/schema/ledger.ts';
import { type Migration, migrate, readMigrations, requireWorkableSchema } from '../../../src/db/schema/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { until } from '../../support/until.ts';

/** Worked with by nothing older than itself, unless it says otherwise. */
const made = (version: number, sql: string, workedWithFrom = version): Migration => ({
  version,
  name: `${String(version).padStart(4, '0')}_x.sql`,
  sql,
  checksum: `sum-${version}-${sql}`,
  workedWithFrom,
});

describe('migrations', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
  });
  afterEach(async () => database.drop());

  it('run once when six processes start at the same time', async () => {
    const migrations = await readMigrations();
    const pools = Array.from({ length: 6 }, () =>
      openPool(database.url, { max: 1, applicationName: 'test', onError: () => undefined }),
    );
    const applied = await Promise.all(pools.map((pool) => migrate(pool, migrations)));
    await Promise.all(pools.map((pool) => pool.end()));
    expect(applied.filter((names) => names.length > 0)).toEqual([migrations.map((migration) => migration.name)]);
    const ledger = await readLedger(database.pool);
    expect(ledger.map(({ version, workedWithFrom }) => [version, workedWithFrom])).toEqual(
      migrations.map(({ version, workedWithFrom }) => [version, workedWithFrom]),
    );
  });

  it('leave nothing of a migration that fails', async () => {
    const broken = [
      made(1, 'create table a (id int)'),
      made(2, 'create table b (id int); select nothing from nowhere'),
    ];
    await expect(migrate(database.pool, broken)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    const { rows } = await database.pool.query(`select to_regclass('a') as a, to_regclass('b') as b`);
    expect(rows[0]).toEqual({ a: 'a', b: null });
    expect((await readLedger(database.pool)).map(({ version }) => version)).toEqual([1]);
  });

  it('leave nothing of a migration whose runner is killed, and the next runner does it', async () => {
    const slow = [made(1, 'create table a (id int)'), made(2, 'create table b (id int); select pg_sleep(600)')];
    const module = (path: string) =>
      JSON.stringify(fileURLToPath(new URL(`../../../src/db/${path}.ts`, import.meta.url)));
    const script = `
      import { migrate } from ${module('schema/migrate')};
      import { openPool } from ${module('pool')};
      const pool = openPool(${JSON.stringify(database.url)}, { max: 1, applicationName: 'killed', onError: () => undefined });
      await migrate(pool, ${JSON.stringify(slow)});`;
    const runner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    const gone = new Promise((resolve) => runner.once('exit', resolve));
    const asleep = async () => {
      const { rows } = await database.pool.query(
        `select 1 from pg_stat_activity where application_name = 'killed' and wait_event = 'PgSleep'`,
      );
      return rows.length === 1;
    };
    await until(asleep, 'in the middle of the second migration');
    runner.kill('SIGKILL');
    await gone;
    // The server must notice by itself that nobody waits for it any more: its lock would hold up the next runner.
    expect(
      await migrate(database.pool, [made(1, 'create table a (id int)'), made(2, 'create table b (id int)')]),
    ).toEqual(['0002_x.sql']);
    expect((await readLedger(database.pool)).map(({ version }) => version)).toEqual([1, 2]);
  });

  it('wait for a table for a short time at once, and let other statements pass in between', async () => {
    await migrate(database.pool, [made(1, 'create table a (id int)')]);
    const [reader, other] = [await database.pool.connect(), await database.pool.connect()];
    await reader.query('begin; select * from a');
    const running = migrate(database.pool, [
      made(1, 'create table a (id int)'),
      made(2, 'alter table a add column b int', 1),
    ]);
    const waiting = async () => (await other.query('select 1 from pg_locks where not granted')).rows.length > 0;
    await until(waiting, 'the migration waits for the table');
    await other.query('select count(*) from a'); // comes through as soon as the migration gives up its turn
    await reader.query('rollback');
    expect(await running).toEqual(['0002_x.sql']);
    reader.release();
    other.release();
  });

  it('refuse code that a newer database cannot be worked with by, and let in what it can', async () => {
    const [one, rolling, breaking] = [made(1, 'select 1'), made(2, 'select 2', 1), made(3, 'select 3')];
    await migrate(database.pool, [one, rolling]);
    expect(await migrate(database.pool, [one])).toEqual([]);
    await expect(requireWorkableSchema(database.pool, [one])).resolves.toBeUndefined();

    await migrate(database.pool, [one, rolling, breaking]);
    const refused = { code: 'DATABASE_NEWER', exitCode: 78, message: expect.stringContaining('docs/upgrading.md') };
    await expect(migrate(database.pool, [one, rolling])).rejects.toMatchObject(refused);
    await expect(requireWorkableSchema(database.pool, [one, rolling])).rejects.toMatchObject(refused);
    await expect(requireWorkableSchema(database.pool, [one, rolling, breaking])).resolves.toBeUndefined();
  });

  it('show release 0.1.0 what it ran itself, and beyond that only what it cannot work with', async () => {
    const first = Array.from({ length: 17 }, (_, index) => made(index + 1, 'select 1'));
    // As 0.1.0 kept it.
    await database.pool.query(
      `create table schema_migration (version integer primary key, name text not null, checksum text not null,
         applied_at timestamptz not null default now())`,
    );
    for (const { version, name, checksum } of first) {
      await database.pool.query('insert into schema_migration (version, name, checksum) values ($1, $2, $3)', [
        version,
        name,
        checksum,
      ]);
    }
    const shown = async () =>
      (await database.pool.query('select version, checksum from schema_migration order by version')).rows.map(
        (row) => row.version,
      );
    const released = first.map(({ version }) => version);
    await migrate(database.pool, [...first, made(18, 'select 18', 17)]);
    expect(await shown()).toEqual(released);
    await migrate(database.pool, [...first, made(18, 'select 18', 17), made(19, 'select 19', 18)]);
    expect(await shown()).toEqual([...released, 19]);
    expect((await readLedger(database.pool)).map(({ version }) => version)).toEqual([...released, 18, 19]);
  });

  it('must say in their first line which code can work with the database after them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dxaflow-migrations-'));
    for (let version = 1; version <= 17; version += 1) {
      writeFileSync(join(folder, `${String(version).padStart(4, '0')}_released.sql`), 'select 1;');
    }
    const next = join(folder, '0018_next.sql');
    for (const head of ['', '-- adds a table\n', '-- worked with from: 0016\n', '-- worked with from: 0019\n']) {
      writeFileSync(next, `${head}select 1;`);
      await expect(readMigrations(folder)).rejects.toMatchObject({ code: 'MIGRATION_HEAD' });
    }
    writeFileSync(next, '-- worked with from: 0017\nselect 1;');
    expect((await readMigrations(folder)).at(-1)).toMatchObject({ version: 18, workedWithFrom: 17 });
    rmSync(folder, { recursive: true });
  });

  it('refuse a file that was edited after it ran', async () => {
    await migrate(database.pool, [made(1, 'select 1')]);
    await expect(migrate(database.pool, [made(1, 'select 11')])).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
  });

  it('are demanded of a worker with the command that helps', async () => {
    await expect(requireWorkableSchema(database.pool, await readMigrations())).rejects.toMatchObject({
      code: 'SCHEMA_OLD',
      message: expect.stringContaining('dxaflow migrate'),
    });
    await migrate(database.pool, await readMigrations());
    await expect(requireWorkableSchema(database.pool, await readMigrations())).resolves.toBeUndefined();
  });
});
