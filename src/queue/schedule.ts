import { isDeepStrictEqual } from 'node:util';
import { getNextMillis, type Queue } from 'bullmq';

export type Cron = { readonly pattern: string; readonly tz: string };

/** `H` stands for a time that every process would draw for itself. */
const FIELDS = /^(?!.*(?:^|[\s,])H)\S+(?:\s+\S+){4,5}$/i;

/**
 * Whether a pattern has five fields, or six with the second first, and comes round some day, asked of the very parser that
 * the queue uses.
 */
export function isCron(when: Cron): boolean {
  if (!FIELDS.test(when.pattern)) return false;
  try {
    return getNextMillis(Date.now(), when) !== undefined;
  } catch {
    return false; // how the parser says no
  }
}

/**
 * Whether a schedule stands as it should: the same template, its next time no later than the pattern says, and a job that
 * brings it. Replacing one whose job is due would pass over that time.
 */
export async function isScheduled(queue: Queue, id: string, when: Cron, template: object): Promise<boolean> {
  const kept = await queue.getJobScheduler(id);
  if (kept?.pattern !== when.pattern || kept.tz !== when.tz || !isDeepStrictEqual(kept.template, template))
    return false;
  const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'prioritized');
  const due = getNextMillis(Date.now(), when);
  return Object.values(counts).some((count) => count > 0) && (kept.next ?? 0) <= (due ?? 0);
}
