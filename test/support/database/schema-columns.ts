import type { Queryable } from '../../../src/db/pool.ts';

export const SCHEMA_MARK = '<!-- Written by npm run docs:schema; the rest of this file is written by hand. -->';

type Table = {
  readonly name: string;
  readonly isView: boolean;
  readonly columns: string;
  /** Comments of the table and of its columns, each a line. */
  readonly comments: string;
};

async function readTables(database: Queryable): Promise<readonly Table[]> {
  const { rows } = await database.query<Table>(
    `select c.table_name as name, t.table_type = 'VIEW' as "isView",
            string_agg('\`' || c.column_name || '\`' || case when c.is_nullable = 'YES' and t.table_type <> 'VIEW' then '?' else '' end,
              ', ' order by c.ordinal_position) as columns,
            concat_ws(E'\\n\\n', obj_description(c.table_name::regclass),
              string_agg('\`' || c.column_name || '\`: ' || col_description(c.table_name::regclass, c.ordinal_position), E'\\n\\n'
                order by c.ordinal_position)) as comments
       from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' group by 1, 2 order by c.table_name collate "C"`,
  );
  return rows;
}

/** The section of docs/schema.md that lists every table with its columns; nullable ones with a question mark. */
export async function describeColumns(database: Queryable): Promise<string> {
  const tables = await readTables(database);
  const lines = tables.map(
    ({ name, isView, columns, comments }) =>
      `**${name}**${isView ? ' (view)' : ''}: ${columns}\n${comments === '' ? '' : `\n${comments}\n`}`,
  );
  return `${SCHEMA_MARK}\n\n${lines.join('\n')}`;
}
