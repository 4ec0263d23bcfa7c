import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Queryable } from '../../../src/db/pool.ts';
import { migrate, readMigrations } from '../../../src/db/schema/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { lostRows, readKept, restoreReleased, unpackReleased } from '../../support/database/released.ts';

const ROOT = join(import.meta.dirname, '../../..');
const BEFORE_COMMENTS = 26;
const PATH = /\b(?:src|docs|test)\/[\w./-]+\.(?:ts|sql|md)\b/g;

/** Comments of everything in the schema `public`. */
async function readComments(database: Queryable): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ object: string; comment: string }>(
    `select object.identity as object, d.description as comment
       from pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) object
      where object.schema = 'public'`,
  );
  return new Map(rows.map(({ object, comment }) => [object, comment]));
}

describe('the comments in the database', () => {
  let database: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-comments-'));
  });
  afterEach(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('name files of this release, also in a database that release 0.1.0 filled, and change no row of it', async () => {
    unpackReleased(join(folder, 'released'));
    await restoreReleased(database.pool, join(folder, 'released'), join(folder, 'archive'));
    const migrations = await readMigrations();
    await migrate(database.pool, migrations.slice(0, BEFORE_COMMENTS));
    const before = await readKept(database.pool);
    expect(before['review_case_event']?.length).toBeGreaterThan(5);
    await migrate(database.pool, migrations);
    expect(lostRows(before, await readKept(database.pool))).toEqual([]);

    const comments = await readComments(database.pool);
    expect([...comments.keys()].sort()).toEqual([
      'public.app_user.password_hash',
      'public.current_measurement',
      'public.is_same_bmd(numeric,numeric)',
      'public.measured_value',
      'public.rejection_target.status',
      'public.source_file.content_identity',
      'public.stored_report.digest',
      'public.stored_report.out_of_use',
    ]);
    const named = [...comments].flatMap(([object, comment]) =>
      [...comment.matchAll(PATH)].map(([path]) => ({ object, path })),
    );
    expect(new Set(named.map(({ object }) => object)).size).toBe(comments.size);
    expect(named.filter(({ path }) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
