import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { fileLsc, type NewLsc, touchPatientsOfScanners } from '../db/lsc.ts';
import { inTransaction, type Pool } from '../db/pool.ts';
import { type Bmd, parseMicro } from '../dxa/quantity.ts';
import { LATERALITIES, REGIONS, VERTEBRAE, vertebraeKey } from '../dxa/region.ts';
import { scannerKey } from '../dxa/scanner-key.ts';
import { DxaflowError, EXIT } from '../errors.ts';

const bmdText = z
  .string()
  .refine((text) => /^0?\.\d{1,6}$/.test(text), {
    error: 'must be g/cm² with a decimal point and at most six places, below 1',
  })
  .transform((text) => parseMicro(text) as Bmd)
  .refine((value) => value > 0, { error: 'must be above 0' });
const optional = <T extends z.ZodType>(schema: T) => z.union([z.literal('').transform(() => null), schema]);
const day = z.iso.date({ error: 'must be a date, YYYY-MM-DD' });
const text = (what: string) => z.string().min(1, { error: `must name ${what}` });

/** The columns of lsc.csv; docs/lsc-csv.md explains each. */
const ROW = z.object({
  manufacturer: text('the manufacturer'),
  model_name: text('the model'),
  device_serial_number: z.string().default(''),
  station_name: z.string().default(''),
  region: z.enum(REGIONS, { error: 'must be a region such as spine, total_hip or femoral_neck' }),
  vertebrae: z.string().default(''),
  laterality: z.enum([...LATERALITIES, 'any'], { error: 'must be left, right, mean, any or none' }),
  lsc_g_per_cm2: bmdText,
  confidence_level: z
    .string({ error: 'must be given, e.g. 0.95: an LSC without its confidence level says nothing' })
    .regex(/^0\.\d{1,4}$/, {
      error: 'must be given as a fraction, e.g. 0.95: an LSC without its confidence level says nothing',
    })
    .transform(Number)
    .refine((level) => level >= 0.5, { error: 'must be at least 0.5' }),
  valid_from: day,
  valid_to: optional(day).default(null),
  precision_error_g_per_cm2: optional(bmdText).default(null),
  precision_error_upper_g_per_cm2: optional(bmdText).default(null),
  degrees_of_freedom: optional(
    z
      .string()
      .regex(/^[1-9]\d{0,5}$/, { error: 'must be a whole number above 0' })
      .transform(Number),
  ).default(null),
  source: text('where the LSC comes from'),
  author: text('who answers for it'),
  note: z.string().default(''),
});

function parseVertebrae(given: string): NewLsc['roi']['vertebrae'] | null {
  const names = given.split(/[\s,;]+/).filter((name) => name !== '');
  const vertebrae = VERTEBRAE.filter((vertebra) => names.includes(vertebra));
  return vertebrae.length === names.length ? vertebrae : null;
}

function toEntry(row: z.infer<typeof ROW>): NewLsc | string {
  const vertebrae = parseVertebrae(row.vertebrae);
  if (vertebrae === null) return 'vertebrae must list vertebrae from T12 to L4, e.g. "L1,L2,L3,L4"';
  if ((row.region === 'spine') !== vertebraeKey(vertebrae).length > 0)
    return 'vertebrae must be given for the spine and only there';
  if (row.valid_to !== null && row.valid_to < row.valid_from) return 'valid_to must not be before valid_from';
  const device = {
    manufacturer: row.manufacturer,
    modelName: row.model_name,
    deviceSerialNumber: row.device_serial_number,
    stationName: row.station_name,
  };
  const { key, identified } = scannerKey(device);
  if (!identified) return 'device_serial_number or station_name must be given: an LSC belongs to one device';
  return {
    ...device,
    scannerKey: key,
    roi: { region: row.region, vertebrae },
    laterality: row.laterality,
    leastSignificantChange: row.lsc_g_per_cm2,
    confidenceLevel: row.confidence_level,
    precisionError: row.precision_error_g_per_cm2,
    precisionErrorUpper: row.precision_error_upper_g_per_cm2,
    degreesOfFreedom: row.degrees_of_freedom,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    source: row.source,
    author: row.author,
    note: row.note,
  };
}

/** Reads lsc.csv. Throws LSC_INVALID with every line that breaks a rule; then nothing at all is imported. */
export function parseLscCsv(csv: string): readonly NewLsc[] {
  let records: Record<string, string>[];
  try {
    records = parse(csv, { columns: true, bom: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    throw new DxaflowError(
      'LSC_INVALID',
      'The file is not CSV with a header line, or a line has too many or too few columns.',
      {
        cause: error,
        exitCode: EXIT.usage,
      },
    );
  }
  const problems: string[] = [];
  const entries: NewLsc[] = [];
  for (const [index, record] of records.entries()) {
    const line = index + 2;
    const row = ROW.safeParse(record);
    if (!row.success) {
      problems.push(...row.error.issues.map((issue) => `line ${line}: ${issue.path.join('.')} ${issue.message}`));
      continue;
    }
    const entry = toEntry(row.data);
    if (typeof entry === 'string') problems.push(`line ${line}: ${entry}`);
    else entries.push(entry);
  }
  if (problems.length > 0)
    throw new DxaflowError('LSC_INVALID', `Nothing was imported. ${problems.join('; ')}.`, { exitCode: EXIT.usage });
  if (entries.length === 0) throw new DxaflowError('LSC_INVALID', 'The file holds no LSC.', { exitCode: EXIT.usage });
  return entries;
}

export type LscImport = { readonly imported: number; readonly unchanged: number; readonly patientsToAssess: number };

/** Puts LSCs on file and marks the patients of their scanners for a new judgement; the sweep sees to it. */
export async function importLsc(pool: Pool, entries: readonly NewLsc[]): Promise<LscImport> {
  return await inTransaction(pool, async (transaction) => {
    const changed = new Set<string>();
    let imported = 0;
    for (const entry of entries) {
      if ((await fileLsc(transaction, entry)) === null) continue;
      imported += 1;
      changed.add(entry.scannerKey);
    }
    const patientsToAssess = changed.size === 0 ? 0 : await touchPatientsOfScanners(transaction, [...changed]);
    return { imported, unchanged: entries.length - imported, patientsToAssess };
  });
}
