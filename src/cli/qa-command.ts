import { type Command, Option } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { listReviewCases, type ReviewCase } from '../db/review-case.ts';
import { regionWords, roundDecimal, ruleWords, signedDecimal } from '../http/wording.ts';
import { renderTable } from './table.ts';
import { withRuntime } from './with-runtime.ts';

const LIMIT = 10_000;

/** One line a case with what a reader needs first; the same columns in every format. */
export function caseLine(found: ReviewCase): Readonly<Record<string, string>> {
  const changes = found.evidence.comparisons.slice(0, 2).map((comparison) => ({
    region: regionWords(comparison.region, comparison.vertebrae, comparison.laterality),
    from: comparison.reference.scannedOn,
    delta: signedDecimal(comparison.deltaGramsPerCm2, 3),
    percent: signedDecimal(comparison.deltaPercent, 1),
    lsc: roundDecimal(comparison.lscGramsPerCm2, 3),
  }));
  const line: Record<string, string> = {
    case: found.id,
    rule: found.rule,
    tier: found.tier,
    state: found.state,
    patient_id: found.patientId,
    follow_up: found.followUpOn,
    strength: found.strength.toFixed(2),
  };
  for (const [index, change] of changes.entries()) {
    for (const [name, value] of Object.entries(change)) line[`${name}_${index + 1}`] = value;
  }
  return line;
}

const COLUMNS = [
  'case',
  'rule',
  'tier',
  'state',
  'patient_id',
  'follow_up',
  'strength',
  'region_1',
  'from_1',
  'delta_1',
  'percent_1',
  'lsc_1',
  'region_2',
  'from_2',
  'delta_2',
  'percent_2',
  'lsc_2',
];

/** The cases as a table for a terminal. */
export function renderCases(cases: readonly ReviewCase[]): string {
  if (cases.length === 0) return 'No case waits for a review.';
  const rows = cases.map((found) => {
    const line = caseLine(found);
    const change = (index: 1 | 2) =>
      line[`region_${index}`] === undefined
        ? ''
        : `${line[`region_${index}`]} ${line[`delta_${index}`]} (${line[`percent_${index}`]} %)`;
    return [
      found.id,
      ruleWords(found.rule),
      found.state,
      found.patientId,
      found.followUpOn,
      change(1),
      change(2),
      found.strength.toFixed(2),
    ];
  });
  return renderTable(
    ['case', 'rule', 'state', 'patient', 'follow-up', 'first change g/cm²', 'second change g/cm²', 'strength'],
    rows,
  );
}

export function addQaCommand(program: Command): void {
  const qa = program.command('qa').description('lists for quality assurance');
  qa.command('list')
    .description('list the review cases')
    .addOption(new Option('--format <format>').choices(['table', 'json', 'csv']).default('table'))
    .option('--all', 'resolved and withdrawn cases too')
    .addHelpText('after', '\nExample:\n  $ dxaflow qa list --format csv > cases.csv')
    .action(async ({ format, all }: { readonly format: 'table' | 'json' | 'csv'; readonly all?: true }) => {
      const cases = await withRuntime(({ pool }) => listReviewCases(pool, { all: all === true, limit: LIMIT }));
      switch (format) {
        case 'table':
          console.log(renderCases(cases));
          break;
        case 'json':
          console.log(JSON.stringify(cases, null, 2));
          break;
        case 'csv':
          // A cell that a spreadsheet would run as a formula gets an apostrophe in front.
          process.stdout.write(
            stringify(cases.map(caseLine), { header: true, columns: COLUMNS, escape_formulas: true }),
          );
          break;
        default:
          format satisfies never;
      }
    });
}
