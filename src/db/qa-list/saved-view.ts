import type { Queryable } from '../pool.ts';
import type { Filters, ListName } from './definition.ts';

/** A list with its filters and order under a name. */
export type SavedView = {
  readonly name: string;
  readonly list: ListName;
  readonly filters: Filters;
  readonly sort: string | null;
  readonly author: string;
  readonly updatedAt: Date;
};

const COLUMNS = 'name, list, filters, sort, author, updated_at as "updatedAt"';

/** Keeps a view; one of the same name is replaced. */
export async function saveView(database: Queryable, view: Omit<SavedView, 'updatedAt'>): Promise<void> {
  await database.query(
    `insert into saved_view (name, list, filters, sort, author) values ($1, $2, $3, $4, $5)
     on conflict (name) do update set list = excluded.list, filters = excluded.filters, sort = excluded.sort,
       author = excluded.author, updated_at = now()`,
    [view.name, view.list, view.filters, view.sort, view.author],
  );
}

export async function listViews(database: Queryable): Promise<readonly SavedView[]> {
  const { rows } = await database.query<SavedView>(`select ${COLUMNS} from saved_view order by name`);
  return rows;
}

export async function findView(database: Queryable, name: string): Promise<SavedView | null> {
  const { rows } = await database.query<SavedView>(`select ${COLUMNS} from saved_view where name = $1`, [name]);
  return rows[0] ?? null;
}

/** True when there was a view of this name. */
export async function deleteView(database: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await database.query('delete from saved_view where name = $1', [name]);
  return (rowCount ?? 0) > 0;
}
