import type { CrossCalibration } from '../../dxa/study/history.ts';
import { type Bmd, formatMicro } from '../../dxa/values/quantity.ts';
import { parseVertebraeKey, type Region, vertebraeKey } from '../../dxa/values/region.ts';
import { auditCreation, retireRow, type Signature } from '../audit.ts';
import { bmdOf, optionalBmdOf, toNumeric } from '../numeric.ts';
import type { Queryable } from '../pool.ts';
import { type Device, deviceColumns, deviceValues } from './device.ts';

/** One person measured on both scanners. */
export type CalibrationPair = {
  readonly subject: string;
  readonly from: Bmd;
  readonly to: Bmd;
  /** The second scan on the later scanner, where there was one. */
  readonly toAgain: Bmd | null;
  readonly source: string;
};

/** A cross-calibration to be put on file, with both scanners as they name themselves. */
export type NewCrossCalibration = Omit<CrossCalibration, 'crossCalibrationId' | 'fromScannerId' | 'toScannerId'> & {
  readonly from: Device;
  readonly to: Device;
  readonly source: string;
  readonly author: string;
  readonly note: string;
  /** What it was computed from, where it was computed here. */
  readonly pairs: readonly CalibrationPair[];
};

export type CrossCalibrationOnFile = Omit<NewCrossCalibration, 'pairs'> & {
  readonly crossCalibrationId: string;
  readonly createdAt: Date;
  readonly replacesId: string | null;
  readonly retiredAt: Date | null;
  readonly retiredBy: string | null;
  readonly retiredWhy: string | null;
};

type Row = Omit<CrossCalibrationOnFile, 'from' | 'to' | 'roi'> & {
  readonly region: Region;
  readonly vertebrae: string;
} & Readonly<Record<`${'from' | 'to'}${Capitalize<keyof Device>}`, string>>;

const SELECT = `
select id::text as "crossCalibrationId", ${deviceColumns('from_')}, ${deviceColumns('to_')}, region, vertebrae,
       laterality, slope::float8, intercept_g_per_cm2::float8 as intercept,
       standard_error_of_estimate_g_per_cm2::float8 as "standardErrorOfEstimate", n,
       mean_from_g_per_cm2::float8 as "meanFrom", sum_of_squares_from::float8 as "sumOfSquaresFrom",
       min_from_g_per_cm2::float8 as "minFrom", max_from_g_per_cm2::float8 as "maxFrom", valid_from as "validFrom",
       valid_to as "validTo", source, author, note, created_at as "createdAt", replaces_id::text as "replacesId",
       retired_at as "retiredAt", retired_by as "retiredBy", retired_why as "retiredWhy"
  from cross_calibration`;

const deviceOf = (row: Row, which: 'from' | 'to'): Device => ({
  scannerKey: row[`${which}ScannerKey`],
  manufacturer: row[`${which}Manufacturer`],
  modelName: row[`${which}ModelName`],
  deviceSerialNumber: row[`${which}DeviceSerialNumber`],
  stationName: row[`${which}StationName`],
});

function onFile(row: Row): CrossCalibrationOnFile {
  return {
    crossCalibrationId: row.crossCalibrationId,
    from: deviceOf(row, 'from'),
    to: deviceOf(row, 'to'),
    roi: { region: row.region, vertebrae: parseVertebraeKey(row.vertebrae) },
    laterality: row.laterality,
    slope: row.slope,
    intercept: row.intercept,
    standardErrorOfEstimate: row.standardErrorOfEstimate,
    n: row.n,
    meanFrom: row.meanFrom,
    sumOfSquaresFrom: row.sumOfSquaresFrom,
    minFrom: row.minFrom,
    maxFrom: row.maxFrom,
    validFrom: row.validFrom,
    validTo: row.validTo,
    source: row.source,
    author: row.author,
    note: row.note,
    createdAt: row.createdAt,
    replacesId: row.replacesId,
    retiredAt: row.retiredAt,
    retiredBy: row.retiredBy,
    retiredWhy: row.retiredWhy,
  };
}

/** Cross-calibrations for a listing: those in force, or with `all` retired ones as well. */
export async function listCrossCalibrations(
  database: Queryable,
  { all }: { readonly all: boolean },
): Promise<readonly CrossCalibrationOnFile[]> {
  const { rows } = await database.query<Row>(
    `${SELECT} where $1 or retired_at is null
      order by to_scanner_key, from_scanner_key, region, vertebrae, laterality, valid_from, id`,
    [all],
  );
  return rows.map(onFile);
}

export async function findCrossCalibration(database: Queryable, id: string): Promise<CrossCalibrationOnFile | null> {
  const { rows } = await database.query<Row>(`${SELECT} where id = $1`, [id]);
  const row = rows[0];
  return row === undefined ? null : onFile(row);
}

/** The pairs that a cross-calibration was computed from; empty for one that came as figures. */
export async function listCalibrationPairs(database: Queryable, id: string): Promise<readonly CalibrationPair[]> {
  const { rows } = await database.query<
    Record<'subject' | 'from' | 'to' | 'source', string> & { readonly toAgain: string | null }
  >(
    `select subject, from_bmd_g_per_cm2 as "from", to_bmd_g_per_cm2 as "to", to_bmd_2_g_per_cm2 as "toAgain", source
       from cross_calibration_pair where cross_calibration_id = $1 order by id`,
    [id],
  );
  return rows.map((row) => ({
    ...row,
    from: bmdOf(row.from),
    to: bmdOf(row.to),
    toAgain: optionalBmdOf(row.toAgain),
  }));
}

const figuresOf = (entry: Omit<NewCrossCalibration, 'pairs'>): readonly unknown[] => [
  entry.slope,
  entry.intercept,
  entry.standardErrorOfEstimate,
  entry.n,
  entry.meanFrom,
  entry.sumOfSquaresFrom,
  entry.minFrom,
  entry.maxFrom,
  entry.validTo,
  entry.source,
];

/**
 * Puts a cross-calibration on file. The entry it corrects (same scanners, region, side and first day) is kept as
 * retired. Null when the very same entry is there already. Run it under `lockRegistry`.
 */
export async function fileCrossCalibration(
  database: Queryable,
  entry: NewCrossCalibration,
  signature: Signature,
): Promise<{ readonly crossCalibrationId: string; readonly replaced: CrossCalibrationOnFile | null } | null> {
  const { rows: before } = await database.query<Row>(
    `${SELECT} where from_scanner_key = $1 and to_scanner_key = $2 and region = $3 and vertebrae = $4
        and laterality = $5 and valid_from = $6 and retired_at is null`,
    [
      entry.from.scannerKey,
      entry.to.scannerKey,
      entry.roi.region,
      vertebraeKey(entry.roi.vertebrae),
      entry.laterality,
      entry.validFrom,
    ],
  );
  const replaced = before[0] === undefined ? null : onFile(before[0]);
  if (replaced !== null) {
    if (JSON.stringify(figuresOf(replaced)) === JSON.stringify(figuresOf(entry))) return null;
    await retireRow(database, 'cross_calibration', replaced.crossCalibrationId, 'replace', signature);
  }
  const { rows } = await database.query<{ id: string }>(
    `insert into cross_calibration (from_scanner_key, from_manufacturer, from_model_name, from_device_serial_number,
        from_station_name, to_scanner_key, to_manufacturer, to_model_name, to_device_serial_number, to_station_name, slope,
        intercept_g_per_cm2, standard_error_of_estimate_g_per_cm2, n, mean_from_g_per_cm2, sum_of_squares_from,
        min_from_g_per_cm2, max_from_g_per_cm2, valid_to, source, region, vertebrae, laterality, valid_from, author, note,
        replaces_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
        $25, $26, $27)
     returning id::text`,
    [
      ...deviceValues(entry.from),
      ...deviceValues(entry.to),
      ...figuresOf(entry),
      entry.roi.region,
      vertebraeKey(entry.roi.vertebrae),
      entry.laterality,
      entry.validFrom,
      entry.author,
      entry.note,
      replaced?.crossCalibrationId ?? null,
    ],
  );
  const crossCalibrationId = rows[0]?.id ?? '';
  if (entry.pairs.length > 0) {
    const pairs = entry.pairs.map((pair) => ({
      ...pair,
      from: formatMicro(pair.from, 6),
      to: formatMicro(pair.to, 6),
      toAgain: toNumeric(pair.toAgain),
    }));
    await database.query(
      `insert into cross_calibration_pair (cross_calibration_id, subject, from_bmd_g_per_cm2, to_bmd_g_per_cm2,
          to_bmd_2_g_per_cm2, source)
       select $1, n.subject, n."from", n."to", n."toAgain", n.source
         from jsonb_to_recordset($2::jsonb) as n (subject text, "from" numeric, "to" numeric, "toAgain" numeric, source text)`,
      [crossCalibrationId, JSON.stringify(pairs)],
    );
  }
  await auditCreation(database, 'cross_calibration', crossCalibrationId, 'file', signature);
  return { crossCalibrationId, replaced };
}
