/**
 * npm run bench:lists [-- --json] [-- --cases N] [-- --comparisons N] [-- --plans]
 *
 * Every QA list on real PostgreSQL with 100 000 cases and 1 000 000 comparisons: each order and filter, the first page and
 * the hundredth, 50 rows a page. What is timed is a whole page as the command line or HTTP reads it: looking up the
 * scanners, the statement, and its rows in the process. Exit code 1 when the p95 of a list
 * over all its pages is 50 ms or more, or when a page takes as long at its best. On a machine that is busy with other
 * things a p95 measures those things too; the load is printed.
 */
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openPool } from '../src/db/pool.ts';
import { type Filters, LIST_NAMES, type ListName } from '../src/db/qa-list/definition.ts';
import { QA_LISTS } from '../src/db/qa-list/lists.ts';
import { countList, type ListQuery, readList, statementOf } from '../src/db/qa-list/read-list.ts';
import { migrate, readMigrations } from '../src/db/schema/migrate.ts';
import { attachEmbedded } from '../src/embedded/attach.ts';
import { flatJson } from './flat-json.ts';
import { fillLists } from './lists-data.ts';

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    comparisons: { type: 'string', default: '1000000' },
    repeats: { type: 'string', default: '20' },
    home: { type: 'string', default: join(import.meta.dirname, '..', '.dxaflow-test') },
    plans: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const PAGE = 50;
const LIMIT_MS = 50;

const EVERY: readonly Filters[] = [{}, { from: '2024-01-01', to: '2024-06-30' }];
const BY_SCANNER: readonly Filters[] = [{ scanner: 'S7' }, { scanner: 'S40' }, { institution: 'Hospital 3' }];

/** Filters that a list is read with: none, a span of days, a busy and a rare scanner, an institution, and its own. */
const FILTERS: Readonly<Partial<Record<ListName, readonly Filters[]>>> = {
  cases: [
    ...EVERY,
    ...BY_SCANNER,
    { rule: 'D1_SPINE_UP_HIP_DOWN' },
    { tier: 'review', scanner: 'S40', from: '2020-01-01' },
    { state: 'resolved' },
    { state: 'all' },
    { assignee: 'Reader 6' },
    { 'min-age-days': '600' },
  ],
  files: [...EVERY, { reason: 'TRUNCATED' }, { state: 'conflicted' }],
  unmapped: [...EVERY, ...BY_SCANNER, { reason: 'UNKNOWN_REGION' }],
  consistency: [...EVERY, ...BY_SCANNER, { reason: 'ADJACENT_T_SCORE_GAP' }],
  history: [...EVERY, { reason: 'SAME_CONTENT_AGAIN' }],
  lsc: [...EVERY, ...BY_SCANNER, { region: 'spine' }],
  'not-comparable': [...EVERY, ...BY_SCANNER, { reason: 'SIDE_DIFFERS' }, { reason: 'SIDE_DIFFERS', scanner: 'S40' }],
  'vendor-change': [...EVERY, ...BY_SCANNER],
  uncompared: [...EVERY, ...BY_SCANNER],
  'short-intervals': [...EVERY, ...BY_SCANNER],
  demographics: [...EVERY, ...BY_SCANNER, { reason: 'sex' }],
};

const say = (text: string) => {
  if (!options.json) console.log(text);
};

const embedded = await attachEmbedded(options.home);
const name = `bench_lists_${process.pid}`;
const admin = new pg.Client({ connectionString: embedded.databaseUrl });
await admin.connect();
await admin.query(`create database ${name}`);
const url = new URL(embedded.databaseUrl);
url.pathname = `/${name}`;
const pool = openPool(url.toString(), { max: 2, applicationName: 'bench', onError: () => undefined });

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
const tenths = (ms: number) => Math.round(ms * 10) / 10;

async function time(work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < Number(options.repeats); turn += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b);
}

/** The scans of a plan, in the order in which they stand in it. */
async function planOf(query: ListQuery): Promise<string> {
  const { text, values } = await statementOf(pool, QA_LISTS[query.list], query);
  const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
  const scans = rows
    .map((row) => row['QUERY PLAN'])
    .filter((line) => /Scan|Sort|Bitmap/.test(line) && !/Sort Key/.test(line));
  return scans.map((line) => line.replace(/\s*\(cost.*/, '').replace(/^[\s>-]+/, '')).join(' < ');
}

type Measured = {
  readonly list: ListName;
  readonly sort: string;
  readonly filters: string;
  readonly page: string;
  readonly rows: number;
  readonly fastest: number;
  readonly p50: number;
  readonly p95: number;
  readonly plan: string;
  readonly times: readonly number[];
};

async function measure(list: ListName, sort: string, filters: Filters): Promise<readonly Measured[]> {
  const query = { list, sort, filters, limit: PAGE } as const;
  const described = Object.entries(filters)
    .map(([filter, value]) => `${filter}=${value}`)
    .join(' ');
  const far = await readList(pool, { ...query, limit: PAGE * 99, after: null });
  const pages = [['1', null], ...(far.next === null ? [] : [['100', far.next] as const])] as const;
  const measured: Measured[] = [];
  for (const [page, after] of pages) {
    const { rows } = await readList(pool, { ...query, after });
    const times = await time(() => readList(pool, { ...query, after }));
    measured.push({
      list,
      sort,
      filters: described,
      page,
      rows: rows.length,
      fastest: tenths(times[0] ?? 0),
      p50: tenths(percentile(times, 0.5)),
      p95: tenths(percentile(times, 0.95)),
      plan: await planOf({ ...query, after }),
      times,
    });
  }
  return measured;
}

try {
  await migrate(pool, await readMigrations());
  const amounts = { cases: Number(options.cases), comparisons: Number(options.comparisons) };
  await fillLists(pool, amounts, (what, seconds) => say(`${what}: ${seconds.toFixed(1)} s`));
  const measured: Measured[] = [];
  for (const list of LIST_NAMES) {
    for (const sort of Object.keys(QA_LISTS[list].sorts)) {
      for (const direction of ['-', ''])
        for (const filters of FILTERS[list] ?? [...EVERY, ...BY_SCANNER])
          measured.push(...(await measure(list, `${direction}${sort}`, filters)));
    }
  }
  const counts: Record<string, number> = {};
  for (const list of LIST_NAMES)
    counts[list] = tenths(percentile(await time(() => countList(pool, { list, filters: {} }, 10_000)), 0.95));
  const lists = LIST_NAMES.map((list) => {
    const own = measured.filter((one) => one.list === list);
    const all = own.flatMap(({ times }) => times).sort((a, b) => a - b);
    const slowest = own.reduce((a, b) => (b.fastest > a.fastest ? b : a));
    return {
      list,
      queries: own.length,
      p50: tenths(percentile(all, 0.5)),
      p95: tenths(percentile(all, 0.95)),
      slowestAtBest: slowest.fastest,
      slowest: `${slowest.sort} ${slowest.filters} page ${slowest.page}`,
      countP95: counts[list],
    };
  });
  const machine = { processors: cpus().length, load: loadavg().map(tenths) };
  const tooSlow = [
    ...lists.filter(({ p95 }) => p95 >= LIMIT_MS).map(({ list, p95 }) => `${list}: p95 ${p95} ms over all its pages`),
    ...measured
      .filter(({ fastest }) => fastest >= LIMIT_MS)
      .map(
        (one) => `${one.list} ${one.sort} ${one.filters} page ${one.page}: ${one.fastest} ms at best\n  ${one.plan}`,
      ),
  ];
  if (options.json) {
    const queries = measured.map(({ times: _times, ...one }) => one);
    const repeats = Number(options.repeats);
    console.log(flatJson({ ...amounts, pageRows: PAGE, repeats, machine, lists, tooSlow, queries }));
  } else {
    console.table(lists);
    say(
      `${measured.length} pages, ${options.repeats} times each; ${machine.processors} processors, load ${machine.load.join(' ')}.`,
    );
    if (options.plans)
      for (const { list, sort, filters, page, p95, plan } of measured)
        say(`${list} ${sort} ${filters} p${page} ${p95} ms: ${plan}`);
    for (const one of tooSlow) say(`TOO SLOW ${one}`);
    if (tooSlow.length === 0) say(`Every list's p95 is under ${LIMIT_MS} ms.`);
  }
  if (tooSlow.length > 0) process.exitCode = 1;
} finally {
  await pool.end();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
  await embedded.release();
}
