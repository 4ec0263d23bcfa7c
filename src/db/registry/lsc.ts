import type { LscEntry } from '../../dxa/study/history.ts';
import type { Bmd } from '../../dxa/values/quantity.ts';
import { parseVertebraeKey, type Region, vertebraeKey } from '../../dxa/values/region.ts';
import { auditCreation, retireRow, type Signature } from '../audit.ts';
import { bmdOf, optionalBmdOf, toNumeric } from '../numeric.ts';
import type { Queryable } from '../pool.ts';
import { type Device, deviceColumns, deviceValues } from './device.ts';

/** A least significant change to be put on file, with the scanner as it names itself. */
export type NewLsc = Omit<LscEntry, 'lscId' | 'scannerId'> &
  Device & {
    readonly precisionError: Bmd | null;
    /** Technologist whose precision it is, for the record only; empty for all of the site together, which judges. */
    readonly operator: string;
    /** The precision study it was computed in; null for one that was imported. */
    readonly precisionStudyId: string | null;
    /** As given, when it came in percent of the precision cohort's mean (R1.7). */
    readonly given: { readonly lscPercent: string; readonly cohortMean: Bmd } | null;
    /** Why it is filed although it is implausible (R1.12); null where it is plausible. */
    readonly despite: string | null;
    readonly author: string;
    readonly note: string;
  };

export type LscOnFile = NewLsc & {
  readonly lscId: string;
  readonly createdAt: Date;
  readonly replacesId: string | null;
  readonly retiredAt: Date | null;
  readonly retiredBy: string | null;
  readonly retiredWhy: string | null;
};

type Row = Omit<LscOnFile, 'roi' | 'leastSignificantChange' | 'confidenceLevel' | 'given'> & {
  readonly region: Region;
  readonly vertebrae: string;
  readonly lsc: string;
  readonly confidenceLevel: string;
  readonly precisionErrorText: string | null;
  readonly precisionErrorUpperText: string | null;
  readonly lscPercent: string | null;
  readonly cohortMean: string | null;
};

const SELECT = `
select id::text as "lscId", ${deviceColumns()}, region, vertebrae, laterality, lsc_g_per_cm2 as lsc,
       confidence_level as "confidenceLevel", precision_error_g_per_cm2 as "precisionErrorText",
       precision_error_upper_g_per_cm2 as "precisionErrorUpperText", degrees_of_freedom as "degreesOfFreedom",
       valid_from as "validFrom", valid_to as "validTo", source, operator, precision_study_id::text as "precisionStudyId",
       lsc_percent as "lscPercent", cohort_mean_g_per_cm2 as "cohortMean", despite, author, note, created_at as "createdAt",
       replaces_id::text as "replacesId", retired_at as "retiredAt", retired_by as "retiredBy", retired_why as "retiredWhy"
  from least_significant_change`;

function onFile(row: Row): LscOnFile {
  const { region, vertebrae, lsc, precisionErrorText, precisionErrorUpperText, lscPercent, cohortMean, ...rest } = row;
  return {
    ...rest,
    roi: { region, vertebrae: parseVertebraeKey(vertebrae) },
    leastSignificantChange: bmdOf(lsc),
    confidenceLevel: Number(row.confidenceLevel),
    precisionError: optionalBmdOf(precisionErrorText),
    precisionErrorUpper: optionalBmdOf(precisionErrorUpperText),
    given: lscPercent === null || cohortMean === null ? null : { lscPercent, cohortMean: bmdOf(cohortMean) },
  };
}

/** LSCs for a listing: those in force, or with `all` retired ones as well. */
export async function listLsc(database: Queryable, { all }: { readonly all: boolean }): Promise<readonly LscOnFile[]> {
  const { rows } = await database.query<Row>(
    `${SELECT} where $1 or retired_at is null order by scanner_key, region, vertebrae, laterality, valid_from, id`,
    [all],
  );
  return rows.map(onFile);
}

/** An LSC by its id, retired or not. */
export async function findLscOnFile(database: Queryable, lscId: string): Promise<LscOnFile | null> {
  const { rows } = await database.query<Row>(`${SELECT} where id = $1`, [lscId]);
  const row = rows[0];
  return row === undefined ? null : onFile(row);
}

/** The entry in force that a new one with the same scanner, region, side, first day and operator would correct. */
async function findInForce(database: Queryable, entry: NewLsc): Promise<LscOnFile | null> {
  const { rows } = await database.query<Row>(
    `${SELECT} where scanner_key = $1 and region = $2 and vertebrae = $3 and laterality = $4 and valid_from = $5
        and operator = $6 and retired_at is null`,
    [
      entry.scannerKey,
      entry.roi.region,
      vertebraeKey(entry.roi.vertebrae),
      entry.laterality,
      entry.validFrom,
      entry.operator,
    ],
  );
  const row = rows[0];
  return row === undefined ? null : onFile(row);
}

const judgesAlike = (a: NewLsc, b: NewLsc): boolean =>
  a.leastSignificantChange === b.leastSignificantChange &&
  a.confidenceLevel === b.confidenceLevel &&
  a.precisionError === b.precisionError &&
  a.precisionErrorUpper === b.precisionErrorUpper &&
  a.degreesOfFreedom === b.degreesOfFreedom &&
  a.validTo === b.validTo &&
  a.source === b.source &&
  a.precisionStudyId === b.precisionStudyId;

export type FiledLsc = { readonly lscId: string; readonly replaced: LscOnFile | null };

/**
 * Puts an LSC on file. The entry it corrects (same scanner, region, side, first day and operator) is kept as
 * retired. Null when the very same entry is there already. Run it under `lockRegistry`.
 */
export async function fileLsc(database: Queryable, entry: NewLsc, signature: Signature): Promise<FiledLsc | null> {
  const replaced = await findInForce(database, entry);
  if (replaced !== null && judgesAlike(replaced, entry)) return null;
  if (replaced !== null) await retireRow(database, 'least_significant_change', replaced.lscId, 'replace', signature);
  const { rows } = await database.query<{ id: string }>(
    `insert into least_significant_change (scanner_key, manufacturer, model_name, device_serial_number, station_name,
        region, vertebrae, laterality, lsc_g_per_cm2, confidence_level, precision_error_g_per_cm2,
        precision_error_upper_g_per_cm2, degrees_of_freedom, valid_from, valid_to, source, source_kind, precision_study_id,
        operator, lsc_percent, cohort_mean_g_per_cm2, despite, author, note, replaces_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
        $25)
     returning id::text`,
    [
      ...deviceValues(entry),
      entry.roi.region,
      vertebraeKey(entry.roi.vertebrae),
      entry.laterality,
      toNumeric(entry.leastSignificantChange),
      entry.confidenceLevel,
      toNumeric(entry.precisionError),
      toNumeric(entry.precisionErrorUpper),
      entry.degreesOfFreedom,
      entry.validFrom,
      entry.validTo,
      entry.source,
      entry.precisionStudyId === null ? 'imported' : 'precision_study',
      entry.precisionStudyId,
      entry.operator,
      entry.given?.lscPercent ?? null,
      toNumeric(entry.given?.cohortMean ?? null),
      entry.despite,
      entry.author,
      entry.note,
      replaced?.lscId ?? null,
    ],
  );
  const lscId = rows[0]?.id ?? '';
  await auditCreation(database, 'least_significant_change', lscId, 'file', signature);
  return { lscId, replaced };
}
