import { type Command, InvalidArgumentError } from 'commander';
import { previewSentences, settingChanged, unusableWords } from '../../codes/setting-wording.ts';
import { SETTING_SOURCES } from '../../dxa/values/setting-sources.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import {
  type SettingHistoryEntry,
  type SettingShown,
  type SettingsShown,
  showSettingHistory,
  showSettings,
} from '../../jobs/settings/list-settings.ts';
import { previewSetting } from '../../jobs/settings/preview-setting.ts';
import { type AskedSetting, setSetting, settingNameOf } from '../../jobs/settings/set-setting.ts';
import { fieldLines } from '../terminal/audit-lines.ts';
import { reassessmentMessage, signatureOf } from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

/** Patients that a dry run judges unless it is told otherwise: some ten seconds. */
const SAMPLE = 1000;

const day = (moment: Date | undefined) => moment?.toISOString().slice(0, 10) ?? '';

function renderList({ version, settings, unusable }: SettingsShown): string {
  const rows = settings.map((one) => [
    one.name,
    one.value,
    one.value === one.default ? '' : one.default,
    one.set?.setBy ?? '',
    day(one.set?.setAt),
    one.rule,
    one.grade,
    one.means,
  ]);
  const headers = ['setting', 'in force', 'default', 'set by', 'on', 'rule', 'grade', 'meaning'];
  const kept = unusable.map(
    ({ name, why, set }) =>
      `Stored but not in force: ${name} = ${JSON.stringify(set.value)}: ${unusableWords({ why })}.`,
  );
  return [renderTable(headers, rows), `\nSettings version ${version}.`, ...kept].join('\n');
}

function renderOne(one: SettingShown): string {
  return fieldLines([
    ['setting', one.name],
    ['in force', one.value],
    ['default', one.default],
    ['means', one.means],
    ['takes', one.takes],
    ['rule', one.rule],
    ['source of the default', one.source],
    ['grade', one.grade],
    ['set by', one.set?.setBy],
    ['on', one.set?.setAt.toISOString()],
    ['reason', one.set?.reason],
  ]);
}

const renderHistory = (entries: readonly SettingHistoryEntry[]): string =>
  entries.length === 0
    ? 'Nothing was ever set: the defaults judge.'
    : renderTable(
        ['version', 'setting', 'value', 'set by', 'at', 'reason'],
        entries.map(({ settingId, name, value, setBy, setAt, reason }) => [
          settingId,
          name,
          value ?? 'default',
          setBy,
          setAt.toISOString(),
          reason,
        ]),
      );

function sampleSize(text: string): number {
  if (text === 'all') return 2 ** 31 - 1;
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new InvalidArgumentError('must be a number of patients, or all');
  return Number(text);
}

type SetOptions = {
  readonly default?: true;
  readonly dryRun?: true;
  readonly sample: number;
  readonly by?: string;
  readonly reason?: string;
};

function askedOf(name: string, value: string | undefined, options: SetOptions): AskedSetting {
  const isDefault = options.default === true;
  if ((value === undefined) === isDefault) return { name, text: isDefault ? null : (value ?? '') };
  throw new DxaflowError('SETTING_INVALID', `${name}: give a value, or --default, not both.`, { exitCode: EXIT.usage });
}

async function setAction(name: string, value: string | undefined, options: SetOptions): Promise<void> {
  const asked = askedOf(name, value, options);
  if (options.dryRun === true) {
    const preview = await withRuntime(({ pool }) => previewSetting(pool, asked, options.sample));
    console.log(['Dry run: nothing was saved.', ...previewSentences(preview)].join('\n'));
    return;
  }
  const signature = signatureOf({ by: options.by ?? '', note: options.reason ?? '' });
  const change = await withRuntime(({ pool }) => setSetting(pool, asked, signature));
  console.log(settingChanged(change));
  if (change.written) console.log(reassessmentMessage(change.patientsToAssess));
}

export function addSettingsCommand(program: Command): void {
  const settings = program.command('settings').description('what judges: thresholds and choices, signed and dated');
  const json = ['--json', 'as JSON'] as const;
  settings
    .command('list')
    .description('list every setting with what is in force, who set it, and when')
    .option(...json)
    .action(async (options: { readonly json?: true }) => {
      const shown = await withRuntime(({ pool }) => showSettings(pool));
      console.log(options.json ? JSON.stringify(shown, null, 2) : renderList(shown));
    });
  settings
    .command('show')
    .description('show one setting: its value, bounds, source and grade')
    .argument('<name>')
    .action(async (given: string) => {
      const name = settingNameOf(given);
      const shown = await withRuntime(({ pool }) => showSettings(pool));
      for (const one of shown.settings) if (one.name === name) console.log(renderOne(one));
      for (const { why } of shown.unusable.filter((one) => one.name === name))
        console.log(`\n${unusableWords({ why })}`);
    });
  settings
    .command('set')
    .description('put a value in force, for all processes and all history; patients concerned are reassessed')
    .argument('<name>')
    .argument('[value]', 'with or without its unit')
    .option('--default', 'put the default of the release back')
    .option('--dry-run', 'show what would change, and save nothing')
    .option('--sample <patients>', 'how many patients a dry run judges, or all', sampleSize, SAMPLE)
    .option('--by <person>', 'who is responsible for the change; recorded in the audit log')
    .option('--reason <text>', 'why; recorded with the setting and in the audit log, so never include patient data')
    .addHelpText(
      'after',
      '\nExamples:\n  $ dxaflow settings set weightChangeLimit 4 --dry-run\n  $ dxaflow settings set weightChangeLimit "4 kg" --by m.weber --reason "QA board of 12 May"\n  $ dxaflow settings set weightChangeLimit --default --by m.weber --reason "back to the published limit"',
    )
    .action(setAction);
  settings
    .command('history')
    .description('list everything that was ever set, newest first')
    .argument('[name]', `one of ${Object.keys(SETTING_SOURCES).length} settings, or one of another release`)
    .action(async (name: string | undefined) => {
      console.log(renderHistory(await withRuntime(({ pool }) => showSettingHistory(pool, name ?? null))));
    });
}
