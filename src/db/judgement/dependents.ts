import type { Region } from '../../dxa/values/region.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import { raiseRevisions } from '../locks.ts';
import type { Queryable } from '../pool.ts';

/** A scanner, region and span of days for which an LSC or a cross-calibration was put on file, corrected or retired. */
export type Span = {
  readonly scannerKey: string;
  readonly region: Region;
  readonly from: IsoDate;
  readonly to: IsoDate | null;
};

type CrossSpan = Span & { readonly fromScannerKey: string };

/** Spans as parameters, each once: a correction mostly has the span of what it corrects. */
const spanRows = (spans: readonly (Span | CrossSpan)[]) =>
  `[${[
    ...new Set(
      spans.map((span) =>
        JSON.stringify({
          scanner_key: span.scannerKey,
          from_scanner_key: 'fromScannerKey' in span ? span.fromScannerKey : null,
          region: span.region,
          valid_from: span.from,
          valid_to: span.to ?? '9999-12-31',
        }),
      ),
    ),
  ].join(',')}]`;

/**
 * Marks the patients that an LSC of these spans can judge: the region was scanned on that scanner in the span, and on
 * another study of the same scanner too. No other assessment can depend on it.
 */
export async function touchPatientsOfLsc(database: Queryable, spans: readonly Span[]): Promise<number> {
  return await raiseRevisions(
    database,
    `select s.patient_id
       from jsonb_to_recordset($1::jsonb) as x (scanner_key text, region text, valid_from text, valid_to text)
       join scanner c on c.identity_key = x.scanner_key
       join report r on r.scanner_id = c.id
       join study s on s.id = r.study_id
      where exists (select 1 from report_values v where v.report_id = r.id and x.region = any(v.region))
      group by x.scanner_key, x.region, x.valid_from, x.valid_to, s.patient_id
     having count(distinct s.id) > 1 and bool_or(left(r.scanned_at, 10) between x.valid_from and x.valid_to)`,
    [spanRows(spans)],
  );
}

/** Marks the patients with the region scanned on the one scanner, and in the span on the other in another study. */
export async function touchPatientsOfCrossCalibration(
  database: Queryable,
  spans: readonly CrossSpan[],
): Promise<number> {
  return await raiseRevisions(
    database,
    `select s.patient_id
       from jsonb_to_recordset($1::jsonb) as x (scanner_key text, from_scanner_key text, region text, valid_from text,
              valid_to text)
       join scanner c on c.identity_key = x.scanner_key
       join scanner c2 on c2.identity_key = x.from_scanner_key
       join report r on r.scanner_id = c.id
        and left(r.scanned_at, 10) between x.valid_from and x.valid_to
       join study s on s.id = r.study_id
      where exists (select 1 from report_values v where v.report_id = r.id and x.region = any(v.region))
        and exists (select 1 from study s2 join report r2 on r2.study_id = s2.id
                      join report_values v2 on v2.report_id = r2.id
                     where s2.patient_id = s.patient_id and s2.id <> s.id and r2.scanner_id = c2.id
                       and x.region = any(v2.region))`,
    [spanRows(spans)],
  );
}

/**
 * Marks the patients that a new epoch of a scanner can part: scanned on it on or after the day, or scanned on it and on
 * another scanner too (a cross-calibration ends with the epoch); in more than one study.
 */
export async function touchPatientsOfEpoch(
  database: Queryable,
  epoch: { readonly scannerKey: string; readonly startsOn: IsoDate },
): Promise<number> {
  return await raiseRevisions(
    database,
    `select s.patient_id
       from scanner c join report r on r.scanner_id = c.id join study s on s.id = r.study_id
      where c.identity_key = $1
        and exists (select 1 from study s2 where s2.patient_id = s.patient_id and s2.id <> s.id)
        and (left(r.scanned_at, 10) >= $2
             or exists (select 1 from study s3 join report r3 on r3.study_id = s3.id
                         where s3.patient_id = s.patient_id and r3.scanner_id <> c.id))`,
    [epoch.scannerKey, epoch.startsOn],
  );
}

export async function touchPatient(database: Queryable, patientId: string): Promise<void> {
  await database.query('update patient set revision = revision + 1 where id = $1', [patientId]);
}

export type Affected = { readonly comparisons: number; readonly patients: number };

/** How many current comparisons, of how many patients, an LSC or a cross-calibration judges. */
export async function countJudgedBy(
  database: Queryable,
  by: { readonly lscId: string } | { readonly crossCalibrationId: string },
): Promise<Affected> {
  const [column, id] = 'lscId' in by ? ['lsc_id', by.lscId] : ['cross_calibration_id', by.crossCalibrationId];
  const { rows } = await database.query<Affected>(
    `select count(*)::int as comparisons, count(distinct patient_id)::int as patients
       from comparison where superseded_at is null and ${column} = $1`,
    [id],
  );
  return rows[0] ?? { comparisons: 0, patients: 0 };
}

/** Which of these scanners no stored report names: perhaps not scanned yet, perhaps a slip of the pen. */
export async function unknownScanners(database: Queryable, scannerKeys: readonly string[]): Promise<readonly string[]> {
  const { rows } = await database.query<{ key: string }>(
    `select x.key from unnest($1::text[]) as x (key)
      where not exists (select 1 from scanner c where c.identity_key = x.key) order by 1`,
    [[...new Set(scannerKeys)]],
  );
  return rows.map(({ key }) => key);
}

/** Marks every patient of whom there is a study: whom a setting leaves as they are, only their judgement tells. */
export async function touchPatientsOfSettings(database: Queryable): Promise<number> {
  return await raiseRevisions(database, 'select s.patient_id from study s', []);
}

/**
 * Up to `limit` of the patients that `touchPatientsOfSettings` marks, in an order that has nothing to do with when they
 * came, and how many there are.
 */
export async function samplePatientsOfSettings(
  database: Queryable,
  limit: number,
): Promise<{ readonly patients: number; readonly sample: readonly string[] }> {
  const { rows } = await database.query<{ patients: number; sample: readonly string[] }>(
    `with concerned as materialized (select distinct s.patient_id as id from study s)
     select (select count(*)::int from concerned) as patients,
            array(select id::text from concerned order by md5(id::text) limit $1) as sample`,
    [limit],
  );
  return rows[0] ?? { patients: 0, sample: [] };
}
