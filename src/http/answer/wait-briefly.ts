import type { Logger } from 'pino';
import { within } from '../../errors/within.ts';

const PATIENCE_MS = 3000;

/**
 * Waits for work in the queue, but no longer than a person would: with the queue away it goes on by itself when that is
 * back, and what gets lost the sweep finds. What is committed must not look undone because of it.
 */
export async function waitBriefly(work: Promise<unknown>, log: Logger): Promise<void> {
  const heard = work.catch((error: unknown) => log.warn({ err: error }, 'not queued; the sweep will find it'));
  await within(heard, PATIENCE_MS, undefined);
}
