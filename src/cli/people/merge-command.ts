import type { Command } from 'commander';
import { caseEffects, sideFacts } from '../../codes/merge-wording.ts';
import type { PatientSide } from '../../db/records/patient-identity.ts';
import { listPatientMerges } from '../../db/records/patient-merge.ts';
import { ASSESSMENT_SETTINGS } from '../../dxa/values/settings.ts';
import { codeOf, DxaflowError, EXIT } from '../../errors/errors.ts';
import { type MergePreview, previewMerge } from '../../jobs/merge/merge-preview.ts';
import { fieldWords, mergePatients, unmergePatient } from '../../jobs/merge/patient-merge.ts';
import { logShown } from '../terminal/log-shown.ts';
import { judgedAnew, type SignatureOptions, signatureOf, signed } from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

export const identity = (patientId: string, issuer: string) => (issuer === '' ? patientId : `${patientId}^^^${issuer}`);
const day = (time: Date | null) => time?.toISOString().slice(0, 10) ?? '';

/** Both sides beside each other, for the person at the terminal: it holds patient values. */
function renderPreview({ from, into, disagreements, cases, comparisons }: MergePreview): string {
  const of = (side: PatientSide) => sideFacts(side).map(({ value }) => value);
  const [left, right] = [of(from), of(into)];
  const rows = sideFacts(from).map(({ name, field }, place) => [
    name,
    left[place] ?? '',
    right[place] ?? '',
    field !== null && disagreements.includes(field) ? 'they disagree' : '',
  ]);
  return [
    renderTable(['', 'given up', 'stays', ''], rows),
    disagreements.length === 0
      ? 'Their reports do not disagree in name, sex or birth date.'
      : `Their reports disagree in ${fieldWords(disagreements)}.`,
    `The merge changes ${comparisons} comparison${comparisons === 1 ? '' : 's'}; ${caseEffects(cases)}`,
  ].join('\n');
}

type MergeOptions = {
  readonly by?: string;
  readonly note?: string;
  readonly despite?: string;
  readonly preview?: true;
};

async function mergeAction(from: string, into: string, options: MergeOptions): Promise<void> {
  await withRuntime(async ({ pool }) => {
    const show = async () => {
      const preview = await previewMerge(pool, from, into, ASSESSMENT_SETTINGS);
      await logShown(pool, 'patient merge --preview', { patientIds: [preview.from.id, preview.into.id] });
      console.log(renderPreview(preview));
    };
    if (options.preview) {
      await show();
      console.log('Nothing was written.');
      return;
    }
    const { by = '', note = '', despite = null } = options;
    if (despite !== null && despite.trim() === '') {
      throw new DxaflowError('REASON_EMPTY', '--despite must say why they are one person.', { exitCode: EXIT.usage });
    }
    const signature = signatureOf({ by, note });
    try {
      const merged = await mergePatients(pool, { from, into, signature, despite });
      console.log(judgedAnew(merged.patientsToAssess));
    } catch (error) {
      if (codeOf(error) === 'PATIENT_MERGE_DISAGREES') await show();
      throw error;
    }
  });
}

export function addMergeCommands(patient: Command): void {
  patient
    .command('merge')
    .description('judge the studies of one patient ID as those of another; can be taken back')
    .argument('<from>', 'ID or ID^^^ISSUER of the patient to give up')
    .argument('<into>', 'ID or ID^^^ISSUER of the patient that stays')
    .option('--preview', 'show both beside each other and what the merge would change; writes nothing')
    .option('--by <person>', 'who answers for the change; kept in the audit')
    .option('--note <text>', 'why; kept in the audit, so never put patient values into it')
    .option(
      '--despite <reason>',
      'why they are one person although name, sex or birth date disagree; kept in the audit',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ dxaflow patient merge 4711 10004711 --preview\n  $ dxaflow patient merge 4711 10004711 --by m.weber --note "double registration"\n  $ dxaflow patient merge 4711 10004711 --by m.weber --despite "married since; identity card seen"',
    )
    .action(mergeAction);
  signed(patient.command('unmerge'))
    .description('take a merge back: the studies go to the patient that their reports name')
    .argument('<from>', 'ID or ID^^^ISSUER of the patient that was given up')
    .action(async (from: string, options: SignatureOptions) => {
      const merged = await withRuntime(({ pool }) => unmergePatient(pool, from, signatureOf(options)));
      console.log(judgedAnew(merged.patientsToAssess));
    });
  patient
    .command('list-merges')
    .description('list the merges in force')
    .option('--all', 'also those taken back')
    .action(async (options: { readonly all?: true }) => {
      const merges = await withRuntime(async ({ pool }) => {
        await logShown(pool, 'patient list-merges', {});
        return await listPatientMerges(pool, { all: options.all ?? false });
      });
      const rows = merges.map((merge) => [
        merge.mergeId,
        identity(merge.from, merge.fromIssuer),
        identity(merge.into, merge.intoIssuer),
        merge.mergedBy,
        day(merge.mergedAt),
        merge.note,
        merge.despite === null ? '' : `${merge.disagreements.join(', ')}: ${merge.despite}`,
        merge.unmergedBy ?? '',
        day(merge.unmergedAt),
      ]);
      const titles = ['id', 'from', 'into', 'by', 'on', 'note', 'despite', 'taken back by', 'on'];
      console.log(renderTable(titles, rows));
    });
}
