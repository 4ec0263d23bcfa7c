import { DxaflowError, EXIT } from '../../errors/errors.ts';
import type { Queryable } from '../pool.ts';
import { readSettings } from '../registry/setting.ts';
import { type Position, readCursor, writeCursor } from './cursor.ts';
import type { Bind, Filters, ListDefinition, ListName, ListRow, Sort } from './definition.ts';
import { QA_LISTS } from './lists.ts';

/** A page of a list: which rows, in which order, how many, and where it begins. */
type PageQuery = {
  readonly filters: Readonly<Partial<Record<string, string>>>;
  /** Name of a sort, with "-" in front for the highest first; null for the list's own. */
  readonly sort: string | null;
  readonly limit: number;
  /** Cursor that a page before gave; null for the first page. */
  readonly after: string | null;
};

export type ListQuery = PageQuery & { readonly list: ListName; readonly filters: Filters };

export type Page<Row> = { readonly rows: readonly Row[]; readonly next: string | null };
export type ListPage = Page<ListRow>;

const usage = (code: string, message: string) => new DxaflowError(code, message, { exitCode: EXIT.usage });

function sortOf(
  list: ListDefinition,
  asked: string | null,
): { readonly name: string; readonly sort: Sort; readonly down: boolean } {
  const name = asked ?? list.defaultSort;
  const down = name.startsWith('-');
  const key = down ? name.slice(1) : name;
  const sort = Object.hasOwn(list.sorts, key) ? list.sorts[key] : undefined;
  if (sort !== undefined) return { name, sort, down };
  throw usage(
    'SORT_UNKNOWN',
    `The list ${list.name} sorts by ${Object.keys(list.sorts).join(', ')}; prefix with "-" to reverse.`,
  );
}

/** The scanners that are asked for, by serial number, station name or identity key, and by institution. */
async function scannersOf(
  database: Queryable,
  { scanner, institution }: PageQuery['filters'],
): Promise<readonly string[] | null> {
  if (scanner === undefined && institution === undefined) return null;
  const { rows } = await database.query<{ key: string }>(
    `select identity_key as key from scanner
      where ($1::text is null or identity_key = $1 or lower(device_serial_number) = lower($1) or lower(station_name) = lower($1))
        and ($2::text is null or lower(institution_name) = lower($2))`,
    [scanner ?? null, institution ?? null],
  );
  return rows.map(({ key }) => key);
}

/** Everything after "where" but the place of the page. */
async function conditionsOf(
  database: Queryable,
  list: ListDefinition,
  filters: PageQuery['filters'],
  bind: Bind,
): Promise<string> {
  const given = Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const conditions = [filters['state'] === undefined ? list.belongs : (list.belongsWithState ?? list.belongs)];
  if (list.monitored !== undefined && filters['region'] === undefined) {
    const { monitoredRegions } = (await readSettings(database)).settings;
    conditions.push(`${list.monitored} = any(${bind(monitoredRegions)}::text[])`);
  }
  for (const [name, text] of given) {
    if (name === 'scanner' || name === 'institution') continue;
    const condition = list.filters[name];
    if (condition === undefined) throw unknownFilter(list, name);
    conditions.push(condition(text, bind));
  }
  const scanners = await scannersOf(database, filters);
  if (scanners !== null) {
    if (list.ofScanner === null) throw unknownFilter(list, 'scanner');
    // One scanner is an equation, so that an index by scanner gives the rows in order.
    const [only, ...more] = scanners;
    const asked = only !== undefined && more.length === 0 ? `= ${bind(only)}` : `= any(${bind(scanners)}::text[])`;
    conditions.push(list.ofScanner(asked));
  }
  return conditions.map((condition) => `(${condition})`).join(' and ');
}

function unknownFilter(list: ListDefinition, name: string): DxaflowError {
  const names = [...Object.keys(list.filters), ...(list.ofScanner === null ? [] : ['scanner', 'institution'])];
  return usage('FILTER_UNKNOWN', `The list ${list.name} has no filter ${name}; it accepts ${names.join(', ')}.`);
}

function parameters(): { readonly values: unknown[]; readonly bind: Bind } {
  const values: unknown[] = [];
  return { values, bind: (value) => `$${values.push(value)}` };
}

/** The statement of a page with its parameters; apart from running it, so that its plan can be looked at. */
export async function statementOf(database: Queryable, list: ListDefinition, query: PageQuery) {
  const { name, sort, down } = sortOf(list, query.sort);
  const { values, bind } = parameters();
  const where = await conditionsOf(database, list, query.filters, bind);
  const start: Position | null = query.after === null ? null : readCursor(query.after, name, sort.type);
  // A row comparison is what lets an index find the place at once, however many pages lie before it.
  const place =
    start === null
      ? ''
      : ` and (${sort.expression}, ${list.id}) ${down ? '<' : '>'} (${bind(start.value)}::${sort.type}, ${bind(start.id)}::bigint)`;
  const order = (suffix: string) => `order by ${sort.expression}${suffix}, ${list.id}${suffix}`;
  const text = `
    select ${list.select}, c.sort_value as "sortValue"
      from (select c.*, (${sort.expression})::text as sort_value from ${list.from}
             where ${where}${place} ${order(down ? ' desc' : '')} limit ${bind(query.limit + 1)}) c
      ${list.joins}
     ${order(down ? ' desc' : '')}`;
  return { name, text, values };
}

/** One page of a list, in order, with the cursor of the next one; a row is what the list selects. */
export async function readPage<Row = ListRow>(
  database: Queryable,
  list: ListDefinition,
  query: PageQuery,
): Promise<Page<Row>> {
  const { name, text, values } = await statementOf(database, list, query);
  const { rows } = await database.query<Row & { readonly id: string; readonly sortValue: string }>(text, values);
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const next =
    rows.length > query.limit && last !== undefined
      ? writeCursor({ sort: name, value: last.sortValue, id: last.id })
      : null;
  return { rows: page.map(({ sortValue: _sortValue, ...row }) => row as Row), next };
}

/** One page of a QA list. */
export async function readList(database: Queryable, query: ListQuery): Promise<ListPage> {
  return await readPage(database, QA_LISTS[query.list], query);
}

/** All pages of a list, one after the other, up to `limit` rows. */
export async function* readWholeList(
  database: Queryable,
  query: Omit<ListQuery, 'after' | 'limit'> & { readonly after?: string | null },
  limit: number,
  pageSize: number,
): AsyncGenerator<ListPage> {
  let after: string | null = query.after ?? null;
  for (let left = limit; left > 0; left -= pageSize) {
    const page: ListPage = await readList(database, { ...query, after, limit: Math.min(pageSize, left) });
    yield page;
    if (page.next === null) return;
    after = page.next;
  }
}

/** A count that goes no further than it has to: "10000 or more" is as good as any number for a person. */
export type Count = { readonly rows: number; readonly capped: boolean };

/** Counts the rows of a list no further than `most`. */
export async function countRows(
  database: Queryable,
  list: ListDefinition,
  filters: PageQuery['filters'],
  most: number,
): Promise<number> {
  const { values, bind } = parameters();
  const where = await conditionsOf(database, list, filters, bind);
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int as count from (select 1 from ${list.from} where ${where} limit ${bind(most)}) x`,
    values,
  );
  return rows[0]?.count ?? 0;
}

export async function countList(
  database: Queryable,
  query: Pick<ListQuery, 'list' | 'filters'>,
  cap: number,
): Promise<Count> {
  const count = await countRows(database, QA_LISTS[query.list], query.filters, cap + 1);
  return { rows: Math.min(count, cap), capped: count > cap };
}

/** How many rows each rule, reason or scanner has, most first. Walks the whole list: not for every page. */
export async function countByGroup(
  database: Queryable,
  query: Pick<ListQuery, 'list' | 'filters'>,
): Promise<readonly { readonly group: string; readonly rows: number }[]> {
  const list = QA_LISTS[query.list];
  const { values, bind } = parameters();
  const where = await conditionsOf(database, list, query.filters, bind);
  const { rows } = await database.query<{ group: string; rows: number }>(
    `select coalesce(${list.groupBy}, '') as "group", count(*)::int as rows from ${list.from} where ${where}
      group by 1 order by 2 desc, 1`,
    values,
  );
  return rows;
}
