import type { Command } from 'commander';
import { listAuditEvents } from '../../db/audit.ts';
import { countJudgedBy } from '../../db/judgement/dependents.ts';
import {
  type CrossCalibrationOnFile,
  findCrossCalibration,
  listCalibrationPairs,
  listCrossCalibrations,
  type NewCrossCalibration,
} from '../../db/registry/cross-calibration.ts';
import { describeDevice } from '../../db/registry/device.ts';
import { formatMicro } from '../../dxa/values/quantity.ts';
import { parseCalibrationPairsCsv, parseCrossCalibrationCsv } from '../../jobs/registry/crosscal-csv.ts';
import { importCrossCalibrations, retireCrossCalibration } from '../../jobs/registry/crosscal-import.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { auditLines, fieldLines } from '../terminal/audit-lines.ts';
import {
  idArgument,
  readInputFile,
  reassessmentMessage,
  type SignatureOptions,
  signatureOf,
  signed,
  unknownId,
} from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { regionText } from './lsc-command.ts';

const WHAT = 'cross-calibration';
const HEADERS = [
  'id',
  'from',
  'to',
  'region',
  'side',
  'slope',
  'intercept',
  'SEE g/cm²',
  'n',
  'valid from',
  'to',
  'state',
];

const listRow = (entry: CrossCalibrationOnFile): readonly string[] => [
  entry.crossCalibrationId,
  describeDevice(entry.from),
  describeDevice(entry.to),
  regionText(entry.roi),
  entry.laterality,
  entry.slope.toFixed(4),
  entry.intercept.toFixed(4),
  entry.standardErrorOfEstimate.toFixed(4),
  String(entry.n),
  entry.validFrom,
  entry.validTo ?? '',
  entry.retiredAt === null ? '' : 'retired',
];

async function importAll(entries: readonly NewCrossCalibration[], options: SignatureOptions): Promise<void> {
  const result = await withRuntime(({ pool }) => importCrossCalibrations(pool, entries, signatureOf(options)));
  console.log(
    `${result.imported.length} imported, ${result.unchanged} already on file. ${reassessmentMessage(result.patientsToAssess)}`,
  );
  for (const { id, replacesId, comparisons, patients } of result.corrections) {
    console.log(`${id} corrects ${replacesId}, applied so far to ${comparisons} comparisons of ${patients} patients.`);
  }
  for (const key of result.unknownScanners) {
    console.log(`No stored report names the scanner "${key}" yet: check the spelling unless it is new.`);
  }
}

async function show({ pool }: Runtime, id: string): Promise<void> {
  const entry = await findCrossCalibration(pool, id);
  if (entry === null) throw unknownId(WHAT);
  const affected = await countJudgedBy(pool, { crossCalibrationId: id });
  console.log(renderTable(HEADERS, [listRow(entry)]));
  const range = entry.minFrom === null || entry.maxFrom === null ? null : `${entry.minFrom} to ${entry.maxFrom} g/cm²`;
  console.log(
    fieldLines([
      ['\nmean of the values', entry.meanFrom?.toString()],
      ['sum of squares', entry.sumOfSquaresFrom?.toString()],
      ['range', range],
      ['source', entry.source],
      ['author', entry.author],
      ['note', entry.note],
      ['corrects', entry.replacesId],
      ['applied to', `${affected.comparisons} comparisons of ${affected.patients} patients`],
    ]),
  );
  const pairs = await listCalibrationPairs(pool, id);
  if (pairs.length > 0) {
    const rows = pairs.map(({ subject, from, to, toAgain, source }) => [
      subject,
      formatMicro(from, 6),
      formatMicro(to, 6),
      toAgain === null ? '' : formatMicro(toAgain, 6),
      source,
    ]);
    console.log(`\n${renderTable(['subject', 'from g/cm²', 'to g/cm²', 'to again', 'from'], rows)}`);
  }
  console.log(`\n${auditLines(await listAuditEvents(pool, 'cross_calibration', id))}`);
}

export function addCrossCalibrationCommand(program: Command): void {
  const crosscal = program.command('crosscal').description('cross-calibrations between scanners');
  signed(crosscal.command('import'))
    .description('import cross-calibrations from a CSV file; all lines or none')
    .argument('<csv>', 'file with the columns of docs/crosscal-csv.md')
    .option('--pairs', 'the file has one line per person measured on both scanners')
    .action(async (path: string, options: SignatureOptions & { readonly pairs?: true }) => {
      const csv = await readInputFile(path);
      await importAll(options.pairs === true ? parseCalibrationPairsCsv(csv) : parseCrossCalibrationCsv(csv), options);
    });
  crosscal
    .command('list')
    .description('list the cross-calibrations in force')
    .option('--all', 'include retired ones')
    .action(async ({ all }: { readonly all?: true }) => {
      const entries = await withRuntime(({ pool }) => listCrossCalibrations(pool, { all: all === true }));
      console.log(renderTable(HEADERS, entries.map(listRow)));
    });
  crosscal
    .command('show')
    .description('show a cross-calibration with its source data and history')
    .argument('<id>')
    .action(async (given: string) => {
      const id = idArgument(WHAT, given);
      await withRuntime((runtime) => show(runtime, id));
    });
  signed(crosscal.command('retire'))
    .description('retire a cross-calibration; the record and its verdicts are kept')
    .argument('<id>')
    .action(async (given: string, options: SignatureOptions) => {
      const id = idArgument(WHAT, given);
      const result = await withRuntime(({ pool }) => retireCrossCalibration(pool, id, signatureOf(options)));
      if (result === null) throw unknownId(WHAT);
      const { comparisons, patients } = result.affected;
      console.log(
        `It was applied to ${comparisons} comparisons of ${patients} patients. ${reassessmentMessage(result.patientsToAssess)}`,
      );
    });
}
