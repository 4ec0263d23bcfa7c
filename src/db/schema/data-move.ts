import { inTransaction, type Pool, type Queryable } from '../pool.ts';

/** How far a move of data has come. */
export type DataMoveRow = {
  readonly name: string;
  readonly afterId: string;
  readonly moved: string;
  readonly remaining: string;
  readonly workedSeconds: number;
  readonly begunAt: Date;
  readonly lastBatchAt: Date | null;
  readonly finishedAt: Date | null;
  readonly problemCode: string | null;
};

const COLUMNS = `name, after_id::text as "afterId", moved::text, remaining::text, worked_seconds as "workedSeconds",
  begun_at as "begunAt", last_batch_at as "lastBatchAt", finished_at as "finishedAt", problem_code as "problemCode"`;

export async function listDataMoves(database: Queryable): Promise<readonly DataMoveRow[]> {
  const { rows } = await database.query<DataMoveRow>(`select ${COLUMNS} from data_move order by begun_at, name`);
  return rows;
}

/** Rows a second while it was at work; null before its first batch. */
export const rateOf = ({ moved, workedSeconds }: DataMoveRow): number | null =>
  workedSeconds === 0 ? null : Number(moved) / workedSeconds;

/** Writes a move down before its first batch; nothing happens when it is there. */
export async function beginDataMove(database: Queryable, name: string, remaining: number): Promise<void> {
  await database.query('insert into data_move (name, remaining) values ($1, $2) on conflict (name) do nothing', [
    name,
    remaining,
  ]);
}

/** Where a batch ended, or null when nothing was left to look at. */
export type Batch = { readonly afterId: string; readonly moved: number } | null;

export type BatchResult = 'moved' | 'finished' | 'taken';

/**
 * Runs one batch and notes how far it came, in one transaction: both are there after a crash, or neither. `taken` when
 * another process is at the same move at this moment.
 */
export async function runBatch(
  pool: Pool,
  name: string,
  work: (transaction: Queryable, afterId: string) => Promise<Batch>,
): Promise<BatchResult> {
  const startedAt = performance.now();
  return await inTransaction(pool, async (transaction) => {
    const { rows } = await transaction.query<{ afterId: string }>(
      'select after_id::text as "afterId" from data_move where name = $1 for update skip locked',
      [name],
    );
    const row = rows[0];
    if (row === undefined) return 'taken';
    const batch = await work(transaction, row.afterId);
    await transaction.query(
      batch === null
        ? `update data_move set remaining = 0, problem_code = null, finished_at = coalesce(finished_at, now()) where name = $1`
        : `update data_move
              set after_id = $2, moved = moved + $3, remaining = greatest(remaining - $3, 0), problem_code = null,
                  worked_seconds = worked_seconds + $4, last_batch_at = now(), finished_at = null
            where name = $1`,
      batch === null ? [name] : [name, batch.afterId, batch.moved, (performance.now() - startedAt) / 1000],
    );
    return batch === null ? 'finished' : 'moved';
  });
}

export async function noteMoveProblem(database: Queryable, name: string, code: string): Promise<void> {
  await database.query('update data_move set problem_code = $2 where name = $1', [name, code]);
}
