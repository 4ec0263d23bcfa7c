import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What work gives, or `late` when it takes longer than `ms`; it then goes on by itself, and its result is ignored. For
 * what a person or a page waits for: a queue that is away answers no command until it is back.
 */
export async function within<T, L>(work: Promise<T>, ms: number, late: L): Promise<T | L> {
  const done = new AbortController();
  work.catch(() => undefined); // a late error is ignored
  try {
    return await Promise.race([work, sleep(ms, late, { signal: done.signal })]);
  } finally {
    done.abort();
  }
}
