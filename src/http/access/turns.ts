/**
 * Runs work a few pieces at a time, the askers by turns: one caller with a hundred requests does not keep the
 * next one waiting for a hundred pieces. The caller limits how many pieces one asker may have waiting.
 */
export function createTurns(atOnce: number): <T>(asker: string, work: () => Promise<T>) => Promise<T> {
  const waiting = new Map<string, (() => void)[]>();
  let running = 0;
  const next = (): void => {
    const [asker, starts] = waiting.entries().next().value ?? [];
    if (asker === undefined || starts === undefined || running >= atOnce) return;
    const start = starts.shift();
    // To the end of the queue.
    waiting.delete(asker);
    if (starts.length > 0) waiting.set(asker, starts);
    running += 1;
    start?.();
  };
  return async (asker, work) => {
    await new Promise<void>((start) => {
      const own = waiting.get(asker);
      if (own === undefined) waiting.set(asker, [start]);
      else own.push(start);
      next();
    });
    try {
      return await work();
    } finally {
      running -= 1;
      next();
    }
  };
}
