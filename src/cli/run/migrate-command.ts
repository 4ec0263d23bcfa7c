import type { Command } from 'commander';
import { openPool, type Pool } from '../../db/pool.ts';
import { listDataMoves, rateOf } from '../../db/schema/data-move.ts';
import { neededLevel, readLedger } from '../../db/schema/ledger.ts';
import { levelOf, migrate, readMigrations } from '../../db/schema/migrate.ts';
import { attachEmbedded } from '../../embedded/attach.ts';
import { EXIT } from '../../errors/errors.ts';
import { openReadingPool, READING } from '../../jobs/ingest/reading-pool.ts';
import { MOVES } from '../../jobs/moves/moves.ts';
import { runMoves } from '../../jobs/moves/run-moves.ts';
import { connectQueues, QUEUE_NAMESPACE } from '../../queue/connect.ts';
import { ASSESS_QUEUE } from '../../queue/job.ts';
import { type Config, readConfig } from '../../runtime/config.ts';
import { asDatabaseAway } from '../../runtime/connect-database.ts';
import { renderTable } from '../terminal/table.ts';

/** How often `--data` looks again at a change that another process is at. */
const WAIT_MS = 1000;

const number = (version: number) => String(version).padStart(4, '0');

/** What is applied, which code can work with it, and which long changes remain; writes nothing. */
async function showStatus(pool: Pool, json: boolean): Promise<void> {
  const [migrations, ledger] = [await readMigrations(), await readLedger(pool)];
  const level = levelOf(migrations);
  const needed = neededLevel(ledger);
  const applied = new Set(ledger.map(({ version }) => version));
  const missing = migrations.filter(({ version }) => !applied.has(version)).map(({ name }) => name);
  const began = ledger.some(({ version }) => version > 0) && applied.has(level);
  const rows = began ? await listDataMoves(pool) : [];
  const moves = MOVES.map(({ name, does }) => {
    const row = rows.find((each) => each.name === name);
    const state = row === undefined ? 'not begun' : row.finishedAt === null ? 'goes on' : 'done';
    return {
      name,
      does,
      state,
      moved: row?.moved ?? '0',
      remaining: row?.remaining ?? null,
      rowsPerSecond: row === undefined ? null : rateOf(row),
      problem: row?.problemCode ?? null,
    };
  });
  const works = needed <= level && missing.length === 0;
  if (json) {
    console.log(JSON.stringify({ level, needed, works, applied: ledger, missing, moves }));
    return;
  }
  console.log(
    renderTable(
      ['schema', 'migration', 'applied (UTC)', 'worked with from'],
      ledger.map(({ version, name, appliedAt, workedWithFrom }) => [
        number(version),
        name,
        appliedAt.toISOString().slice(0, 19),
        number(workedWithFrom),
      ]),
    ),
  );
  console.log(`\nThe database is compatible with schema ${number(needed)} on. This release knows ${number(level)}.`);
  if (missing.length > 0) console.log(`Still to be applied by dxaflow migrate: ${missing.join(', ')}`);
  if (moves.length === 0) return;
  console.log(
    `\n${renderTable(
      ['data change', 'state', 'changed', 'to go', 'a second', 'stopped by'],
      moves.map(({ name, state, moved, remaining, rowsPerSecond, problem }) => [
        name,
        state,
        moved,
        remaining ?? '',
        rowsPerSecond === null ? '' : rowsPerSecond.toFixed(0),
        problem ?? '',
      ]),
    )}`,
  );
}

/** Does the long changes of data to their end, without the rests that a running system is owed. */
async function moveData(pool: Pool, { archiveDir, limits }: Config): Promise<void> {
  const reader = openReadingPool({ ...READING, limits });
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  process.once('SIGTERM', () => stopping.abort());
  let failed = false;
  const onProblem = (name: string) => {
    failed = true;
    console.error(`${name} stopped; dxaflow migrate --status names the code.`);
  };
  try {
    const pace = { stopping: stopping.signal, restFactor: 0 };
    const go = () => runMoves(pool, MOVES, { archiveDir, reader }, pace, { onBatch: () => undefined, onProblem });
    while (!(await go()) && !failed && !stopping.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  } finally {
    await reader.close();
  }
  for (const { name, moved, remaining } of await listDataMoves(pool)) {
    console.log(`${name}: ${moved} changed, ${remaining} to go`);
  }
  if (failed) process.exitCode = EXIT.failure;
}

type Options = { readonly status?: true; readonly data?: true; readonly json?: true };

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description("bring the database (and the queue, if it lives in PostgreSQL) to this release's schema")
    .option(
      '--status',
      'show what is applied, which releases are compatible and which long data changes remain; write nothing',
    )
    .option(
      '--data',
      'then complete the long data changes; without it they run in the background of the running system',
    )
    .option('--json', 'with --status: one JSON object')
    .addHelpText('after', '\nExample:\n  $ DATABASE_URL=postgres://dxaflow@db/dxaflow dxaflow migrate')
    .action(async (options: Options) => {
      const config = readConfig(process.env);
      const embedded = config.databaseUrl === undefined ? await attachEmbedded(config.homeDir) : undefined;
      const databaseUrl = embedded?.databaseUrl ?? config.databaseUrl ?? '';
      const pool = openPool(databaseUrl, { max: 4, applicationName: 'dxaflow migrate', onError: () => undefined });
      try {
        if (options.status) {
          await showStatus(pool, options.json === true);
          return;
        }
        const applied = await migrate(pool, await readMigrations()).catch((error: unknown) => {
          throw asDatabaseAway(error);
        });
        for (const name of applied) console.log(`applied ${name}`);
        if (applied.length === 0) console.log('The database is up to date.');
        // Opening a queue brings its own tables up to date where PostgreSQL holds them.
        const queue = await connectQueues(config.queueUrl ?? databaseUrl, QUEUE_NAMESPACE).openQueue(
          ASSESS_QUEUE,
          () => undefined,
        );
        await queue.close();
        if (options.data) await moveData(pool, config);
        else if (applied.length > 0 && MOVES.length > 0) {
          console.log('Long data changes continue in the background: dxaflow migrate --status');
        }
      } finally {
        await pool.end();
        await embedded?.release();
      }
    });
}
