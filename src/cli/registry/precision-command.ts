import type { Command } from 'commander';
import { listAuditEvents } from '../../db/audit.ts';
import { describeDevice } from '../../db/registry/device.ts';
import {
  findPrecisionStudy,
  listPrecisionScans,
  listPrecisionStudies,
  type PrecisionOnFile,
} from '../../db/registry/precision.ts';
import { readSettings } from '../../db/registry/setting.ts';
import { formatMicro } from '../../dxa/values/quantity.ts';
import { REGIONS, type Region } from '../../dxa/values/region.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { type FilingChoices, lscToFile } from '../../jobs/registry/precision-file.ts';
import { parseVolunteersCsv, scansOfVolunteers } from '../../jobs/registry/precision-from-studies.ts';
import {
  importPrecisionStudies,
  type LocatedScan,
  parsePrecisionCsv,
  precisionStudiesOf,
} from '../../jobs/registry/precision-import.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { dayArgument } from '../terminal/arguments.ts';
import { auditLines, fieldLines } from '../terminal/audit-lines.ts';
import {
  idArgument,
  readInputFile,
  type SignatureOptions,
  signatureOf,
  signed,
  unknownId,
} from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { fileShown, regionText } from './lsc-command.ts';
import { type PreviewedOptions, previewed } from './lsc-preview.ts';

const WHAT = 'precision study';

/** Millionths to `decimals` of g/cm²; precision errors are shown with five, three would hide most of them. */
const grams = (micro: number | null, decimals: number) => (micro === null ? '' : (micro / 1e6).toFixed(decimals));

function studyRow(study: PrecisionOnFile): readonly string[] {
  const { pooled, leastSignificantChange, verdict } = study.result;
  return [
    study.precisionStudyId,
    describeDevice(study),
    regionText(study.roi),
    study.laterality,
    String(pooled?.subjects ?? 0),
    String(pooled?.degreesOfFreedom ?? 0),
    grams(pooled?.precisionError ?? null, 5),
    grams(leastSignificantChange, 4),
    pooled === null ? '' : pooled.rmsCv.toFixed(2),
    verdict.replaceAll('_', ' '),
    study.lscIds.join(', '),
  ];
}

const HEADERS = [
  'id',
  'scanner',
  'region',
  'side',
  'subjects',
  'df',
  'precision error',
  'LSC g/cm²',
  'RMS-CV %',
  'verdict',
  'filed as LSC',
];

async function importScans(
  runtime: Runtime,
  scans: readonly LocatedScan[],
  origin: 'csv' | 'studies',
  options: SignatureOptions,
): Promise<void> {
  const { settings } = await readSettings(runtime.pool);
  const studies = precisionStudiesOf(scans, origin, settings);
  const { imported, unchanged } = await importPrecisionStudies(runtime.pool, studies, signatureOf(options));
  const listed = (await listPrecisionStudies(runtime.pool)).filter((study) =>
    imported.includes(study.precisionStudyId),
  );
  if (listed.length > 0) console.log(renderTable(HEADERS, listed.map(studyRow)));
  console.log(`${imported.length} imported, ${unchanged} already on file. dxaflow precision file <id> saves its LSC.`);
}

function regionArgument(given: string, before: readonly Region[]): readonly Region[] {
  const region = REGIONS.find((one) => one === given);
  if (region === undefined)
    throw new DxaflowError('REGION_UNKNOWN', `Regions are ${REGIONS.join(', ')}.`, { exitCode: EXIT.usage });
  return [...before, region];
}

function addImports(precision: Command): void {
  signed(precision.command('import'))
    .description('evaluate repeat scans from a CSV file; each scanner, region and side is a separate study')
    .argument('<csv>', 'file with the columns of docs/precision-csv.md')
    .addHelpText('after', '\nExample:\n  $ dxaflow precision import precision.csv --by "A. Author"')
    .action(async (path: string, options: SignatureOptions) => {
      const scans = parsePrecisionCsv(await readInputFile(path));
      await withRuntime((runtime) => importScans(runtime, scans, 'csv', options));
    });
  signed(precision.command('from-studies'))
    .description('evaluate the repeat scans of volunteers among the ingested studies')
    .argument('<csv>', 'list of patient_id, optionally with issuer_of_patient_id and technologist')
    .requiredOption('--from <date>', 'first day of the precision study', dayArgument)
    .requiredOption('--to <date>', 'its last day: later scans of a volunteer are follow-ups', dayArgument)
    .option('--region <region>', 'only this region; may be repeated', regionArgument, [])
    .action(
      async (
        path: string,
        options: SignatureOptions & { readonly from: string; readonly to: string; readonly region: readonly Region[] },
      ) => {
        const volunteers = parseVolunteersCsv(await readInputFile(path));
        await withRuntime(async (runtime) => {
          const { scans, scannedOnce } = await scansOfVolunteers(runtime.pool, volunteers, options, options.region);
          if (scannedOnce > 0)
            console.log(`${scannedOnce} regions of volunteers were scanned only once and are left out.`);
          await importScans(runtime, scans, 'studies', options);
        });
      },
    );
}

async function showStudy({ pool }: Runtime, id: string): Promise<void> {
  const study = await findPrecisionStudy(pool, id);
  if (study === null) throw unknownId(WHAT);
  const { result, settings } = study;
  console.log(renderTable(HEADERS, [studyRow(study)]));
  console.log(
    fieldLines([
      ['\nupper limit of the precision error', grams(result.pooled?.precisionErrorUpper ?? null, 5)],
      ['mean of the cohort', grams(result.pooled?.mean ?? null, 4)],
      ['factor', `${settings.lscFactor.name} = ${settings.lscFactor.value.toFixed(4)}`],
      ['degrees of freedom wanted', String(settings.minimumDegreesOfFreedom)],
      ['ISCD ceiling', result.ceilingPercent === null ? null : `LSC ${result.ceilingPercent} %`],
      ['left out (fewer than two scans)', result.unusable.join(', ')],
      ['scanned', study.scannedFrom === null ? null : `${study.scannedFrom} to ${study.scannedTo}`],
      ['note', study.note],
    ]),
  );
  const technologists = result.technologists.map((one) => [
    one.technologist || 'not recorded',
    String(one.subjects),
    String(one.degreesOfFreedom),
    grams(one.precisionError, 5),
    one.rmsCv.toFixed(2),
    one.withinCeiling === false ? 'above the ceiling: retrain, not pooled' : '',
  ]);
  console.log(`\n${renderTable(['technologist', 'subjects', 'df', 'precision error', 'RMS-CV %', ''], technologists)}`);
  const scans = (await listPrecisionScans(pool, id)).map((scan) => [
    scan.subject,
    scan.technologist,
    scan.scannedOn ?? '',
    formatMicro(scan.bmd, 6),
    scan.source,
  ]);
  console.log(`\n${renderTable(['subject', 'technologist', 'day', 'BMD g/cm²', 'from'], scans)}`);
  console.log(`\n${auditLines(await listAuditEvents(pool, 'precision_study', id))}`);
}

type FileOptions = PreviewedOptions &
  Pick<FilingChoices, 'validFrom'> & {
    readonly validTo?: string;
    readonly eitherSide?: true;
    readonly despiteVerdict?: true;
    readonly despite?: string;
  };

export function addPrecisionCommand(program: Command): void {
  const precision = program.command('precision').description('precision studies and the LSCs derived from them');
  addImports(precision);
  precision
    .command('list')
    .description('list the precision studies')
    .action(async () => {
      const studies = await withRuntime(({ pool }) => listPrecisionStudies(pool));
      console.log(renderTable(HEADERS, studies.map(studyRow)));
    });
  precision
    .command('show')
    .description('show a precision study with the scans it was computed from')
    .argument('<id>')
    .action(async (given: string) => {
      const id = idArgument(WHAT, given);
      await withRuntime((runtime) => showStudy(runtime, id));
    });
  previewed(precision.command('file'))
    .description('save the LSC of a precision study, at 95 % confidence and for one scan per visit')
    .argument('<id>')
    .requiredOption('--valid-from <date>', 'first scan date it applies to', dayArgument)
    .option('--valid-to <date>', 'last scan date it applies to', dayArgument)
    .option('--either-side', 'apply the LSC of one side to either side')
    .option('--despite-verdict', 'save it although the study is insufficient; --note must give the reason')
    .option('--despite <reason>', 'save it although it looks implausible; the reason is kept with the LSC')
    .action(async (given: string, options: FileOptions) => {
      const id = idArgument(WHAT, given);
      const choices: FilingChoices = {
        validFrom: options.validFrom,
        validTo: options.validTo ?? null,
        forEitherSide: options.eitherSide === true,
        despiteVerdict: options.despiteVerdict === true,
        despite: options.despite ?? null,
      };
      const signed = { by: options.dryRun === true ? 'dry run' : '', ...options };
      await withRuntime(async (runtime) => {
        const entry = await lscToFile(runtime.pool, id, choices, signatureOf(signed));
        if (entry === null) throw unknownId(WHAT);
        console.log(`LSC ${formatMicro(entry.leastSignificantChange, 6)} g/cm².`);
        await fileShown(runtime, [entry], choices.despite, options);
      });
    });
}
