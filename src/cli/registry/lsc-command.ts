import type { Command } from 'commander';
import { listAuditEvents } from '../../db/audit.ts';
import { countJudgedBy } from '../../db/judgement/dependents.ts';
import { listMissingLsc, type ProvisionalReason } from '../../db/judgement/provisional.ts';
import { describeDevice } from '../../db/registry/device.ts';
import { findLscOnFile, type LscOnFile, listLsc, type NewLsc } from '../../db/registry/lsc.ts';
import { formatMicro } from '../../dxa/values/quantity.ts';
import { describeVertebrae, type RegionOfInterest } from '../../dxa/values/region.ts';
import { PREVIEWED_PATIENTS } from '../../jobs/preview/judgement-preview.ts';
import { previewLscImport, previewLscRetirement } from '../../jobs/preview/lsc-preview.ts';
import { importLsc, type LscImport, parseLscCsv } from '../../jobs/registry/lsc-import.ts';
import { retireLsc } from '../../jobs/registry/lsc-retire.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { dayArgument } from '../terminal/arguments.ts';
import { auditLines, fieldLines } from '../terminal/audit-lines.ts';
import { idArgument, readInputFile, reassessmentMessage, signatureOf, unknownId } from '../terminal/signature.ts';
import { renderTable } from '../terminal/table.ts';
import { withRuntime } from '../terminal/with-runtime.ts';
import { type PreviewedOptions, previewByHand, previewed, renderJudgementPreview } from './lsc-preview.ts';

const WHAT = 'LSC';

export const regionText = ({ region, vertebrae }: RegionOfInterest) =>
  [region, describeVertebrae(vertebrae)].join(' ').trim();

/** What an import did, with what its corrections touch. */
function describeImport(result: LscImport): string {
  return [
    `${result.imported} imported, ${result.unchanged} already on file. ${reassessmentMessage(result.patientsToAssess)}`,
    ...result.corrections.map(
      ({ lscId, replacesId, comparisons, patients }) =>
        `LSC ${lscId} corrects LSC ${replacesId}, applied so far to ${comparisons} comparisons of ${patients} patients; the old verdicts are kept.`,
    ),
    ...result.warnings.map((warning) => `Warning: ${warning}`),
    ...result.unknownScanners.map(
      (key) => `No stored report names the scanner "${key}" yet: check the spelling unless it is new.`,
    ),
  ].join('\n');
}

const NOTHING_SAVED = 'Dry run: nothing was saved.';

/** Shows what LSCs would change, and puts them on file unless it is a dry run. */
export async function fileShown(
  runtime: Runtime,
  entries: readonly NewLsc[],
  despite: string | null,
  options: PreviewedOptions,
): Promise<void> {
  const signature = options.dryRun === true ? null : signatureOf({ by: '', ...options });
  const preview = await previewByHand(runtime, (context) =>
    previewLscImport(context, entries, despite, PREVIEWED_PATIENTS),
  );
  console.log(renderJudgementPreview(preview.judgement));
  if (signature === null) {
    const { imported, unchanged, warnings } = preview.filed;
    console.log(warnings.map((warning) => `Warning: ${warning}\n`).join('') + NOTHING_SAVED);
    console.log(`${imported} would be imported, ${unchanged} already on file.`);
    return;
  }
  console.log(describeImport(await importLsc(runtime.pool, entries, signature, despite)));
}

function lscFields(entry: LscOnFile): string {
  return fieldLines([
    ['id', entry.lscId],
    ['scanner', describeDevice(entry)],
    ['region', regionText(entry.roi)],
    ['side', entry.laterality],
    ['LSC g/cm²', formatMicro(entry.leastSignificantChange, 6)],
    ['confidence', `${entry.confidenceLevel * 100} %`],
    [
      'given as',
      entry.given === null
        ? null
        : `${entry.given.lscPercent} % of a cohort mean of ${formatMicro(entry.given.cohortMean, 6)}`,
    ],
    ['precision error', entry.precisionError === null ? null : formatMicro(entry.precisionError, 6)],
    ['its upper limit', entry.precisionErrorUpper === null ? null : formatMicro(entry.precisionErrorUpper, 6)],
    ['degrees of freedom', entry.degreesOfFreedom?.toString()],
    ['technologist', entry.operator],
    ['valid', `from ${entry.validFrom}${entry.validTo === null ? '' : ` to ${entry.validTo}`}`],
    ['source', entry.source],
    ['precision study', entry.precisionStudyId],
    ['author', entry.author],
    ['note', entry.note],
    ['filed despite doubt', entry.despite],
    ['corrects LSC', entry.replacesId],
    ['retired', entry.retiredAt === null ? null : `${entry.retiredAt.toISOString()} by ${entry.retiredBy}`],
  ]);
}

const REASONS = {
  none_on_file: 'none on file',
  not_valid_on_both_days: 'on file, not valid on both days',
  cross_calibration_incomplete: 'cross-calibration lacks figures',
  cross_calibration_without_lsc: 'cross-calibrated, but this scanner has none for the day',
} as const satisfies Record<ProvisionalReason, string>;

function addMissing(lsc: Command): void {
  lsc
    .command('missing')
    .description('list missing LSCs; comparisons that need them stay provisional')
    .action(async () => {
      const missing = await withRuntime(({ pool }) => listMissingLsc(pool));
      const rows = missing.map((one) => [
        one.scannerKey,
        regionText(one),
        one.laterality,
        REASONS[one.reason],
        String(one.comparisons),
        String(one.patients),
        one.earliestOn,
        one.latestOn,
      ]);
      const headers = ['scanner', 'region', 'side', 'LSC', 'comparisons', 'patients', 'from', 'to'];
      console.log(rows.length === 0 ? 'No comparison is waiting for an LSC.' : renderTable(headers, rows));
    });
}

function addShowAndRetire(lsc: Command): void {
  lsc
    .command('show')
    .description('show one least significant change, the comparisons it applies to and its history')
    .argument('<id>')
    .action(async (given: string) => {
      const id = idArgument(WHAT, given);
      await withRuntime(async ({ pool }) => {
        const entry = await findLscOnFile(pool, id);
        if (entry === null) throw unknownId(WHAT);
        const affected = await countJudgedBy(pool, { lscId: id });
        console.log(lscFields(entry));
        console.log(`applied to          ${affected.comparisons} comparisons of ${affected.patients} patients`);
        console.log(`\n${auditLines(await listAuditEvents(pool, 'least_significant_change', id))}`);
      });
    });
  previewed(lsc.command('retire'))
    .description('retire a least significant change; the record and its verdicts are kept')
    .argument('<id>')
    .option('--last-day <date>', 'last day it is valid; without it, it is treated as wrong from the start', dayArgument)
    .action(async (given: string, options: PreviewedOptions & { readonly lastDay?: string }) => {
      const id = idArgument(WHAT, given);
      const lastDay = options.lastDay ?? null;
      const signature = options.dryRun === true ? null : signatureOf({ by: '', ...options });
      const result = await withRuntime(async (runtime) => {
        const preview = await previewByHand(runtime, (context) =>
          previewLscRetirement(context, id, lastDay, PREVIEWED_PATIENTS),
        );
        if (preview === null) throw unknownId(WHAT);
        console.log(renderJudgementPreview(preview));
        return signature === null ? 'dry run' : await retireLsc(runtime.pool, id, lastDay, signature);
      });
      if (result === 'dry run') return console.log(NOTHING_SAVED);
      if (result === null) throw unknownId(WHAT);
      const { affected, patientsToAssess, endedLscId } = result;
      console.log(
        `It was applied to ${affected.comparisons} comparisons of ${affected.patients} patients. ${reassessmentMessage(patientsToAssess)}`,
      );
      if (endedLscId !== null) console.log(`LSC ${endedLscId} goes on with its last day.`);
    });
}

export function addLscCommand(program: Command): void {
  const lsc = program.command('lsc').description('least significant changes on file');
  previewed(lsc.command('import'))
    .description('import least significant changes from a CSV file; all lines or none')
    .argument('<csv>', 'file with the columns of docs/lsc-csv.md')
    .option('--despite <reason>', 'import what looks implausible; the reason is kept with the LSC')
    .addHelpText(
      'after',
      '\nExample:\n  $ dxaflow lsc import lsc.csv --dry-run\n  and again with --by "A. Author" in place of --dry-run.',
    )
    .action(async (path: string, options: PreviewedOptions & { readonly despite?: string }) => {
      const entries = parseLscCsv(await readInputFile(path));
      await withRuntime((runtime) => fileShown(runtime, entries, options.despite ?? null, options));
    });
  lsc
    .command('list')
    .description('list the least significant changes in force')
    .option('--all', 'include retired ones')
    .action(async ({ all }: { readonly all?: true }) => {
      const entries = await withRuntime(({ pool }) => listLsc(pool, { all: all === true }));
      const rows = entries.map((entry) => [
        entry.lscId,
        describeDevice(entry),
        regionText(entry.roi),
        entry.laterality,
        formatMicro(entry.leastSignificantChange, 3),
        `${entry.confidenceLevel * 100} %`,
        entry.validFrom,
        entry.validTo ?? '',
        entry.retiredAt === null ? '' : 'retired',
        entry.source,
      ]);
      const headers = ['id', 'scanner', 'region', 'side', 'LSC g/cm²', 'confidence', 'from', 'to', 'state', 'source'];
      console.log(renderTable(headers, rows));
    });
  addMissing(lsc);
  addShowAndRetire(lsc);
}
