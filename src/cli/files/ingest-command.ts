import type { Command } from 'commander';
import { codeOf, EXIT } from '../../errors/errors.ts';
import { isOutage } from '../../errors/transient.ts';
import { assessStoredPatient } from '../../jobs/assess/assess.ts';
import { openFileIngest } from '../../jobs/ingest/ingest.ts';
import { openReadingPool, READING } from '../../jobs/ingest/reading-pool.ts';
import { openFileTaker, type TakenFile } from '../../jobs/intake/take-file.ts';
import { openMappingSource } from '../../jobs/registry/site-mapping.ts';
import { filesUnder } from '../terminal/files-under.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

export function addIngestCommand(program: Command): void {
  program
    .command('ingest')
    .description('ingest files or folders now, without the queue; originals are kept')
    .argument('<path...>', 'files, or folders at any depth')
    .option('--quiet', 'print only the summary')
    .addHelpText('after', '\nExample:\n  $ dxaflow ingest /mnt/export/2026')
    .action(async (paths: readonly string[], options: { readonly quiet?: true }) => {
      const totals = new Map<string, number>();
      const count = (outcome: string) => totals.set(outcome, (totals.get(outcome) ?? 0) + 1);
      await withRuntime(async ({ pool, config }) => {
        const reader = openReadingPool({
          ...READING,
          limits: config.limits,
          mappings: openMappingSource(pool),
        });
        const takeFile = openFileTaker({
          pool,
          archiveDir: config.archiveDir,
          folders: null,
          maxBytes: config.limits.maxBytes,
          route: 'dxaflow ingest',
        });
        const ingestFile = openFileIngest({ pool, archiveDir: config.archiveDir, reader });
        const patients = new Set<string>();
        try {
          for await (const file of filesUnder(paths)) {
            let taken: TakenFile;
            try {
              taken = await takeFile(file);
            } catch (error) {
              if (isOutage(error)) throw error;
              // One that cannot be taken must not keep the command from the others.
              process.exitCode = EXIT.failure;
              count(`not taken ${codeOf(error)}`);
              console.error(`${file.dropName}: not taken ${codeOf(error)}`);
              continue;
            }
            if (taken.outcome === 'duplicate') {
              count('duplicate');
              continue;
            }
            const result = await ingestFile(taken.sourceFileId);
            for (const id of [result.patientId ?? [], result.losers].flat()) patients.add(id);
            count(result.code === null ? result.state : `${result.state} ${result.code}`);
            if (!options.quiet) console.log(`${file.dropName}: ${result.state} ${result.code ?? ''}`.trimEnd());
          }
          for (const patientId of patients) await assessStoredPatient(pool, patientId);
        } finally {
          await reader.close();
        }
      });
      console.log(
        renderTable(
          ['outcome', 'files'],
          [...totals].sort().map(([outcome, files]) => [outcome, String(files)]),
        ),
      );
    });
}
