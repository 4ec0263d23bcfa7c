import type { Command } from 'commander';
import { caseEffects, sideFacts } from '../../codes/merge-wording.ts';
import type { PatientSide } from '../../db/records/patient-identity.ts';
import { listPatientMerges } from '../../db/records/patient-merge.ts';
import { codeOf, DxaflowError, EXIT } from '../../errors/errors.ts';
import { type MergePreview, previewMerge } from '../../jobs/merge/merge-preview.ts';
import { formatFields, mergePatients, unmergePatient } from '../../jobs/merge/patient-merge.ts';
import { logShown } from '../terminal/log-shown.ts';
import { reassessmentMessage, type SignatureOptions, signatureOf, signed } from '../terminal/signature.ts';
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
    renderTable(['', 'merged', 'kept', ''], rows),
    disagreements.length === 0
      ? 'Their reports agree in name, sex and birth date.'
      : `Their reports disagree in ${formatFields(disagreements)}.`,
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
      const preview = await previewMerge(pool, from, into);
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
      throw new DxaflowError('REASON_EMPTY', '--despite must say why they are the same person.', {
        exitCode: EXIT.usage,
      });
    }
    const signature = signatureOf({ by, note });
    try {
      const merged = await mergePatients(pool, { from, into, signature, despite });
      console.log(reassessmentMessage(merged.patientsToAssess));
    } catch (error) {
      if (codeOf(error) === 'PATIENT_MERGE_DISAGREES') await show();
      throw error;
    }
  });
}

export function addMergeCommands(patient: Command): void {
  patient
    .command('merge')
    .description('merge one patient ID into another; can be undone')
    .argument('<from>', 'ID or ID^^^ISSUER of the patient to be merged')
    .argument('<into>', 'ID or ID^^^ISSUER of the patient to keep')
    .option('--preview', 'show both side by side and what the merge would change; writes nothing')
    .option('--by <person>', 'who is responsible for the change; recorded in the audit log')
    .option('--note <text>', 'the reason; recorded in the audit log, so never include patient data')
    .option(
      '--despite <reason>',
      'why they are the same person although name, sex or birth date disagree; recorded in the audit log',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ dxaflow patient merge 4711 10004711 --preview\n  $ dxaflow patient merge 4711 10004711 --by m.weber --note "double registration"\n  $ dxaflow patient merge 4711 10004711 --by m.weber --despite "married since; identity card seen"',
    )
    .action(mergeAction);
  signed(patient.command('unmerge'))
    .description('undo a merge: the studies return to the patient named in their reports')
    .argument('<from>', 'ID or ID^^^ISSUER of the patient that was merged')
    .action(async (from: string, options: SignatureOptions) => {
      const merged = await withRuntime(({ pool }) => unmergePatient(pool, from, signatureOf(options)));
      console.log(reassessmentMessage(merged.patientsToAssess));
    });
  patient
    .command('list-merges')
    .description('list the merges in force')
    .option('--all', 'include merges that were undone')
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
      const titles = ['id', 'from', 'into', 'by', 'on', 'note', 'despite', 'undone by', 'on'];
      console.log(renderTable(titles, rows));
    });
}
