import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Migration, migrate, readMigrations, requireCurrentSchema } from '../../src/db/migrate.ts';
import { openPool } from '../../src/db/pool.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const made = (version: number, sql: string): Migration => ({
  version,
  name: `000${version}_x.sql`,
  sql,
  checksum: `sum-${version}-${sql}`,
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
    const { rows } = await database.pool.query('select version from schema_migration order by version');
    expect(rows.map((row) => row.version)).toEqual(migrations.map((migration) => migration.version));
  });

  it('leave nothing of a migration that fails', async () => {
    const broken = [
      made(1, 'create table a (id int)'),
      made(2, 'create table b (id int); select nothing from nowhere'),
    ];
    await expect(migrate(database.pool, broken)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    const { rows } = await database.pool.query(`select to_regclass('a') as a, to_regclass('b') as b`);
    expect(rows[0]).toEqual({ a: 'a', b: null });
  });

  it('refuse a database that a newer release has migrated', async () => {
    await migrate(database.pool, [made(1, 'select 1'), made(2, 'select 2')]);
    await expect(migrate(database.pool, [made(1, 'select 1')])).rejects.toMatchObject({ code: 'DATABASE_NEWER' });
    await expect(requireCurrentSchema(database.pool, [made(1, 'select 1')])).rejects.toMatchObject({
      code: 'DATABASE_NEWER',
    });
  });

  it('refuse a file that was edited after it ran', async () => {
    await migrate(database.pool, [made(1, 'select 1')]);
    await expect(migrate(database.pool, [made(1, 'select 11')])).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
  });

  it('are demanded of a worker with the command that helps', async () => {
    await expect(requireCurrentSchema(database.pool, await readMigrations())).rejects.toMatchObject({
      code: 'SCHEMA_OLD',
      message: expect.stringContaining('dxaflow migrate'),
    });
    await migrate(database.pool, await readMigrations());
    await expect(requireCurrentSchema(database.pool, await readMigrations())).resolves.toBeUndefined();
  });
});
