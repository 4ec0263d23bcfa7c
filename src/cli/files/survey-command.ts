import type { Command } from 'commander';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import { readReport } from '../../dicom/read-report.ts';
import { surveyDocument } from '../../dicom/survey/survey.ts';
import { codeOf } from '../../errors/errors.ts';
import { readConfig } from '../../runtime/config.ts';
import { adaptReport } from '../../vendors/adapt-report.ts';
import { utcDay } from '../terminal/day.ts';
import { filesUnder } from '../terminal/files-under.ts';
import { readGiven } from '../terminal/given-file.ts';

type Outcome = { readonly outcome: string; readonly structure: unknown };

/** What one file is, without a value, an identifier or a file name in it. */
async function surveyFile(path: string | Buffer, limits: ReadLimits): Promise<Outcome> {
  let bytes: Uint8Array;
  try {
    bytes = await readGiven(path, limits.maxBytes);
  } catch (error) {
    if (codeOf(error) === 'FILE_TOO_LARGE') return { outcome: 'LIMIT_BYTES', structure: null };
    return { outcome: `UNREADABLE ${codeOf(error)}`, structure: null };
  }
  const read = readReport(bytes, limits);
  if (!read.ok) return { outcome: read.refusal.code, structure: read.refusal.facts ?? null };
  const adapted = adaptReport(read.document, utcDay(new Date()));
  return {
    outcome: adapted.ok ? `read by ${adapted.report.vendor}` : adapted.code,
    structure: surveyDocument(read.document),
  };
}

export function addSurveyCommand(program: Command): void {
  program
    .command('survey')
    .description('describe the structure of files without any value, so that it can be sent to someone else')
    .argument('<path...>', 'files, or folders at any depth')
    .addHelpText(
      'after',
      '\nThe output holds codes, structure and counts; no values, identifiers, dates or file names.\n\nExample:\n  $ dxaflow survey /mnt/export > survey.json',
    )
    .action(async (paths: readonly string[]) => {
      const { limits } = readConfig(process.env);
      const groups = new Map<string, { files: number; readonly outcome: Outcome }>();
      for await (const { path } of filesUnder(paths)) {
        const outcome = await surveyFile(path, limits);
        const key = JSON.stringify(outcome);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { files: 1, outcome });
        else group.files += 1;
      }
      const sorted = [...groups.values()].sort((a, b) => b.files - a.files);
      console.log(
        JSON.stringify(
          sorted.map(({ files, outcome }) => ({ files, ...outcome })),
          null,
          2,
        ),
      );
    });
}
