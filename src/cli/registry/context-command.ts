import { Argument, type Command } from 'commander';
import { CONTEXT_KINDS, type ContextKind, importContext } from '../../jobs/registry/context-import.ts';
import { readInputFile } from '../terminal/signature.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

export function addContextCommand(program: Command): void {
  program
    .command('context')
    .description('clinical context of patients')
    .command('import')
    .description('import therapy, turnover markers or risk factors from a CSV file; all lines or none')
    .addArgument(new Argument('<kind>', 'contents of the file').choices(CONTEXT_KINDS))
    .argument('<csv>', 'file with the columns of docs/context-csv.md')
    .addHelpText('after', '\nExample:\n  $ dxaflow context import therapy therapy.csv')
    .action(async (kind: ContextKind, path: string) => {
      const csv = await readInputFile(path);
      const { lines, changed, patientsToAssess, notSeenYet } = await withRuntime(({ pool }) =>
        importContext(pool, kind, csv),
      );
      console.log(
        `${changed} of ${lines} lines are new or changed; ${patientsToAssess} patients will be reassessed by the running workers, ${notSeenYet} have no scan yet.`,
      );
    });
}
