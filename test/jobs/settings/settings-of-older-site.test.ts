import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate, readMigrations } from '../../../src/db/schema/migrate.ts';
import { previewSetting } from '../../../src/jobs/settings/preview-setting.ts';
import { setSetting } from '../../../src/jobs/settings/set-setting.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { lostRows, readKept, restoreReleased, unpackReleased } from '../../support/database/released.ts';
import { assessWaiting } from '../../support/stored/judged.ts';

describe('settings on a database of release 0.1.0', { timeout: 300_000 }, () => {
  let database: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-settings-'));
    unpackReleased(join(folder, 'released'));
    await restoreReleased(database.pool, join(folder, 'released'), join(folder, 'archive'));
  });
  afterEach(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keep everything that people entered, and count what it had judged as judged by the defaults', async () => {
    const { pool } = database;
    const before = await readKept(pool);
    await migrate(pool, await readMigrations());
    expect(lostRows(before, await readKept(pool))).toEqual([]);
    const versions = async () =>
      (
        await pool.query(
          `select 'comparison' as of, settings_version::int as version from comparison where superseded_at is null
           union select 'case', settings_version::int from review_case
           union select 'patient', assessed_settings_version::int from patient order by 1, 2`,
        )
      ).rows.map(({ of, version }) => `${of} ${version}`);
    expect(await versions()).toEqual(['case 0', 'comparison 0', 'patient 0']);
    await assessWaiting(pool);
    const asked = { name: 'shortIntervalDays', text: '3000 days' };
    const preview = await previewSetting(pool, asked, 1000);
    expect(preview.judged).toBe(preview.patients);
    expect(preview.patients).toBeGreaterThan(10);
    const decided = `select id::text, state, disposition from review_case where disposition is not null order by id`;
    const { rows: decisions } = await pool.query(decided);
    await setSetting(pool, asked, { by: 'B. Physicist', note: 'QA board' });
    const { rows: last } = await pool.query<{ id: string }>('select max(id)::text as id from review_case_event');
    await assessWaiting(pool);
    const { rows: events } = await pool.query<{ rule: string; event: string; count: number }>(
      `select c.rule, e.event, count(*)::int as count from review_case c join review_case_event e on e.review_case_id = c.id
        where e.id > $1 group by 1, 2`,
      [last[0]?.id],
    );
    const happened: Record<string, Record<string, number>> = {};
    for (const { rule, event, count } of events) happened[rule] = { ...happened[rule], [event]: count };
    expect(events.length).toBeGreaterThan(0);
    expect(preview.cases).toEqual(happened);
    expect(await versions()).toContain('patient 1');
    // What was decided is either as it was, or reopened with the decision among its events.
    const { rows: after } = await pool.query<{ id: string; state: string; told: boolean }>(
      `select c.id::text, c.state, exists (select 1 from review_case_event e
          where e.review_case_id = c.id and e.event in ('resolved', 'reopened') and e.actor_kind = 'person') as told
         from review_case c where c.id = any($1::bigint[])`,
      [decisions.map(({ id }) => id)],
    );
    expect(after).toHaveLength(decisions.length);
    for (const one of after) expect(one.state === 'resolved' || (one.state === 'reopened' && one.told)).toBe(true);
    expect(lostRows({ review_case_event: before['review_case_event'] ?? [] }, await readKept(pool))).toEqual([]);
  });
});
