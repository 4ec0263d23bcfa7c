import type { Command } from 'commander';
import { describeConfig, readConfig } from '../../runtime/config.ts';

export function addConfigCommand(program: Command): void {
  program
    .command('config')
    .description('print the configuration in force, without passwords')
    .addHelpText('after', '\nExample:\n  $ HTTP_PORT=9000 dxaflow config')
    .action(() => {
      for (const [name, value] of Object.entries(describeConfig(readConfig(process.env))))
        console.log(`${name}=${value}`);
    });
}
