import { inTransaction, type Pool, type Queryable, type TO_JUDGE } from './pool.ts';

class RolledBack extends Error {}

/** What `work` would give, in a transaction that is rolled back: everything is computed and nothing kept. */
export async function rolledBack<T>(
  pool: Pool,
  work: (transaction: Queryable) => Promise<T>,
  settings: typeof TO_JUDGE | '' = '',
): Promise<T> {
  let result: { readonly value: T } | undefined;
  try {
    await inTransaction(
      pool,
      async (transaction) => {
        result = { value: await work(transaction) };
        throw new RolledBack();
      },
      settings,
    );
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  if (result === undefined) throw new Error('rolled back without a result');
  return result.value;
}
