import { type Command, Option } from 'commander';

const PARTS = ['all', 'intake', 'ingest', 'assess', 'nightly', 'http'] as const;

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('run the workers until SIGTERM or Ctrl-C')
    .addOption(new Option('--only <part>', 'run one part as a separate process').choices(PARTS).default('all'))
    .addHelpText('after', '\nExamples:\n  $ dxaflow start\n  $ dxaflow start --only ingest')
    .action(async ({ only }: { readonly only: (typeof PARTS)[number] }) => {
      await import(`../../../workers/${only}.ts`);
    });
}
