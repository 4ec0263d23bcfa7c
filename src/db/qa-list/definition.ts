import type { SortType } from '../sort-value.ts';

/** Every name that a filter can have; each list takes those that mean something to it. */
export const FILTER_NAMES = [
  'from',
  'to',
  'scanner',
  'institution',
  'rule',
  'tier',
  'topic',
  'state',
  'assignee',
  'reason',
  'region',
  'min-age-days',
  'max-age-days',
] as const;
export type FilterName = (typeof FILTER_NAMES)[number];
export type Filters = Readonly<Partial<Record<FilterName, string>>>;

export const LIST_NAMES = [
  'cases',
  'visits',
  'files',
  'unmapped',
  'lsc',
  'not-comparable',
  'vendor-change',
  'consistency',
  'history',
  'uncompared',
  'short-intervals',
  'demographics',
  'rejections',
] as const;
export type ListName = (typeof LIST_NAMES)[number];

/** Takes a value into the statement's parameters and returns its placeholder. */
export type Bind = (value: unknown) => string;
/** Turns the text of a filter into SQL. */
export type FilterSql = (text: string, bind: Bind) => string;

export type Sort = {
  /** Never null, so that a page has one end. */
  readonly expression: string;
  readonly type: SortType;
};

export type ListDefinition = {
  readonly name: ListName;
  readonly title: string;
  /** The one table that is walked through, with its alias. */
  readonly from: string;
  readonly id: string;
  /** What makes a row belong to the list at all; a constant, so that partial indexes apply. */
  readonly belongs: string;
  /**
   * Column of the region, where only monitored regions make work (C11); asked for a region by its name, the list shows it
   * whether or not it is monitored.
   */
  readonly monitored?: string;
  /** Takes the place of `belongs` when the list is asked for a state of its own. */
  readonly belongsWithState?: string;
  readonly filters: Readonly<Partial<Record<string, FilterSql>>>;
  /** True for rows of the scanners that `asked` ("= $1" or "= any($1)") leaves; null where a row knows no scanner. */
  readonly ofScanner: ((asked: string) => string) | null;
  readonly sorts: Readonly<Record<string, Sort>>;
  readonly defaultSort: string;
  /** What a row is counted by. */
  readonly groupBy: string;
  /** Columns of the answer, over the page `page` of the table. */
  readonly select: string;
  readonly joins: string;
};

/** A row of any list: what stands in its columns, by name. */
export type ListRow = Readonly<Record<string, unknown>>;

export const from =
  (column: string): FilterSql =>
  (text, bind) =>
    `${column} >= ${bind(text)}::date`;

/** Up to the end of the day. */
export const to =
  (column: string): FilterSql =>
  (text, bind) =>
    `${column} < ${bind(text)}::date + 1`;

export const equals =
  (column: string): FilterSql =>
  (text, bind) =>
    `${column} = ${bind(text)}`;

export const olderThan =
  (column: string): FilterSql =>
  (text, bind) =>
    `${column} <= now() - make_interval(days => ${bind(text)}::int)`;

export const youngerThan =
  (column: string): FilterSql =>
  (text, bind) =>
    `${column} > now() - make_interval(days => ${bind(text)}::int)`;
