import { copyFile, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import type { ListedCase } from '../../db/cases/review-case.ts';
import { FILE_UNREAD } from '../../db/files/source-file.ts';
import type { Pool } from '../../db/pool.ts';
import { readList } from '../../db/qa-list/read-list.ts';
import { attachEmbedded } from '../../embedded/attach.ts';
import { codeOf, DxaflowError, EXIT } from '../../errors/errors.ts';
import { importLsc, parseLscCsv } from '../../jobs/registry/lsc-import.ts';
import { startAssess } from '../../processes/assess.ts';
import { startHttp } from '../../processes/http.ts';
import { startIngest } from '../../processes/ingest.ts';
import { startIntake } from '../../processes/intake.ts';
import { type Config, readConfig } from '../../runtime/config.ts';
import { openRuntime, type Runtime } from '../../runtime/runtime.ts';
import { renderCases } from '../cases/qa-command.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { renderTable } from '../terminal/table.ts';
import { agrees, compareWithTruth } from './demo-check.ts';
import { makeDemoPlace } from './demo-place.ts';
import { loadSimulator, type Simulator } from './load-simulator.ts';

/** Nothing moves in the drop folder for this long: the demo gives up and says so. */
const STUCK_MS = 60_000;

type DemoOptions = { readonly patients: number; readonly seed: number; readonly exit?: true };

/**
 * Drops files as senders do: every second one grows under its final name, the others come complete by a rename. They
 * come one after the other, while the workers are at it.
 */
async function dropFiles(
  from: string,
  names: readonly string[],
  dropDir: string,
  onDropped: () => void,
): Promise<void> {
  await mkdir(dropDir, { recursive: true });
  for (const [index, name] of names.entries()) {
    if (index % 2 === 0) await copyFile(join(from, name), join(dropDir, name));
    else await rename(join(from, name), join(dropDir, name));
    onDropped();
  }
}

type Progress = { readonly settled: number; readonly waiting: number };

async function readProgress(pool: Pool): Promise<Progress> {
  const { rows } = await pool.query<Progress>(
    `select coalesce(sum(times_received) filter (where not ${FILE_UNREAD}), 0)::int as settled,
            (select count(*)::int from patient where assessed_revision < revision) as waiting
       from source_file`,
  );
  return rows[0] ?? { settled: 0, waiting: 0 };
}

/** Follows the work until every file has an outcome and every patient is judged. */
async function waitUntilDone(pool: Pool, files: number, onProgress: (settled: number) => void): Promise<void> {
  let last: Progress = { settled: -1, waiting: -1 };
  for (let movedAt = Date.now(); Date.now() - movedAt < STUCK_MS; await sleep(100)) {
    const progress = await readProgress(pool);
    if (progress.settled !== last.settled || progress.waiting !== last.waiting) movedAt = Date.now();
    last = progress;
    onProgress(progress.settled);
    if (progress.settled >= files && progress.waiting === 0) return;
  }
  throw new DxaflowError(
    'DEMO_STUCK',
    `Nothing has moved for ${STUCK_MS / 1000} s: ${last.settled} of ${files} files done. LOG_LEVEL=info shows why.`,
  );
}

async function listen(runtime: Runtime): Promise<string> {
  try {
    return await startHttp(runtime, { singleUser: true });
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    return await startHttp({ ...runtime, config: { ...runtime.config, httpPort: 0 } }, { singleUser: true });
  }
}

/** Runs the main job on simulated files; resolves with whether everything planted was found and nothing else. */
async function runDemo(
  runtime: Runtime,
  { simulateCohort, writeCohort, lscCsv }: Simulator,
  options: DemoOptions,
): Promise<{ readonly agreed: boolean; readonly url: string }> {
  const { pool, config } = runtime;
  const cohort = simulateCohort({ patients: options.patients, seed: options.seed });
  const { counts } = cohort.truth;
  const lscs = await importLsc(pool, parseLscCsv(lscCsv()), { by: 'dxaflow demo', note: 'simulated' });
  const outbox = join(dirname(config.dropDir), 'outbox');
  await writeCohort(outbox, cohort);
  console.log(
    `Simulated ${counts.patients} patients, ${counts.studies} studies, ${counts.files} files; ${lscs.imported} LSCs on file.`,
  );
  await startAssess(runtime);
  await startIngest(runtime);
  const url = await listen(runtime);
  await startIntake(runtime);
  console.log(`Workers run (queue: ${runtime.queues.backend}). Dropping the files into ${config.dropDir}`);

  const bar = new SingleBar(
    {
      format: ' {bar} {percentage}% | {value}/{total} files done | {dropped} dropped | {duration_formatted}',
      noTTYOutput: true,
      notTTYSchedule: 2000,
    },
    Presets.shades_classic,
  );
  const names = cohort.truth.files.map(({ name }) => name);
  const startedAt = performance.now();
  let dropped = 0;
  bar.start(counts.files, 0, { dropped });
  try {
    await Promise.all([
      dropFiles(join(outbox, 'sr'), names, config.dropDir, () => {
        dropped += 1;
      }),
      waitUntilDone(pool, counts.files, (settled) => bar.update(settled, { dropped })),
    ]);
  } finally {
    bar.stop();
  }
  const seconds = (performance.now() - startedAt) / 1000;

  const strongest = { list: 'cases', filters: { tier: 'review' }, sort: null, limit: 1000, after: null } as const;
  const cases = (await readList(pool, strongest)).rows as unknown as readonly ListedCase[];
  console.log(`\nReview list (${cases.length} cases)\n${renderCases(cases)}`);
  const rows = await compareWithTruth(pool, cohort.truth);
  const agreed = agrees(rows);
  const lines = rows.map((row) => [row.what, String(row.planted), String(row.found), String(row.extra)]);
  console.log(`\nPlanted and found\n${renderTable(['situation', 'planted', 'found', 'extra'], lines)}`);
  console.log(agreed ? 'Everything planted was found, nothing else.' : 'PLANTED AND FOUND DIFFER.');
  console.log(
    `\n${counts.files} files from drop to assessed in ${seconds.toFixed(1)} s: ${(counts.files / seconds).toFixed(0)} files/s.`,
  );
  return { agreed, url };
}

async function untilInterrupted(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('run dxaflow on simulated reports, with only an embedded PostgreSQL')
    .option('--patients <n>', 'number of patients', wholeNumber(20, 20_000), 80)
    .option('--seed <n>', 'the same seed gives the same patients', wholeNumber(0, 4_294_967_295), 1)
    .option('--exit', 'exit immediately; exit code 1 if planted and found cases differ')
    .addHelpText(
      'after',
      '\nThe demo uses its own database; DATABASE_URL is ignored. QUEUE_URL=redis://… runs it on Redis.\n\nExample:\n  $ dxaflow demo --exit',
    )
    .action(async (options: DemoOptions) => {
      const simulator = await loadSimulator();
      const given = readConfig(process.env);
      process.umask(0o077); // its folders lie in the home, which no one else may read
      const embedded = await attachEmbedded(given.homeDir);
      let runtime: Runtime | undefined;
      try {
        const place = await makeDemoPlace(given.homeDir, embedded.databaseUrl);
        const config: Config = {
          ...given,
          ...place,
          dropStableMs: 200,
          dropSweepMs: 1000,
          logLevel: process.env['LOG_LEVEL'] === undefined ? 'error' : given.logLevel,
        };
        runtime = await openRuntime(config, 'demo', { migrates: true, queueNamespace: `dxaflow_${place.run}` });
        const { agreed, url } = await runDemo(runtime, simulator, options);
        if (!agreed) process.exitCode = EXIT.failure;
        if (options.exit !== true) {
          console.log(`\nReview page: ${url}   (Ctrl-C ends the demo)`);
          await untilInterrupted();
        }
      } finally {
        await runtime?.close();
        await embedded.release();
      }
    });
}
