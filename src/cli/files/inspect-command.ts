import type { Command } from 'commander';
import { explainCode } from '../../codes/codes.ts';
import { noteLabel } from '../../codes/rejection-wording.ts';
import { describeDocument } from '../../dicom/describe.ts';
import { sopClassName } from '../../dicom/encoding/sop-classes.ts';
import { readReport } from '../../dicom/read-report.ts';
import type { RejectionNote } from '../../dxa/study/rejection.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import { formatMicro, UNIT_OF } from '../../dxa/values/quantity.ts';
import { vertebraeKey } from '../../dxa/values/region.ts';
import type { NormalisedReport } from '../../dxa/values/report.ts';
import { codeOf, DxaflowError, EXIT } from '../../errors/errors.ts';
import { readConfig } from '../../runtime/config.ts';
import { adaptImage } from '../../vendors/adapt-image.ts';
import { adaptReport } from '../../vendors/adapt-report.ts';
import { readRejectionNote } from '../../vendors/rejection-note.ts';
import { dayArgument } from '../terminal/arguments.ts';
import { utcDay } from '../terminal/day.ts';
import { readInputBytes } from '../terminal/input-file.ts';

function describeCode(code: string, path: string | null): string {
  const entry = explainCode(code);
  return `${code}${path === null ? '' : ` at ${path}`}: ${entry?.text ?? ''} ${entry?.remedy ?? ''}`.trimEnd();
}

function describeNormalised(report: NormalisedReport): string {
  const lines = report.values.map((value) => {
    const where = [value.roi.region, vertebraeKey(value.roi.vertebrae), value.laterality, value.referencePopulation];
    const label = where.filter((part) => part !== '' && part !== 'none').join(' ');
    const amount = `${formatMicro(value.value, 6).replace(/\.?0+$/, '')} ${UNIT_OF[value.quantity]}`;
    return `  ${label.padEnd(34)} ${value.quantity.padEnd(20)} ${amount.padEnd(18)} "${value.rawText}" at ${value.path}`;
  });
  const { scannedAt, scanDateDoubted, performedProcedure } = report.study;
  const doubt = scanDateDoubted === true ? ' (not a plausible scan date: not compared)' : '';
  const procedure = [performedProcedure?.stepId, performedProcedure?.description].filter((text) => text);
  const factors = [
    ['ACF', report.calibration?.acf],
    ['BCF', report.calibration?.bcf],
  ].flatMap(([name, value]) =>
    typeof value === 'number' ? [`${name} ${formatMicro(value, 6).replace(/0+$/, '')}`] : [],
  );
  return [
    `Normalised by ${report.vendor} ${report.adapterVersion}, scanned ${scannedAt}${doubt}:`,
    ...(procedure.length === 0 ? [] : [`  performed procedure: ${procedure.join(', ')}`]),
    ...(factors.length === 0 ? [] : [`  calibration factors: ${factors.join(', ')}`]),
    ...lines,
  ].join('\n');
}

function describeNote(note: RejectionNote): string {
  const names = note.names.map(({ sopInstanceUid, sopClassUid }) => {
    const sopClass = sopClassUid === null ? '' : ` ${sopClassName(sopClassUid) ?? sopClassUid}`;
    return `  ${sopInstanceUid}${sopClass}`;
  });
  return [`A rejection note: ${noteLabel(note)}. It names:`, ...names].join('\n');
}

function describeFacts({ facts = {} }: Finding): string {
  const told = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}

const describeFindings = (findings: readonly Finding[]): string =>
  findings.length === 0
    ? 'Findings: none'
    : ['Findings:', ...findings.map((one) => `  ${describeCode(one.code, one.path)}${describeFacts(one)}`)].join('\n');

export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('show the contents of a file and how dxaflow interprets it; needs no database')
    .argument('<file>', 'a DICOM file')
    .option('--json', 'as one JSON document')
    .option(
      '--received <day>',
      'date the file was received (YYYY-MM-DD): no scan can be later',
      dayArgument,
      utcDay(new Date()),
    )
    .addHelpText('after', '\nThe output contains patient data.\n\nExample:\n  $ dxaflow inspect report.dcm --json')
    .action(async (file: string, options: { readonly json?: true; readonly received: string }) => {
      const { limits } = readConfig(process.env);
      const receivedOn = options.received;
      let bytes: Uint8Array;
      try {
        bytes = await readInputBytes(file, limits.maxBytes);
      } catch (error) {
        if (codeOf(error) === 'FILE_TOO_LARGE') {
          process.exitCode = EXIT.failure;
          const refusal = { code: 'LIMIT_BYTES', path: null, offset: null, facts: { limit: limits.maxBytes } };
          console.log(
            options.json
              ? JSON.stringify({ read: { ok: false, refusal, sopInstanceUid: null }, adapted: null }, null, 2)
              : `Refused. ${describeCode(refusal.code, null)}`,
          );
          return;
        }
        throw new DxaflowError('FILE_UNREADABLE', `The file cannot be read: ${codeOf(error)}.`, { cause: error });
      }
      const read = readReport(bytes, limits);
      const image =
        !read.ok && read.refusal.code === 'NOT_STRUCTURED_REPORT' ? adaptImage(bytes, limits, receivedOn) : null;
      const noted = read.ok ? readRejectionNote(read.document, receivedOn) : null;
      const adapted = noted !== null ? null : read.ok ? adaptReport(read.document, receivedOn) : image;
      if (noted === null && adapted?.ok !== true) process.exitCode = EXIT.failure;
      if (options.json) {
        // The table of elements is the file once more.
        console.log(JSON.stringify({ read, adapted, noted }, (key, value) => (key === 'table' ? undefined : value), 2));
        return;
      }
      if (!read.ok && image?.ok === true) {
        console.log(describeNormalised(image.report));
        console.log(describeFindings([...image.readerFindings, ...image.report.findings]));
        return;
      }
      if (!read.ok) {
        const { code, path, offset } = read.refusal;
        console.log(`Refused. ${describeCode(code, path ?? (offset === null ? null : `byte ${offset}`))}`);
        return;
      }
      console.log(describeDocument(read.document));
      if (noted !== null) {
        console.log(describeNote(noted.note));
        console.log(describeFindings([...read.document.findings, ...noted.findings]));
        return;
      }
      if (adapted === null || !adapted.ok) {
        console.log(`Not taken. ${adapted === null ? '' : describeCode(adapted.code, adapted.path)}`);
        console.log(describeFindings(read.document.findings));
        return;
      }
      console.log(describeNormalised(adapted.report));
      console.log(describeFindings([...read.document.findings, ...adapted.report.findings]));
    });
}
