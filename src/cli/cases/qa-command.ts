import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { ruleLabel } from '../../codes/wording.ts';
import type { ListedCase } from '../../db/cases/review-case.ts';
import { LIST_NAMES, type ListName, type ListRow } from '../../db/qa-list/definition.ts';
import { QA_LISTS } from '../../db/qa-list/lists.ts';
import { countByGroup, type ListQuery, readWholeList } from '../../db/qa-list/read-list.ts';
import { findView } from '../../db/qa-list/saved-view.ts';
import { shownIn } from '../../db/qa-list/shown.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { parseFilterTexts, parseListQuery } from '../../jobs/cases/list-query.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { logShown } from '../terminal/log-shown.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { toCsv, toXlsx } from './qa-export.ts';
import { COLUMNS, caseLine, lineOf } from './qa-lines.ts';
import { addViewCommands } from './qa-view-command.ts';

const PAGE = 500;

type Options = {
  readonly list?: ListName;
  readonly filter: readonly string[];
  readonly sort?: string;
  readonly limit: string;
  readonly after?: string;
  readonly view?: string;
  readonly format: 'table' | 'json' | 'csv' | 'xlsx';
  readonly out?: string;
  readonly count?: true;
  readonly all?: true;
};

/** The cases as a table for a terminal. */
export function renderCases(cases: readonly ListedCase[]): string {
  if (cases.length === 0) return 'No cases are waiting for review.';
  const rows = cases.map((found) => {
    const line = caseLine(found);
    const change = (index: 1 | 2) =>
      line[`region_${index}`] === undefined
        ? ''
        : `${line[`region_${index}`]} ${line[`delta_${index}`]} (${line[`percent_${index}`]} %)`;
    const words = ruleLabel(found.rule);
    return [
      found.id,
      words,
      found.state,
      found.patientId,
      found.followUpOn,
      change(1),
      change(2),
      String(line['strength']),
    ];
  });
  const headers = [
    'case',
    'rule',
    'state',
    'patient',
    'follow-up',
    'first change g/cm²',
    'second change g/cm²',
    'strength',
  ];
  return renderTable(headers, rows);
}

/** What was asked for: a saved view, changed by what is given beside it. */
async function queryOf({ pool }: Runtime, options: Options): Promise<ListQuery> {
  const view = options.view === undefined ? null : await findView(pool, options.view);
  if (options.view !== undefined && view === null) {
    throw new DxaflowError('VIEW_UNKNOWN', 'There is no view of this name; dxaflow qa views lists them.', {
      exitCode: EXIT.usage,
    });
  }
  return parseListQuery({
    list: options.list ?? view?.list ?? 'cases',
    filters: {
      ...(options.all === true ? { state: 'all' } : {}),
      ...view?.filters,
      ...parseFilterTexts(options.filter),
    },
    sort: options.sort ?? view?.sort ?? null,
    limit: Number(options.limit),
    after: options.after ?? null,
  });
}

function renderTableOf(list: ListName, rows: readonly ListRow[]): string {
  if (list === 'cases') return renderCases(rows as unknown as readonly ListedCase[]);
  if (rows.length === 0) return 'This list is empty.';
  const columns = COLUMNS[list];
  return renderTable(
    columns,
    rows.map((row) => lineOf(list, row)).map((line) => columns.map((name) => String(line[name]))),
  );
}

async function writeRows(list: ListName, rows: readonly ListRow[], { format, out }: Options): Promise<void> {
  const lines = () => rows.map((row) => lineOf(list, row));
  switch (format) {
    case 'table':
      return console.log(renderTableOf(list, rows));
    case 'json':
      return console.log(JSON.stringify(rows, null, 2));
    case 'csv': {
      const csv = toCsv(COLUMNS[list], lines(), true);
      if (out === undefined) process.stdout.write(csv);
      else await writeFile(out, csv);
      return;
    }
    case 'xlsx':
      if (out === undefined)
        throw new DxaflowError('OUT_MISSING', 'A workbook needs --out FILE.', { exitCode: EXIT.usage });
      return await writeFile(out, await toXlsx(QA_LISTS[list].title, COLUMNS[list], lines()));
    default:
      format satisfies never;
  }
}

async function showList(options: Options): Promise<void> {
  await withRuntime(async (runtime) => {
    const query = await queryOf(runtime, options);
    if (options.count === true) {
      const groups = await countByGroup(runtime.pool, query);
      const total = groups.reduce((sum, { rows }) => sum + rows, 0);
      const lines = [...groups.map(({ group, rows }) => [group, String(rows)]), ['all', String(total)]];
      return console.log(
        options.format === 'json' ? JSON.stringify({ total, groups }) : renderTable(['of', 'rows'], lines),
      );
    }
    const rows: ListRow[] = [];
    let next: string | null = null;
    for await (const page of readWholeList(runtime.pool, query, query.limit, PAGE)) {
      rows.push(...page.rows);
      next = page.next;
    }
    await logShown(runtime.pool, `qa list ${query.list}, ${options.format}`, shownIn(query.list, rows));
    await writeRows(query.list, rows, options);
    if (next !== null) process.stderr.write(`More rows are available. Next page: --after ${next}\n`);
  });
}

export function addQaCommand(program: Command): void {
  const qa = program.command('qa').description('lists for quality assurance');
  qa.command('list')
    .description('read a list; review cases by default')
    .addOption(new Option('--list <name>', 'which list').choices(LIST_NAMES))
    .option('--filter <name=value>', 'keep matching rows; may be repeated', (text, all: string[]) => [...all, text], [])
    .option('--sort <name>', 'sort order; prefix with "-" for descending')
    .option('--limit <n>', 'maximum number of rows', '10000')
    .option('--after <cursor>', 'cursor of the previous page')
    .option('--view <name>', 'a saved view; options given here override it')
    .addOption(new Option('--format <format>').choices(['table', 'json', 'csv', 'xlsx']).default('table'))
    .option('--out <file>', 'output file for CSV or the workbook')
    .option('--count', 'row counts per rule, reason or scanner instead of the rows')
    .option('--all', 'include resolved and withdrawn cases')
    .addHelpText(
      'after',
      '\nLists, filters and sorts: docs/qa-lists.md\n\nExamples:\n  $ dxaflow qa list --format csv > cases.csv\n  $ dxaflow qa list --list not-comparable --filter reason=SIDE_DIFFERS --filter from=2026-01-01',
    )
    .action(showList);
  addViewCommands(qa);
}
