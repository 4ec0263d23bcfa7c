import type { Command } from 'commander';
import { findSurvivor } from '../../db/records/patient-merge.ts';
import { listVisitsOfPatient } from '../../db/records/visit.ts';
import { printable } from '../../dicom/text/printable.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { findGivenPatient } from '../../jobs/merge/patient-merge.ts';
import { logShown } from '../terminal/log-shown.ts';
import { withRuntime } from '../terminal/with-runtime.ts';

type Options = { readonly visit?: string; readonly all?: true };

async function printReports(given: string, { visit, all }: Options): Promise<void> {
  if (visit !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(visit)) {
    throw new DxaflowError('DAY_INVALID', '--visit takes the day of the scan as YYYY-MM-DD.', { exitCode: EXIT.usage });
  }
  const reports = await withRuntime(async ({ pool }) => {
    const patientId = await findSurvivor(pool, (await findGivenPatient(pool, given)).id);
    await logShown(pool, 'report', { patientIds: [patientId] });
    return (await listVisitsOfPatient(pool, patientId)).filter(({ report }) => report !== '');
  });
  const wanted = visit === undefined ? reports : reports.filter(({ scannedOn }) => scannedOn === visit);
  const shown = all === true || visit !== undefined ? wanted : wanted.slice(-1);
  if (shown.length === 0) throw new DxaflowError('VISIT_UNKNOWN', 'There is no report of such a visit.');
  console.log(shown.map(({ report }) => report.split('\n').map(printable).join('\n')).join('\n\n'));
}

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('print the draft of the follow-up report of a visit; the latest one by default')
    .argument('<patient>', 'ID or ID^^^ISSUER of the patient')
    .option('--visit <day>', 'the visit of this day, YYYY-MM-DD')
    .option('--all', 'every visit, the first one first')
    .action(printReports);
}
