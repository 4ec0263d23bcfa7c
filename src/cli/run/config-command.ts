import type { Command } from 'commander';
import { SETTING_SOURCES } from '../../dxa/values/setting-sources.ts';
import { DEFAULT_SETTINGS } from '../../dxa/values/settings.ts';
import { SETTING_NAMES, settingText } from '../../dxa/values/settings-in-force.ts';
import { describeConfig, readConfig } from '../../runtime/config.ts';
import { renderTable } from '../terminal/table.ts';

/** Every setting that decides what a comparison says, by the defaults of this release: no database is asked. */
function renderSettings(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { rule, grade, means, source } = SETTING_SOURCES[name];
    return [name, settingText(name, DEFAULT_SETTINGS), rule, grade, `${means} ${source}`];
  });
  const table = renderTable(['setting', 'default', 'rule', 'grade', 'meaning and source'], rows);
  return `${table}\n\nDefaults of this release. dxaflow settings list shows what is in force.`;
}

export function addConfigCommand(program: Command): void {
  program
    .command('config')
    .description('print the effective configuration, without passwords')
    .option('--rules', 'print the defaults of the assessment settings instead, with the source of each')
    .addHelpText('after', '\nExamples:\n  $ HTTP_PORT=9000 dxaflow config\n  $ dxaflow config --rules')
    .action((options: { readonly rules?: true }) => {
      if (options.rules === true) console.log(renderSettings());
      else
        for (const [name, value] of Object.entries(describeConfig(readConfig(process.env))))
          console.log(`${name}=${value}`);
    });
}
