import type { Command } from 'commander';
import { formatCounts, formatPercent } from '../../codes/night-wording.ts';
import { listNightChanges } from '../../db/night/change.ts';
import { isNightAtWork, isNightWaiting } from '../../db/night/lock.ts';
import { findNightRun, listNightRuns, type NightRun } from '../../db/night/run.ts';
import { listNightSteps, type NightStepRow } from '../../db/night/step.ts';
import { DxaflowError } from '../../errors/errors.ts';
import { currentStep, progressOf, shownState } from '../../jobs/nightly/progress.ts';
import { logShown } from '../terminal/log-shown.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { renderChange } from './night-lines.ts';

const PAGE = 500;
const LISTED = 50;
const time = (moment: Date | null) => moment?.toISOString().slice(0, 19) ?? '';

/** The state, and of a run that broke off the code of its error. */
const stateOf = (run: NightRun, atWork: boolean): string =>
  [shownState(run, atWork), ...(run.failureCode === null ? [] : [run.failureCode])].join(' ');

const percentOf = (step: NightStepRow): string | null => {
  const progress = progressOf(step);
  return progress === null ? null : formatPercent(progress);
};

/** "reassess, 43 %": the step that a run is at. */
function placeOf(steps: readonly NightStepRow[]): string {
  const step = currentStep(steps);
  return step === undefined ? '' : [step.step, percentOf(step)].filter((part) => part !== null).join(', ');
}

export function addNightCommand(program: Command): void {
  const night = program.command('night').description('reports of nightly and manual reprocessing');
  night
    .command('list')
    .description('the latest runs, nightly and manual, with the progress of a running one')
    .option('--json', 'one JSON object per line')
    .action(async (options: { readonly json?: true }) => {
      const { runs, steps, atWork, waits } = await withRuntime(async ({ pool }) => {
        const found = await listNightRuns(pool, LISTED);
        return {
          runs: found,
          steps: await listNightSteps(pool, ...found.map(({ id }) => id)),
          atWork: await isNightAtWork(pool),
          waits: await isNightWaiting(pool),
        };
      });
      if (options.json) {
        for (const run of runs) {
          const own = steps.filter(({ runId }) => runId === run.id);
          const progress = own.map((step) => ({ ...step, progress: progressOf(step) }));
          console.log(JSON.stringify({ ...run, state: shownState(run, atWork), steps: progress }));
        }
        return;
      }
      const rows = runs.map((run) => [
        run.id,
        run.trigger,
        stateOf(run, atWork),
        run.finishedAt === null ? placeOf(steps.filter(({ runId }) => runId === run.id)) : '',
        time(run.startedAt),
        time(run.finishedAt),
        String(run.timesResumed),
      ]);
      console.log(renderTable(['run', 'by', 'state', 'at', 'started (UTC)', 'finished (UTC)', 'resumed'], rows));
      if (waits) console.log('A nightly run is waiting for the current run and starts when that ends.');
    });
  night
    .command('show')
    .description('show what one run changed and why, case by case')
    .argument('[run]', 'run number; the latest run by default')
    .option('--json', 'one JSON object per line')
    .action(async (given: string | undefined, options: { readonly json?: true }) => {
      await withRuntime(async ({ pool }) => {
        const id = given ?? (await listNightRuns(pool, 1))[0]?.id ?? '';
        const run = /^\d{1,18}$/.test(id) ? await findNightRun(pool, id) : null;
        if (run === null) {
          throw new DxaflowError('NIGHT_UNKNOWN', 'There is no such run; see dxaflow night list.');
        }
        for (let after = '0'; ; ) {
          const changes = await listNightChanges(pool, id, after, PAGE);
          const last = changes.at(-1);
          if (last === undefined) break;
          await logShown(pool, 'night show', {
            patientIds: changes.flatMap(({ patientId }) => patientId ?? []),
            fileIds: changes.flatMap(({ sourceFileId }) => sourceFileId ?? []),
          });
          for (const change of changes) console.log(options.json ? JSON.stringify(change) : renderChange(change));
          after = last.id;
        }
        if (options.json) return;
        const steps = await listNightSteps(pool, id);
        const state = stateOf(run, await isNightAtWork(pool));
        const rows = steps.map((step) => [
          step.step,
          step.finishedAt === null ? (percentOf(step) ?? 'running') : 'done',
          formatCounts(step.counts),
        ]);
        console.log(`Run ${id}, by ${run.trigger}: ${state}, began ${time(run.startedAt)} UTC`);
        console.log(renderTable(['step', 'state', 'counts'], rows));
      });
    });
}
