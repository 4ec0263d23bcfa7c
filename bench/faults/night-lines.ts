import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../src/db/pool.ts';
import { openJobQueues } from '../../src/jobs/work/enqueue.ts';
import { connectQueues, QUEUE_NAMESPACE } from '../../src/queue/connect.ts';
import type { Random } from './random.ts';

const IDLE_MS = 120_000;

/** Waits until no job is left that could read a file again: what it rewrote, no night would find out of date. */
export async function waitUntilIdle(queueUrl: string): Promise<void> {
  const queues = await openJobQueues(connectQueues(queueUrl, QUEUE_NAMESPACE), () => undefined);
  try {
    for (const deadline = performance.now() + IDLE_MS; ; await sleep(200)) {
      const counts = Object.values(await queues.counts()).flatMap((states) => Object.entries(states));
      if (counts.every(([state, count]) => state === 'failed' || count === 0)) return;
      if (performance.now() > deadline) throw new Error(`jobs are left over: ${JSON.stringify(counts)}`);
    }
  } finally {
    await queues.close();
  }
}

/** Makes every report one of an older adapter, and some of other values; returns the files of those. */
export async function ageReports(pool: Pool, random: Random): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select f.id::text from source_file f join report r on r.source_file_id = f.id
      where exists (select 1 from measured_value v where v.report_id = r.id and v.quantity = 'bmd') order by f.sha256`,
  );
  const altered = rows.map(({ id }) => id).filter(() => random.chance(0.5));
  await pool.query(
    `with aged as (update report set adapter_version = '0' returning id, source_file_id)
     update report_values r set value = array(
              select case when v.quantity = 'bmd' then v.value + 0.1 else v.value end
                from measured_value v where v.report_id = r.report_id order by v.place)
       from aged where aged.id = r.report_id and aged.source_file_id = any($1)`,
    [altered],
  );
  return altered;
}

/** Whether the nights have read every report again and none is at work. */
export async function isNightOver(pool: Pool): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ over: boolean }>(
      `select not exists (select 1 from report where adapter_version = '0')
          and not exists (select 1 from night_run where state in ('running', 'paused')) as over`,
    );
    return rows[0]?.over === true;
  } catch {
    return false; // the database is on its way back
  }
}

/**
 * What is wrong with the nights' reports, by ids: a file whose values changed has one line among all runs, which says
 * from what to what; a file that was only rewritten has none.
 */
export async function wrongLines(pool: Pool, altered: readonly string[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string; lines: number; telling: number }>(
    `select f.id::text, count(c.id)::int as lines, count(c.detail -> 'values' -> 0 -> 'after')::int as telling
       from source_file f
       left join night_change c on c.source_file_id = f.id and c.kind = 'file' and c.step = 'reread_reports'
      group by f.id order by f.id`,
  );
  return rows.flatMap(({ id, lines, telling }) => {
    const expected = altered.includes(id) ? 1 : 0;
    return lines === expected && telling === expected
      ? []
      : [`file ${id}: ${lines} lines, ${telling} with values, for ${expected}`];
  });
}
