import type { Queue } from 'bullmq';

const PAGE = 500;

/** Pages through the kept failed jobs, longest failed first, and removes those that `chosen` names by their place. */
export async function removeFailed(
  queue: Queue,
  chosen: (payloads: readonly unknown[]) => Promise<readonly number[]>,
): Promise<number> {
  let removed = 0;
  for (let kept = 0; ; ) {
    const jobs = await queue.getJobs('failed', kept, kept + PAGE - 1, true);
    if (jobs.length === 0) return removed;
    let gone = 0;
    for (const place of await chosen(jobs.map(({ data }) => data as unknown))) {
      const id = jobs[place]?.id;
      // One that is gone or at work again by now belongs to another process: no harm, and not counted.
      if (id !== undefined) gone += await queue.remove(id);
    }
    removed += gone;
    kept += jobs.length - gone;
  }
}
