import type { LscEntry } from '../dxa/history.ts';
import { type Bmd, formatMicro, parseMicro } from '../dxa/quantity.ts';
import { parseVertebraeKey, type Region, vertebraeKey } from '../dxa/region.ts';
import type { Queryable } from './pool.ts';

/** A least significant change to be put on file, with the scanner as it names itself. */
export type NewLsc = Omit<LscEntry, 'lscId' | 'scannerId'> & {
  readonly scannerKey: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string;
  readonly stationName: string;
  readonly precisionError: Bmd | null;
  readonly author: string;
  readonly note: string;
};

export type LscOnFile = NewLsc & { readonly lscId: string; readonly createdAt: Date };

type Row = {
  readonly lscId: string;
  readonly scannerKey: string;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string;
  readonly stationName: string;
  readonly region: Region;
  readonly vertebrae: string;
  readonly laterality: LscEntry['laterality'];
  readonly lsc: string;
  readonly confidenceLevel: string;
  readonly precisionError: string | null;
  readonly precisionErrorUpper: string | null;
  readonly degreesOfFreedom: number | null;
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly source: string;
  readonly author: string;
  readonly note: string;
  readonly createdAt: Date;
};

const SELECT = `
select id::text as "lscId", scanner_key as "scannerKey", manufacturer, model_name as "modelName",
       device_serial_number as "deviceSerialNumber", station_name as "stationName", region, vertebrae, laterality,
       lsc_g_per_cm2 as lsc, confidence_level as "confidenceLevel", precision_error_g_per_cm2 as "precisionError",
       precision_error_upper_g_per_cm2 as "precisionErrorUpper", degrees_of_freedom as "degreesOfFreedom",
       valid_from as "validFrom", valid_to as "validTo", source, author, note, created_at as "createdAt"
  from least_significant_change
 where retired_at is null`;

function bmd(text: string): Bmd {
  const value = parseMicro(text);
  if (value === null) throw new RangeError('a numeric column is not a plain decimal');
  return value as Bmd;
}

const optionalBmd = (text: string | null) => (text === null ? null : bmd(text));

function onFile(row: Row): LscOnFile {
  return {
    lscId: row.lscId,
    scannerKey: row.scannerKey,
    manufacturer: row.manufacturer,
    modelName: row.modelName,
    deviceSerialNumber: row.deviceSerialNumber,
    stationName: row.stationName,
    roi: { region: row.region, vertebrae: parseVertebraeKey(row.vertebrae) },
    laterality: row.laterality,
    leastSignificantChange: bmd(row.lsc),
    confidenceLevel: Number(row.confidenceLevel),
    precisionError: optionalBmd(row.precisionError),
    precisionErrorUpper: optionalBmd(row.precisionErrorUpper),
    degreesOfFreedom: row.degreesOfFreedom,
    validFrom: row.validFrom,
    validTo: row.validTo,
    source: row.source,
    author: row.author,
    note: row.note,
    createdAt: row.createdAt,
  };
}

/** Every LSC in force, for a listing. */
export async function listLsc(database: Queryable): Promise<readonly LscOnFile[]> {
  const { rows } = await database.query<Row>(
    `${SELECT} order by scanner_key, region, vertebrae, laterality, valid_from`,
  );
  return rows.map(onFile);
}

/** The LSCs in force on any of these scanners, in the form the assessment takes. */
export async function readLscOf(database: Queryable, scannerIds: readonly string[]): Promise<readonly LscEntry[]> {
  const { rows } = await database.query<Row>(`${SELECT} and scanner_key = any($1) order by id`, [scannerIds]);
  return rows.map((row) => ({ ...onFile(row), scannerId: row.scannerKey }));
}

/**
 * Puts an LSC on file and returns its id. The entry it corrects (same scanner, region, side and first day) is kept as
 * retired. Null when the very same entry is there already.
 */
export async function fileLsc(database: Queryable, entry: NewLsc): Promise<string | null> {
  const key = [
    entry.scannerKey,
    entry.roi.region,
    vertebraeKey(entry.roi.vertebrae),
    entry.laterality,
    entry.validFrom,
  ];
  const figures = [
    formatMicro(entry.leastSignificantChange, 6),
    entry.confidenceLevel,
    entry.precisionError === null ? null : formatMicro(entry.precisionError, 6),
    entry.precisionErrorUpper === null ? null : formatMicro(entry.precisionErrorUpper, 6),
    entry.degreesOfFreedom,
    entry.validTo,
  ];
  const same = await database.query(
    `select 1 from least_significant_change
      where scanner_key = $1 and region = $2 and vertebrae = $3 and laterality = $4 and valid_from = $5
        and retired_at is null and lsc_g_per_cm2 = $6 and confidence_level = $7
        and precision_error_g_per_cm2 is not distinct from $8::numeric
        and precision_error_upper_g_per_cm2 is not distinct from $9::numeric
        and degrees_of_freedom is not distinct from $10::integer and valid_to is not distinct from $11::date
        and source = $12`,
    [...key, ...figures, entry.source],
  );
  if ((same.rowCount ?? 0) > 0) return null;
  await database.query(
    `update least_significant_change set retired_at = now()
      where scanner_key = $1 and region = $2 and vertebrae = $3 and laterality = $4 and valid_from = $5
        and retired_at is null`,
    key,
  );
  const { rows } = await database.query<{ id: string }>(
    `insert into least_significant_change (scanner_key, region, vertebrae, laterality, valid_from, lsc_g_per_cm2,
        confidence_level, precision_error_g_per_cm2, precision_error_upper_g_per_cm2, degrees_of_freedom, valid_to,
        source, manufacturer, model_name, device_serial_number, station_name, author, note)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
     returning id::text`,
    [
      ...key,
      ...figures,
      entry.source,
      entry.manufacturer,
      entry.modelName,
      entry.deviceSerialNumber,
      entry.stationName,
      entry.author,
      entry.note,
    ],
  );
  return rows[0]?.id ?? null;
}

/** Marks every patient scanned on these scanners as in need of a new judgement; returns how many. */
export async function touchPatientsOfScanners(database: Queryable, scannerKeys: readonly string[]): Promise<number> {
  const { rowCount } = await database.query(
    `update patient set revision = revision + 1
      where id in (select s.patient_id from study s join report r on r.study_id = s.id
                     join scanner c on c.id = r.scanner_id where c.identity_key = any($1))`,
    [scannerKeys],
  );
  return rowCount ?? 0;
}
