import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { describeColumns, SCHEMA_MARK } from '../../support/database/schema-columns.ts';

const DOC = readFileSync(new URL('../../../docs/schema.md', import.meta.url), 'utf8');

describe('docs/schema.md', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => await database.drop());

  it('lists the columns of the migrated database; npm run docs:schema writes them', async () => {
    expect(DOC.slice(DOC.indexOf(SCHEMA_MARK))).toBe(await describeColumns(database.pool));
  });

  it('says of every table what it is for', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    );
    const explained = new Set([...DOC.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name));
    expect([...explained].sort()).toEqual(rows.map(({ name }) => name).sort());
  });
});
