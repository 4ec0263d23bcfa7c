import type { Command } from 'commander';
import { listNightChanges } from '../db/night/change.ts';
import { listNightRuns } from '../db/night/run.ts';
import { listNightSteps } from '../db/night/step.ts';
import { DxaflowError } from '../errors.ts';
import { renderChange } from './night-lines.ts';
import { renderTable } from './table.ts';
import { withRuntime } from './with-runtime.ts';

const PAGE = 500;
const time = (moment: Date | null) => moment?.toISOString().slice(0, 19) ?? '';

export function addNightCommand(program: Command): void {
  const night = program.command('night').description('reports of what was computed again');
  night
    .command('list')
    .description('the latest runs, by night and by hand')
    .action(async () => {
      const runs = await withRuntime(({ pool }) => listNightRuns(pool, 50));
      const rows = runs.map((run) => [run.id, run.trigger, run.state, time(run.startedAt), time(run.finishedAt)]);
      console.log(renderTable(['run', 'by', 'state', 'started (UTC)', 'finished (UTC)'], rows));
    });
  night
    .command('show')
    .description('what one run changed and why, case by case')
    .argument('[run]', 'number of the run; the latest one if none is given')
    .option('--json', 'one JSON object a line')
    .action(async (given: string | undefined, options: { readonly json?: true }) => {
      await withRuntime(async ({ pool }) => {
        const id = given ?? (await listNightRuns(pool, 1))[0]?.id;
        if (id === undefined || !/^\d+$/.test(id)) {
          throw new DxaflowError('NIGHT_UNKNOWN', 'There is no such run. The runs: dxaflow night list');
        }
        for (let after = '0'; ; ) {
          const changes = await listNightChanges(pool, id, after, PAGE);
          const last = changes.at(-1);
          if (last === undefined) break;
          for (const change of changes) console.log(options.json ? JSON.stringify(change) : renderChange(change));
          after = last.id;
        }
        if (options.json) return;
        const steps = await listNightSteps(pool, id);
        const rows = steps.map(({ step, counts, finishedAt }) => [
          step,
          finishedAt === null ? 'not done' : 'done',
          JSON.stringify(counts),
        ]);
        console.log(renderTable(['step', 'state', 'counts'], rows));
      });
    });
}
