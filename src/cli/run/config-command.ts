import type { Command } from 'commander';
import { SETTING_SOURCES, settingText } from '../../dxa/values/setting-sources.ts';
import type { AssessmentSettings } from '../../dxa/values/settings.ts';
import { describeConfig, readConfig } from '../../runtime/config.ts';
import { renderTable } from '../terminal/table.ts';

/** Every setting that decides what a comparison says. */
function renderSettings(): string {
  const rows = Object.entries(SETTING_SOURCES).map(([name, { rule, grade, means, source }]) => [
    name,
    settingText(name as keyof AssessmentSettings),
    rule,
    grade,
    `${means} ${source}`,
  ]);
  return renderTable(['setting', 'value', 'rule', 'grade', 'meaning and source'], rows);
}

export function addConfigCommand(program: Command): void {
  program
    .command('config')
    .description('print the effective configuration, without passwords')
    .option('--rules', 'print the assessment settings instead, with the source of each value')
    .addHelpText('after', '\nExamples:\n  $ HTTP_PORT=9000 dxaflow config\n  $ dxaflow config --rules')
    .action((options: { readonly rules?: true }) => {
      if (options.rules === true) console.log(renderSettings());
      else
        for (const [name, value] of Object.entries(describeConfig(readConfig(process.env))))
          console.log(`${name}=${value}`);
    });
}
