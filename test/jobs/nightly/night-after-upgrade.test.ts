import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listNightChanges } from '../../../src/db/night/change.ts';
import { migrate, readMigrations } from '../../../src/db/schema/migrate.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { RULE_SET_VERSION } from '../../../src/dxa/assess-patient.ts';
import { openReadingPool, READ_THREAD } from '../../../src/jobs/ingest/reading-pool.ts';
import { type NightResult, runNight } from '../../../src/jobs/nightly/night.ts';
import { openMappingSource } from '../../../src/jobs/registry/site-mapping.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { lostRows, readKept, restoreReleased, unpackReleased } from '../../support/database/released.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { ORDINARY_NIGHT } from '../../support/stored/planted-night.ts';

describe('the first night after an upgrade from release 0.1.0', { timeout: 300_000 }, () => {
  let database: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-upgraded-'));
    unpackReleased(join(folder, 'released'));
    await restoreReleased(database.pool, join(folder, 'released'), join(folder, 'archive'));
  });
  afterEach(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  type Decided = { readonly id: string; readonly rule: string; readonly state: string; readonly disposition: string };
  const rowsOf = async <T extends object>(sql: string, ...values: readonly unknown[]) =>
    (await database.pool.query<T>(sql, [...values])).rows;

  it('reports what the new rules see, and keeps every decision', async () => {
    const { pool } = database;
    const before = await readKept(pool);
    const decided = await rowsOf<Decided>(
      `select id::text, rule, state, disposition from review_case where disposition is not null order by id`,
    );
    expect(decided.length).toBeGreaterThan(0);
    await migrate(pool, await readMigrations());
    const reader = openReadingPool({
      threads: 1,
      deadlineMs: 30_000,
      memoryMb: 512,
      limits: READ_LIMITS,
      file: READ_THREAD,
      mappings: openMappingSource(pool),
    });
    const options = { ...ORDINARY_NIGHT, pool, log: recordedLog(), archiveDir: join(folder, 'archive'), reader };
    let night: NightResult;
    try {
      night = await runNight({ ...options, concurrency: 2 });
    } finally {
      await reader.close();
    }
    expect(night.runId).not.toBeNull();
    expect(await rowsOf('select 1 from patient where assessed_rule_set <> $1', RULE_SET_VERSION)).toEqual([]);

    // What the rules of this release see is in the report, case by case.
    const opened = await rowsOf<{ rule: string }>(
      `select distinct rule from review_case where rule ~ '^(L[1-4]|D[12]B)_' and state = 'open'`,
    );
    expect(opened.length).toBeGreaterThan(0);
    const changes = await listNightChanges(pool, night.runId ?? '0', '0', 10_000);
    const told = JSON.stringify(changes);
    for (const { rule } of opened) expect(told).toContain(rule);

    // Every decision is where it was: in its case, resolved or reopened for other evidence, and among its events.
    const events = { review_case_event: before['review_case_event'] ?? [] };
    expect(lostRows(events, await readKept(pool))).toEqual([]);
    const after = await rowsOf<Decided & { told: boolean }>(
      `select c.id::text, c.rule, c.state, c.disposition, exists (select 1 from review_case_event e
          where e.review_case_id = c.id and e.event = 'resolved' and e.actor_kind = 'person') as told
         from review_case c where c.id = any($1::bigint[]) order by c.id`,
      decided.map(({ id }) => id),
    );
    expect(after.map(({ id, told: kept }) => `${id} ${kept}`)).toEqual(decided.map(({ id }) => `${id} true`));
    for (const one of after) {
      const was = decided.find(({ id }) => id === one.id);
      expect(['resolved', 'reopened']).toContain(one.state);
      if (one.state === 'resolved') expect(one.disposition).toBe(was?.disposition);
    }
    // A case belongs to a visit now.
    expect(await rowsOf('select 1 from review_case where not follow_up_study_id = any(study_ids)')).toEqual([]);
  });
});
