import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { listLsc } from '../db/lsc.ts';
import { formatMicro } from '../dxa/quantity.ts';
import { describeVertebrae } from '../dxa/region.ts';
import { codeOf, DxaflowError, EXIT } from '../errors.ts';
import { importLsc, parseLscCsv } from '../jobs/lsc-import.ts';
import { renderTable } from './table.ts';
import { withRuntime } from './with-runtime.ts';

export function addLscCommand(program: Command): void {
  const lsc = program.command('lsc').description('least significant changes on file');
  lsc
    .command('import')
    .description('put the least significant changes of a CSV file on file; all lines or none')
    .argument('<csv>', 'file with the columns of docs/lsc-csv.md')
    .addHelpText('after', '\nExample:\n  $ dxaflow lsc import lsc.csv')
    .action(async (path: string) => {
      const csv = await readFile(path, 'utf8').catch((error: unknown) => {
        throw new DxaflowError('FILE_UNREADABLE', `The file cannot be read: ${codeOf(error)}.`, {
          cause: error,
          exitCode: EXIT.usage,
        });
      });
      const entries = parseLscCsv(csv);
      const result = await withRuntime(({ pool }) => importLsc(pool, entries));
      console.log(
        `${result.imported} imported, ${result.unchanged} already on file; ${result.patientsToAssess} patients will be judged anew by the running workers.`,
      );
    });
  lsc
    .command('list')
    .description('list the least significant changes in force')
    .action(async () => {
      const entries = await withRuntime(({ pool }) => listLsc(pool));
      const rows = entries.map((entry) => [
        entry.lscId,
        `${entry.manufacturer} ${entry.modelName} ${entry.deviceSerialNumber || entry.stationName}`,
        [entry.roi.region, describeVertebrae(entry.roi.vertebrae)].join(' ').trim(),
        entry.laterality,
        formatMicro(entry.leastSignificantChange, 3),
        `${entry.confidenceLevel * 100} %`,
        entry.validFrom,
        entry.validTo ?? '',
        entry.source,
      ]);
      console.log(
        renderTable(['id', 'scanner', 'region', 'side', 'LSC g/cm²', 'confidence', 'from', 'to', 'source'], rows),
      );
    });
}
