/** What a process remembers for a time, of no more than `most` keys: the oldest goes first. */
export type Memory<T> = {
  readonly get: (key: string) => T | undefined;
  /** A key that is known keeps the moment from which it counts. */
  readonly set: (key: string, value: T) => void;
};

export function createMemory<T>(most: number, lifetimeMs: number): Memory<T> {
  const entries = new Map<string, { readonly value: T; readonly until: number }>();
  const living = (key: string) => {
    const entry = entries.get(key);
    if (entry !== undefined && entry.until > performance.now()) return entry;
    entries.delete(key);
    return undefined;
  };
  return {
    get: (key) => living(key)?.value,
    set: (key, value) => {
      const until = living(key)?.until ?? performance.now() + lifetimeMs;
      entries.set(key, { value, until });
      const [oldest] = entries.keys();
      if (entries.size > most && oldest !== undefined) entries.delete(oldest);
    },
  };
}
