import { Presets, SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError } from 'commander';
import type { NightChange } from '../../db/night/change.ts';
import type { NightFilters } from '../../db/night/run.ts';
import { EXIT } from '../../errors/errors.ts';
import { openReadingPool, READING } from '../../jobs/ingest/reading-pool.ts';
import { type NightResult, runNight } from '../../jobs/nightly/night.ts';
import { openMappingSource } from '../../jobs/registry/site-mapping.ts';
import { NIGHT_CONCURRENCY, NIGHT_SAMPLE } from '../../processes/nightly.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { renderChange, renderSteps } from './night-lines.ts';

function isoDay(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('must be a day, 2026-11-30');
  }
  return text;
}

function outcomeWords({ runId, outcome }: NightResult): string {
  const name = runId === null ? 'Dry run' : `Run ${runId}`;
  const ended =
    outcome === 'done' ? 'done.' : 'stopped early. Start it again for the rest; what is already up to date is skipped.';
  return `${name}: ${ended}${runId === null ? ' Nothing was written.' : ''}`;
}

type Options = NightFilters & {
  readonly dryRun?: true;
  readonly recomputeOnly?: true;
  readonly json?: true;
};

/** Runs by hand with a bar on standard error; Ctrl-C lets the work at hand finish. */
async function runByHand(
  runtime: Runtime,
  options: Options,
  onChange: (change: NightChange) => void,
): Promise<NightResult> {
  const { pool, config, log } = runtime;
  const { since, vendor, scanner, code } = options;
  const filters: NightFilters = {
    ...(since === undefined ? {} : { since }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(scanner === undefined ? {} : { scanner }),
    ...(code === undefined ? {} : { code }),
  };
  const reader = openReadingPool({ ...READING, limits: config.limits, mappings: openMappingSource(pool) });
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const bar = new SingleBar(
    { format: ' {bar} {percentage}% | {step} | {examined} examined', noTTYOutput: false, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(100, 0, { step: 'begin', examined: 0 });
  try {
    return await runNight({
      pool,
      log,
      reader,
      filters,
      onChange,
      archiveDir: config.archiveDir,
      queues: null,
      limits: config.limits,
      trigger: 'hand',
      dryRun: options.dryRun === true,
      recomputeOnly: options.recomputeOnly === true,
      concurrency: NIGHT_CONCURRENCY,
      sample: NIGHT_SAMPLE,
      windowSeconds: null,
      stopping: stopping.signal,
      onProgress: ({ step, afterId, endId, examined }) =>
        bar.update(Math.round((100 * Number(afterId)) / Math.max(1, Number(endId))), { step, examined }),
    });
  } finally {
    bar.stop();
    await reader.close();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

export function addReprocessCommand(program: Command): void {
  program
    .command('reprocess')
    .description('reprocess what is out of date, or what the filters select, and report every difference')
    .option('--since <day>', 'files received on or after this day', isoDay)
    .option('--vendor <name>', 'reports read by this adapter, e.g. ge-lunar')
    .option('--scanner <scanner>', 'id, serial number, station name or key of a scanner')
    .option('--code <code>', 'files with this reason code or finding')
    .option('--recompute-only', 'reassess from stored values; no file is opened')
    .option('--dry-run', 'report what would change and write nothing')
    .option('--json', 'one JSON object per line')
    .addHelpText(
      'after',
      '\nWithout a filter: everything produced by an older reader, adapter, site mapping, rule set or LSC.\n\nExamples:\n  $ dxaflow reprocess --dry-run\n  $ dxaflow reprocess --vendor ge-lunar --since 2026-01-01',
    )
    .action(async (options: Options) => {
      const write = (change: NightChange) => console.log(options.json ? JSON.stringify(change) : renderChange(change));
      const result = await withRuntime((runtime) => runByHand(runtime, options, write));
      console.log(options.json ? JSON.stringify(result) : `\n${renderSteps(result)}\n${outcomeWords(result)}`);
      if (result.outcome !== 'done') process.exitCode = EXIT.failure;
    });
}
