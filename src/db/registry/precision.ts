import type { Precision, PrecisionStudy } from '../../dxa/precision/precision.ts';
import { type Bmd, formatMicro } from '../../dxa/values/quantity.ts';
import {
  type Laterality,
  parseVertebraeKey,
  type Region,
  type RegionOfInterest,
  vertebraeKey,
} from '../../dxa/values/region.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import type { PrecisionSettings } from '../../dxa/values/settings.ts';
import { auditCreation, type Signature } from '../audit.ts';
import { bmdOf } from '../numeric.ts';
import type { Queryable } from '../pool.ts';
import { type Device, deviceColumns, deviceValues } from './device.ts';

/** One scan of a precision study, as it was given. */
export type PrecisionScan = {
  /** Empty where the technologist was not recorded. */
  readonly technologist: string;
  readonly subject: string;
  readonly scannedOn: IsoDate | null;
  readonly bmd: Bmd;
  readonly source: string;
};

/** Repeat scans of one region and side on one scanner, and what was computed from them in millionths of g/cm². */
export type NewPrecisionStudy = Device & {
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly scans: readonly PrecisionScan[];
  readonly result: PrecisionStudy;
  readonly settings: PrecisionSettings;
  readonly contentHash: string;
  readonly origin: 'csv' | 'studies';
};

export type PrecisionOnFile = Omit<NewPrecisionStudy, 'scans' | 'contentHash'> & {
  readonly precisionStudyId: string;
  readonly scannedFrom: IsoDate | null;
  readonly scannedTo: IsoDate | null;
  readonly author: string;
  readonly note: string;
  readonly createdAt: Date;
  /** LSCs in force that were computed in it. */
  readonly lscIds: readonly string[];
};

/** Millionths to nine decimals of g/cm²: a precision error of 0.0070089 must not lose its last digits. */
const nineDecimals = (micro: number | null) => (micro === null ? null : (micro / 1e6).toFixed(9));
const pooledOf = (study: NewPrecisionStudy): Precision | null => study.result.pooled;

/** Puts a study on file with its raw scans; null when the very same scans are there already. */
export async function insertPrecisionStudy(
  database: Queryable,
  study: NewPrecisionStudy,
  signature: Signature,
): Promise<string | null> {
  const pooled = pooledOf(study);
  const days = study.scans.flatMap(({ scannedOn }) => (scannedOn === null ? [] : [scannedOn])).sort();
  const { rows } = await database.query<{ id: string }>(
    `insert into precision_study (scanner_key, manufacturer, model_name, device_serial_number, station_name, region,
        vertebrae, laterality, scanned_from, scanned_to, verdict, subjects, degrees_of_freedom, precision_error_g_per_cm2,
        precision_error_upper_g_per_cm2, lsc_g_per_cm2, mean_bmd_g_per_cm2, result, settings, content_hash, origin, author, note)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
     on conflict (content_hash) do nothing
     returning id::text`,
    [
      ...deviceValues(study),
      study.roi.region,
      vertebraeKey(study.roi.vertebrae),
      study.laterality,
      days.at(0) ?? null,
      days.at(-1) ?? null,
      study.result.verdict,
      pooled?.subjects ?? 0,
      pooled?.degreesOfFreedom ?? 0,
      nineDecimals(pooled?.precisionError ?? null),
      nineDecimals(pooled?.precisionErrorUpper ?? null),
      nineDecimals(study.result.leastSignificantChange),
      nineDecimals(pooled?.mean ?? null),
      study.result,
      study.settings,
      study.contentHash,
      study.origin,
      signature.by,
      signature.note,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) return null;
  await database.query(
    `insert into precision_scan (precision_study_id, technologist, subject, scanned_on, bmd_g_per_cm2, source)
     select $1, n.technologist, n.subject, n.scanned_on, n.bmd, n.source
       from jsonb_to_recordset($2::jsonb) as n (technologist text, subject text, scanned_on date, bmd numeric, source text)`,
    [
      id,
      JSON.stringify(
        study.scans.map(({ technologist, subject, scannedOn, bmd, source }) => ({
          technologist,
          subject,
          scanned_on: scannedOn,
          bmd: formatMicro(bmd, 6),
          source,
        })),
      ),
    ],
  );
  await auditCreation(database, 'precision_study', id, 'import', signature);
  return id;
}

type Row = Omit<PrecisionOnFile, 'roi'> & { readonly region: Region; readonly vertebrae: string };

const SELECT = `
select p.id::text as "precisionStudyId", ${deviceColumns('', 'p')}, p.region, p.vertebrae, p.laterality,
       p.scanned_from as "scannedFrom", p.scanned_to as "scannedTo", p.result, p.settings, p.origin, p.author, p.note,
       p.created_at as "createdAt",
       array(select l.id::text from least_significant_change l
              where l.precision_study_id = p.id and l.retired_at is null order by l.id) as "lscIds"
  from precision_study p`;

const onFile = ({ region, vertebrae, ...row }: Row): PrecisionOnFile => ({
  ...row,
  roi: { region, vertebrae: parseVertebraeKey(vertebrae) },
});

export async function listPrecisionStudies(database: Queryable): Promise<readonly PrecisionOnFile[]> {
  const { rows } = await database.query<Row>(
    `${SELECT} order by p.scanner_key, p.region, p.vertebrae, p.laterality, p.id`,
  );
  return rows.map(onFile);
}

export async function findPrecisionStudy(database: Queryable, id: string): Promise<PrecisionOnFile | null> {
  const { rows } = await database.query<Row>(`${SELECT} where p.id = $1`, [id]);
  const row = rows[0];
  return row === undefined ? null : onFile(row);
}

/** The raw scans of a study, as they were given. */
export async function listPrecisionScans(database: Queryable, studyId: string): Promise<readonly PrecisionScan[]> {
  const { rows } = await database.query<Omit<PrecisionScan, 'bmd'> & { readonly bmd: string }>(
    `select technologist, subject, scanned_on as "scannedOn", bmd_g_per_cm2 as bmd, source
       from precision_scan where precision_study_id = $1 order by id`,
    [studyId],
  );
  return rows.map((row) => ({ ...row, bmd: bmdOf(row.bmd) }));
}
