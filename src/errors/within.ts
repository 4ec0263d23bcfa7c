import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What work gives, or `late` when it takes longer than `ms`; it then goes on by itself, and nobody hears its end. For
 * what a person or a page waits for: a queue that is away answers no command until it is back.
 */
export async function within<T, L>(work: Promise<T>, ms: number, late: L): Promise<T | L> {
  const done = new AbortController();
  work.catch(() => undefined); // an error that comes too late is nobody's
  try {
    return await Promise.race([work, sleep(ms, late, { signal: done.signal })]);
  } finally {
    done.abort();
  }
}
