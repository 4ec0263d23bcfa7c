import { z } from 'zod';
import type { NewSiteMapping, SiteMappingRow } from '../../db/registry/site-mapping.ts';
import { type Quantity, UNIT_OF } from '../../dxa/values/quantity.ts';
import { LATERALITIES, REGIONS, SCAN_TYPES, scanTypeOf, VERTEBRAE, type Vertebra } from '../../dxa/values/region.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { ADAPTERS } from '../../vendors/adapters.ts';
import { isUnitOfAnother } from '../../vendors/report/site-mapping.ts';
import { day, optional, parseCsvRows, text } from './csv-rows.ts';

const QUANTITIES = Object.keys(UNIT_OF) as Quantity[];

const VENDORS = ADAPTERS.map(({ vendor }) => vendor);

type Column = { readonly description: string; readonly choices?: readonly string[]; readonly mandatory?: true };

/** What a mapping is made of: columns of the CSV file and options of `dxaflow map add`. */
export const MAPPING_COLUMNS: Readonly<Record<string, Column>> = {
  vendor: { description: 'who wrote the reports', choices: VENDORS, mandatory: true },
  model_name: { description: 'only this model' },
  kind: { description: 'what is mapped', choices: ['scan', 'region', 'measure', 'unit'], mandatory: true },
  code_scheme: { description: 'coding scheme of the item, with --code-value' },
  code_value: { description: 'code of the item' },
  label: { description: 'label of the item; case, spaces and hyphens play no part' },
  scan_type: { description: 'kind of scan it is, or that a region must be part of', choices: SCAN_TYPES },
  region: { description: 'region that it is', choices: REGIONS },
  vertebrae: { description: 'vertebrae of a spine region, e.g. "L1,L2,L3,L4"' },
  laterality: { description: 'side, unless it follows from the surrounding items', choices: LATERALITIES },
  quantity: { description: 'what a result or unit is', choices: QUANTITIES },
  valid_from: { description: 'first day of scans that it holds for' },
  valid_to: { description: 'last day of scans that it holds for' },
  ignored: { description: 'yes: it is no longer reported', choices: ['yes'] },
};

/** The columns that say what an item must be, for which reports; with `ignored` nothing else is said. */
export const CONDITION_COLUMNS = [
  'vendor',
  'model_name',
  'kind',
  'code_scheme',
  'code_value',
  'label',
  'scan_type',
  'valid_from',
  'valid_to',
] as const;

const ROW = z.object({
  vendor: z.enum(VENDORS, { error: `must be ${VENDORS.join(' or ')}` }),
  model_name: z.string().trim().default(''),
  kind: z.enum(['scan', 'region', 'measure', 'unit'], { error: 'must be scan, region, measure or unit' }),
  code_scheme: optional(text('a coding scheme')),
  code_value: optional(text('a code')),
  label: optional(text('a label')),
  scan_type: optional(z.enum(SCAN_TYPES, { error: 'must be spine, hip, forearm or whole_body' })),
  region: optional(z.enum(REGIONS, { error: 'must be a region such as spine, total_hip or femoral_neck' })),
  vertebrae: z.string().default(''),
  laterality: optional(z.enum(LATERALITIES, { error: 'must be left, right, mean or none' })),
  quantity: optional(z.enum(QUANTITIES, { error: 'must be bmd, bmc, area or a score' })),
  valid_from: optional(day),
  valid_to: optional(day),
  ignored: z.enum(['', 'yes'], { error: 'must be yes or empty' }).default(''),
});
type Row = z.output<typeof ROW>;

/** Hips and forearms are measured on a side; everything else has none. */
const isPaired = (row: Row): boolean =>
  row.region === null
    ? row.scan_type === 'hip' || row.scan_type === 'forearm'
    : /hip|neck|wards|trochanter|shaft|^(?:radius|ulna|forearm)_/.test(row.region);

/** A condition that no adapter could ever meet; it must not look as if it were in force. */
function neverMet(row: Row): string | null {
  if (row.code_value !== null && !ADAPTERS.some(({ vendor, hasCodes }) => vendor === row.vendor && hasCodes)) {
    return `${row.vendor} results have labels and no codes: give the label alone`;
  }
  if (['measure', 'unit'].includes(row.kind) && (row.scan_type !== null || row.laterality !== null)) {
    return 'a measure or unit holds in every scan and on every side';
  }
  if (row.kind === 'region' && row.region !== null && ![null, scanTypeOf(row.region)].includes(row.scan_type)) {
    return `the region ${row.region} stands in a ${scanTypeOf(row.region)} scan and in no other`;
  }
  const names = row.code_value === null ? [row.label] : [row.code_value, row.label];
  if (row.kind === 'unit' && row.ignored === '' && names.some((name) => name !== null && isUnitOfAnother(name))) {
    return 'milligrams, volumes and speeds are units of other quantities, which nothing can turn into this one';
  }
  if (row.laterality !== null && isPaired(row) === (row.laterality === 'none')) {
    return 'hips and forearms have the side left, right or mean, everything else none';
  }
  if (row.valid_to !== null && row.valid_to < (row.valid_from ?? '')) return 'valid_to lies before valid_from';
  return null;
}

/** What is ignored has no meaning; a region may be ignored in one kind of scan. */
function ignoredProblem(row: Row): string | null {
  if (row.region !== null || row.vertebrae !== '' || row.laterality !== null || row.quantity !== null) {
    return 'what is ignored has neither region, vertebrae, side nor quantity';
  }
  return row.scan_type !== null && row.kind !== 'region' ? 'only a region is ignored in one kind of scan' : null;
}

function meaningProblem(row: Row, vertebrae: readonly Vertebra[]): string | null {
  if (row.kind === 'scan' && (row.scan_type === null || row.region !== null || row.quantity !== null)) {
    return 'a scan has a scan_type and neither region nor quantity';
  }
  if ((row.kind === 'region') !== (row.region !== null)) return 'a region, and only a region, has a region';
  if (['measure', 'unit'].includes(row.kind) !== (row.quantity !== null)) {
    return 'a measure or unit, and nothing else, has a quantity';
  }
  return (row.region === 'spine') !== vertebrae.length > 0
    ? 'vertebrae must be given for the spine and only there'
    : null;
}

/** The mapping of a row, or what is wrong with it. */
function mappingOf(row: Row): NewSiteMapping | string {
  const names = row.vertebrae.split(/[\s,;]+/).filter((name) => name !== '');
  const vertebrae = VERTEBRAE.filter((vertebra) => names.includes(vertebra));
  if (vertebrae.length !== names.length) return 'vertebrae must list vertebrae from T12 to L4, e.g. "L1,L2,L3,L4"';
  if ((row.code_value === null) !== (row.code_scheme === null)) return 'code_scheme and code_value go together';
  if (row.code_value === null && row.label === null) return 'a code or a label must be given';
  const problem = row.ignored === 'yes' ? ignoredProblem(row) : meaningProblem(row, vertebrae);
  if (problem !== null) return problem;
  const never = neverMet(row);
  if (never !== null) return never;
  return {
    vendor: row.vendor,
    modelName: row.model_name,
    kind: row.kind,
    codeScheme: row.code_scheme,
    codeValue: row.code_value,
    label: row.label,
    scanType: row.scan_type,
    region: row.region,
    vertebrae,
    laterality: row.laterality,
    quantity: row.quantity,
    validFrom: row.valid_from ?? '0001-01-01',
    validTo: row.valid_to,
    ignored: row.ignored === 'yes',
  };
}

/** Reads one mapping from named texts. Throws MAPPING_INVALID with the rule that is broken. */
export function readMapping(given: Readonly<Record<string, string>>): NewSiteMapping {
  const row = ROW.safeParse(given);
  const problem = row.success
    ? mappingOf(row.data)
    : row.error.issues.map((i) => `${i.path.join('.')} ${i.message}`).join('; ');
  if (typeof problem !== 'string') return problem;
  throw new DxaflowError('MAPPING_INVALID', `Nothing was mapped: ${problem}.`, { exitCode: EXIT.usage });
}

/** Reads a CSV file of mappings. Throws MAPPING_CSV_INVALID with every line that breaks a rule. */
export function parseMappingsCsv(csv: string): readonly NewSiteMapping[] {
  return parseCsvRows(csv, 'MAPPING_CSV_INVALID', ROW, mappingOf);
}

/** A mapping in the columns of the CSV file. */
export function mappingFields(mapping: SiteMappingRow): Record<string, string> {
  return {
    vendor: mapping.vendor,
    model_name: mapping.modelName,
    kind: mapping.kind,
    code_scheme: mapping.codeScheme ?? '',
    code_value: mapping.codeValue ?? '',
    label: mapping.label ?? '',
    scan_type: mapping.scanType ?? '',
    region: mapping.region ?? '',
    vertebrae: mapping.vertebrae,
    laterality: mapping.laterality ?? '',
    quantity: mapping.quantity ?? '',
    valid_from: mapping.validFrom === '0001-01-01' ? '' : mapping.validFrom,
    valid_to: mapping.validTo ?? '',
    ignored: mapping.ignored ? 'yes' : '',
  };
}
