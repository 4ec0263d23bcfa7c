/**
 * Turns single calls into few large ones: what is asked for while a batch is under way makes up the next batch, so that
 * a lone call waits for nothing and a flood shares its round trips and commits. `run` returns one result an item, in
 * order; when it throws, every caller of that batch gets the error.
 */
export function inBatches<T, R>(
  run: (items: readonly T[]) => Promise<readonly R[]>,
  maxItems: number,
): (item: T) => Promise<R> {
  type Waiting = { readonly item: T; readonly resolve: (result: R) => void; readonly reject: (error: unknown) => void };
  let queue: Waiting[] = [];
  let running = false;

  async function drain(): Promise<void> {
    running = true;
    while (queue.length > 0) {
      const batch = queue.slice(0, maxItems);
      queue = queue.slice(maxItems);
      try {
        const results = await run(batch.map(({ item }) => item));
        for (const [index, { resolve, reject }] of batch.entries()) {
          const result = results[index];
          if (result === undefined) reject(new Error('a batch returned too few results'));
          else resolve(result);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = false;
  }

  return async (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    queue.push({ item, resolve, reject });
    // Started after this turn of the event loop, so that calls made together share the first batch.
    if (!running) {
      running = true;
      setImmediate(() => void drain());
    }
    return await promise;
  };
}
