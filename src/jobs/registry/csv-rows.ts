import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Device } from '../../db/registry/device.ts';
import { type Bmd, parseMicro } from '../../dxa/values/quantity.ts';
import { LATERALITIES, REGIONS, type RegionOfInterest, VERTEBRAE, vertebraeKey } from '../../dxa/values/region.ts';
import { scannerKey } from '../../dxa/values/scanner-key.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';

/** A decimal of g/cm² with a point and at most six places. */
export const bmdText = (range: RegExp, what: string) =>
  z
    .string({ error: what })
    .refine((given) => range.test(given) && parseMicro(given) !== null, { error: what })
    .transform((given) => parseMicro(given) as Bmd);
export const optional = <T extends z.ZodType>(schema: T) =>
  z
    .union([z.literal('').transform(() => null), schema])
    .optional()
    .transform((value) => value ?? null);
/** A day that PostgreSQL knows as well: it has no year 0. */
export const day = z.iso
  .date({ error: 'must be a date, YYYY-MM-DD' })
  .refine((text) => text >= '0001', { error: 'must be a date, YYYY-MM-DD' });
export const text = (what: string) => z.string({ error: `must name ${what}` }).min(1, { error: `must name ${what}` });
export const wholeNumberText = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, { error: 'must be a whole number above 0' })
  .transform(Number);

/** The columns that name a device, and the region with its vertebrae. */
export const DEVICE_COLUMNS = {
  manufacturer: text('the manufacturer'),
  model_name: text('the model'),
  device_serial_number: z.string().default(''),
  station_name: z.string().default(''),
};
export const REGION_COLUMNS = {
  region: z.enum(REGIONS, { error: 'must be a region such as spine, total_hip or femoral_neck' }),
  vertebrae: z.string().default(''),
};
export const LATERALITY = z.enum(LATERALITIES, { error: 'must be left, right, mean or none' });
export const LATERALITY_OR_ANY = z.enum([...LATERALITIES, 'any'], {
  error: 'must be left, right, mean, any or none',
});

/** The device of a row, or what is wrong with it. */
export function deviceOf(row: {
  readonly manufacturer: string;
  readonly model_name: string;
  readonly device_serial_number: string;
  readonly station_name: string;
}): Device | string {
  const device = {
    manufacturer: row.manufacturer,
    modelName: row.model_name,
    deviceSerialNumber: row.device_serial_number,
    stationName: row.station_name,
  };
  const { key, identified } = scannerKey(device);
  if (!identified) return 'device_serial_number or station_name must be given: the figures belong to one device';
  return { ...device, scannerKey: key };
}

type DeviceColumn = keyof typeof DEVICE_COLUMNS;

/** The columns that name two devices, with from_ and to_ in front. */
export function twoDeviceColumns() {
  const prefixed = <P extends string>(prefix: P) =>
    Object.fromEntries(Object.entries(DEVICE_COLUMNS).map(([name, schema]) => [`${prefix}${name}`, schema])) as {
      readonly [K in DeviceColumn as `${P}${K}`]: (typeof DEVICE_COLUMNS)[K];
    };
  return { ...prefixed('from_'), ...prefixed('to_') };
}

/** Both devices of a row, or what is wrong with one. */
export function twoDevicesOf(
  row: Readonly<Record<`${'from_' | 'to_'}${DeviceColumn}`, string>>,
): { readonly from: Device; readonly to: Device } | string {
  const read = (prefix: 'from_' | 'to_') =>
    deviceOf({
      manufacturer: row[`${prefix}manufacturer`],
      model_name: row[`${prefix}model_name`],
      device_serial_number: row[`${prefix}device_serial_number`],
      station_name: row[`${prefix}station_name`],
    });
  const from = read('from_');
  if (typeof from === 'string') return `from_${from}`;
  const to = read('to_');
  return typeof to === 'string' ? `to_${to}` : { from, to };
}

/** The region of a row with its vertebrae in order, or what is wrong with it. */
export function roiOf(
  row: { readonly region: RegionOfInterest['region']; readonly vertebrae: string },
  laterality: string,
): RegionOfInterest | string {
  const names = row.vertebrae.split(/[\s,;]+/).filter((name) => name !== '');
  const vertebrae = VERTEBRAE.filter((vertebra) => names.includes(vertebra));
  if (vertebrae.length !== names.length) return 'vertebrae must list vertebrae from T12 to L4, e.g. "L1,L2,L3,L4"';
  if ((row.region === 'spine') !== vertebraeKey(vertebrae).length > 0) {
    return 'vertebrae must be given for the spine and only there';
  }
  if (row.region === 'spine' && laterality !== 'none') return 'laterality must be none for the spine';
  return { region: row.region, vertebrae };
}

/**
 * Reads a CSV file with a header line. `read` gives the row of a line, or what is wrong with it. Throws `code` with every
 * line that breaks a rule; a message names lines and columns, never a value.
 */
export function parseCsvRows<Row, T>(
  csv: string,
  code: string,
  schema: z.ZodType<Row>,
  read: (row: Row, line: number) => T | string,
): readonly T[] {
  const refuse = (message: string, cause?: unknown) => new DxaflowError(code, message, { cause, exitCode: EXIT.usage });
  let records: { readonly record: Record<string, string>; readonly info: { readonly lines: number } }[];
  try {
    records = parse(csv, { columns: true, bom: true, trim: true, skip_empty_lines: true, info: true });
  } catch (error) {
    throw refuse('The file is not CSV with a header line, or a line has too many or too few columns.', error);
  }
  const problems: string[] = [];
  const rows: T[] = [];
  for (const { record, info } of records) {
    const row = schema.safeParse(record);
    if (!row.success) {
      problems.push(...row.error.issues.map((issue) => `line ${info.lines}: ${issue.path.join('.')} ${issue.message}`));
      continue;
    }
    const result = read(row.data, info.lines);
    if (typeof result === 'string') problems.push(`line ${info.lines}: ${result}`);
    else rows.push(result);
  }
  if (problems.length > 0) throw refuse(`Nothing was imported. ${problems.join('; ')}.`);
  if (rows.length === 0) throw refuse('The file holds no line below its header.');
  return rows;
}
