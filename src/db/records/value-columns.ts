import { formatMicro, UNIT_OF } from '../../dxa/values/quantity.ts';
import { vertebraeKey } from '../../dxa/values/region.ts';
import type { MeasuredValue } from '../../dxa/values/report.ts';

type Column = {
  readonly name: string;
  readonly type: string;
  readonly of: (value: MeasuredValue) => string | null;
};

/** The columns of report_values beside report_id, each an array with an element a value, in the order of the insert. */
export const VALUE_COLUMNS: readonly Column[] = [
  { name: 'scan_type', type: 'text', of: (value) => value.scanType },
  { name: 'scan_label', type: 'text', of: (value) => value.scanLabel },
  { name: 'region', type: 'text', of: (value) => value.roi.region },
  { name: 'vertebrae', type: 'text', of: (value) => vertebraeKey(value.roi.vertebrae) },
  { name: 'laterality', type: 'text', of: (value) => value.laterality },
  { name: 'quantity', type: 'text', of: (value) => value.quantity },
  { name: 'reference_population', type: 'text', of: (value) => value.referencePopulation },
  { name: 'value', type: 'numeric', of: (value) => formatMicro(value.value, 6) },
  { name: 'unit', type: 'text', of: (value) => UNIT_OF[value.quantity] },
  { name: 'raw_text', type: 'text', of: (value) => value.rawText },
  { name: 'raw_unit', type: 'text', of: (value) => value.rawUnit },
  { name: 'raw_label', type: 'text', of: (value) => value.rawLabel },
  { name: 'code_value', type: 'text', of: (value) => value.code?.value ?? null },
  { name: 'code_scheme', type: 'text', of: (value) => value.code?.scheme ?? null },
  { name: 'code_meaning', type: 'text', of: (value) => value.code?.meaning ?? null },
  { name: 'tree_path', type: 'text', of: (value) => value.path },
];

/** Text that an array literal takes without quotes; NULL in any case would be read as no value. */
const PLAIN = /^(?!null$)[\w.%:()/-]+$/i;

function element(text: string | null): string {
  if (text === null) return 'NULL';
  if (text === '') return '""';
  return PLAIN.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** A list as a PostgreSQL array literal: the quickest form to write, to send and to read back. */
export function arrayLiteral<T>(values: readonly T[], of: (value: T) => string | null): string {
  // The values of a region stand together, and most of their columns are the same.
  let before: string | null | undefined;
  let written = '';
  const elements = values.map((value) => {
    const text = of(value);
    if (text !== before) written = element(text);
    before = text;
    return written;
  });
  return `{${elements.join(',')}}`;
}
