import type { Command } from 'commander';
import { wholeNumber } from '../terminal/arguments.ts';
import { renderTable } from '../terminal/table.ts';
import { loadSimulator } from './load-simulator.ts';

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('write simulated reports of a cohort of patients, with lsc.csv and the labelled truth beside them')
    .option('--patients <n>', 'number of patients', wholeNumber(1, 100_000), 80)
    .option('--seed <n>', 'the same seed gives the same bytes', wholeNumber(0, 4_294_967_295), 1)
    .requiredOption('--out <dir>', 'folder to write into')
    .addHelpText('after', '\nExample:\n  $ dxaflow simulate --patients 200 --seed 7 --out cohort')
    .action(
      async ({ patients, seed, out }: { readonly patients: number; readonly seed: number; readonly out: string }) => {
        const { simulateCohort, writeCohort } = await loadSimulator();
        const cohort = simulateCohort({ patients, seed });
        await writeCohort(out, cohort);
        console.log(
          renderTable(
            ['what', 'count'],
            Object.entries(cohort.truth.counts).map(([what, count]) => [what, String(count)]),
          ),
        );
        console.log(
          `Reports are in ${out}/sr, what must be found in ${out}/truth.json, the scanners' LSCs in ${out}/lsc.csv.`,
        );
      },
    );
}
