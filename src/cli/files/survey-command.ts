import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { codeOf, DxaflowError, EXIT } from '../../errors/errors.ts';
import { readConfig } from '../../runtime/config.ts';
import { checkSurvey, type Unread } from '../../survey/check.ts';
import { openSurvey } from '../../survey/collect.ts';
import { isMask, type Shows } from '../../survey/screen.ts';
import { SURVEY, type Survey, writeSurvey } from '../../survey/survey-file.ts';
import { utcDay } from '../terminal/day.ts';
import { filesUnder } from '../terminal/files-under.ts';
import { readInputBytes } from '../terminal/input-file.ts';
import { readInputFile } from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';

type Options = {
  readonly out?: string;
  readonly knownOnly?: true;
  readonly sharedLabels?: true;
  readonly check?: string;
};

type Made = { readonly survey: Survey; readonly unfamiliar: readonly string[] };

async function describeFiles(paths: readonly string[], shows: Shows): Promise<Made> {
  const { limits, archiveDir } = readConfig(process.env);
  const collector = openSurvey({ limits, today: utcDay(new Date()), shows });
  for await (const { path } of filesUnder(paths.length === 0 ? [archiveDir] : paths)) {
    let bytes: Uint8Array;
    try {
      bytes = await readInputBytes(path, limits.maxBytes);
    } catch (error) {
      const code = codeOf(error);
      collector.addUnread(code === 'FILE_TOO_LARGE' ? 'LIMIT_BYTES' : `UNREADABLE ${code}`);
      continue;
    }
    collector.add(bytes);
  }
  const survey = collector.finish();
  return { survey, unfamiliar: collector.unfamiliar() };
}

function parseSurvey(text: string): Survey {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    given = null;
  }
  const read = SURVEY.safeParse(given);
  if (read.success) return read.data;
  throw new DxaflowError('SURVEY_INVALID', 'The file is not a survey written by dxaflow survey of this release.', {
    exitCode: EXIT.usage,
  });
}

const renderUnfamiliar = (texts: readonly string[]) =>
  [
    'Look through these texts of the survey before you send it: at least 11 patients share each, but a name of staff could be among them.',
    ...texts.map((text) => `  ${text}`),
  ].join('\n');

const MAPPABLE: readonly Unread['kind'][] = ['scan', 'region', 'measure', 'unit'];

/** What helps, in one word for the line and a sentence below the table. */
function helpOf({ vendor, kind, scheme, code, label }: Unread): string {
  if (!MAPPABLE.includes(kind) || vendor === 'none') return 'send';
  const coded = scheme !== '' && code !== '' && ![scheme, code].some(isMask);
  return coded || (label !== '' && !isMask(label)) ? 'map' : 'look';
}

const HELP: readonly (readonly [word: string, text: string])[] = [
  [
    'map',
    'dxaflow map add --vendor VENDOR --kind KIND with the label, or scheme and code, of the line maps it; --dry-run shows the effect first, and dxaflow map ignore excludes it permanently.',
  ],
  [
    'look',
    'not shown in the survey: use dxaflow map unmapped at the site where the files were read, and map it there.',
  ],
  ['send', 'no mapping helps: send the survey to the maintainers.'],
];

function renderCheck(unread: readonly Unread[], { files }: Survey): string {
  if (unread.length === 0) return `Everything in the survey of ${files} files is read by this release.`;
  const rows = unread.map((one) => [
    one.kind,
    one.vendor,
    one.label,
    [one.code, one.scheme].filter((text) => text !== '').join(', '),
    one.where.replaceAll('_', ' '),
    String(one.times),
    String(one.files),
    helpOf(one),
  ]);
  const words = new Set(unread.map(helpOf));
  return [
    `Not read by this release, in a survey of ${files} files:`,
    renderTable(['what', 'vendor', 'label', 'code', 'in', 'times', 'files', 'help'], rows),
    ...HELP.flatMap(([word, text]) => (words.has(word) ? [`${word}: ${text}`] : [])),
  ].join('\n');
}

export function addSurveyCommand(program: Command): void {
  program
    .command('survey')
    .description('describe the structure of files without any values, so that the description can be shared')
    .argument('[path...]', 'files, or folders at any depth; the archive by default')
    .option('--out <file>', 'output file instead of standard output')
    .option('--known-only', 'include only texts that dxaflow knows as a whole')
    .addOption(
      new Option(
        '--shared-labels',
        'include every name that at least 11 patients share, and list those with unfamiliar words to look through',
      ).conflicts('knownOnly'),
    )
    .option('--check <survey>', 'list what this release would not read of a survey; exit code 1 if there is anything')
    .addHelpText(
      'after',
      '\nThe output contains codes, structure and counts: texts that dxaflow knows, and labels made of words of densitometry and anatomy that occur in the files of at least 11 different patients. It contains no values, identifiers, dates, file names or names of persons. With --shared-labels a name of staff that stands in labels alone could be included: look through the list before you send the file.\n\nExamples:\n  $ dxaflow survey /mnt/export --out survey.json\n  $ dxaflow survey --check survey.json',
    )
    .action(async (paths: readonly string[], { out, knownOnly, sharedLabels, check }: Options) => {
      if (check !== undefined) {
        const given = parseSurvey(await readInputFile(check));
        const unread = checkSurvey(given);
        console.log(renderCheck(unread, given));
        if (unread.length > 0) process.exitCode = EXIT.failure;
        return;
      }
      const shows = knownOnly === true ? 'known' : sharedLabels === true ? 'shared' : 'things';
      const { survey, unfamiliar } = await describeFiles(paths, shows);
      const text = writeSurvey(survey);
      if (out === undefined) process.stdout.write(text);
      else await writeFile(out, text);
      if (unfamiliar.length > 0) console.error(renderUnfamiliar(unfamiliar));
    });
}
