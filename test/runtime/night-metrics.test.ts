import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeNightLock } from '../../src/db/night/lock.ts';
import { createMetrics } from '../../src/health/metrics.ts';
import { measureNights } from '../../src/runtime/night-metrics.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { plantNight } from '../support/stored/planted-night.ts';

describe('the metrics of the night', () => {
  let database: TestDatabase;
  let folder: string;
  let run: string;
  const metrics = createMetrics('test');
  let lines: readonly string[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-night-metrics-'));
    metrics.beforeScrape(measureNights(metrics, database.pool));
    await scrape(); // before any night: nothing to tell
    ({ run } = await plantNight(database.pool, folder, 'SECRET'));
    await scrape();
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function scrape(): Promise<void> {
    lines = (await metrics.render()).body.split('\n').filter((line) => line.startsWith('dxaflow_'));
  }
  const value = (start: string): number | undefined => {
    const line = lines.find((one) => one.startsWith(start));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };

  it('say that it finished, when, and what it counted', () => {
    expect(value('dxaflow_night_state{trigger="schedule",state="done"')).toBe(1);
    const done = value('dxaflow_night_done_timestamp_seconds{trigger="schedule"') ?? 0;
    expect(Math.abs(done - Date.now() / 1000)).toBeLessThan(60);
    expect(value('dxaflow_night_duration_seconds{trigger="schedule"')).toBeLessThan(60);
    expect(value('dxaflow_night_step_units{trigger="schedule",step="reread_reports",count="examined"')).toBe(1);
    expect(value('dxaflow_night_changes{trigger="schedule",kind="patient"')).toBe(1);
    expect(value('dxaflow_night_changes{trigger="schedule",kind="archive"')).toBe(4);
    expect(value('dxaflow_night_changes{trigger="schedule",kind="failure"')).toBe(0);
    expect(value('dxaflow_archive_damage_found')).toBe(4);
    expect(lines.some((line) => line.includes('hand') || line.includes('SECRET'))).toBe(false);
    expect(lines.length).toBeLessThan(60);
  });

  it('say how far a run at work has got, and that one is cut off', async () => {
    const { pool } = database;
    await pool.query(
      `with begun as (insert into night_run (trigger, versions) select 'schedule', versions from night_run where id = $1 returning id)
       insert into night_step (night_run_id, step, after_id, end_id) select id, 'reassess', 3, 4 from begun`,
      [run],
    );
    await scrape();
    expect(value('dxaflow_night_state{trigger="schedule",state="cut_off"')).toBe(1);
    expect(value('dxaflow_night_step_progress_ratio{trigger="schedule",step="reassess"')).toBe(0.75);
    expect(value('dxaflow_night_state{trigger="schedule",state="done"')).toBeUndefined();
    expect(value('dxaflow_night_done_timestamp_seconds{trigger="schedule"')).toBeGreaterThan(0);
    const lock = await takeNightLock(pool);
    await scrape();
    expect(value('dxaflow_night_state{trigger="schedule",state="running"')).toBe(1);
    await lock?.release();
  });
});
