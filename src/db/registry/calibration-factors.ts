import type { Queryable } from '../pool.ts';

/** Factors with which a scanner measured from a day on, as its reports print them. */
export type CalibrationFactorsFrom = {
  readonly scannedOn: string;
  readonly acf: string | null;
  readonly bcf: string | null;
};

/** The days on which a scanner's reports begin to name other factors than before, in order. */
export async function listCalibrationFactors(
  database: Queryable,
  scannerId: string,
): Promise<readonly CalibrationFactorsFrom[]> {
  const { rows } = await database.query<CalibrationFactorsFrom>(
    `select left(f.scanned_at, 10) as "scannedOn", f.acf::text, f.bcf::text
       from (select r.scanned_at, r.id, r.acf, r.bcf, lag(r.id) over w as before,
                    row(r.acf, r.bcf) is distinct from row(lag(r.acf) over w, lag(r.bcf) over w) as changed
               from report r
              where r.scanner_id = $1 and num_nonnulls(r.acf, r.bcf) > 0 and not r.scan_date_doubted
             window w as (order by r.scanned_at collate "C", r.id)) f
      where f.before is null or f.changed
      order by f.scanned_at collate "C", f.id`,
    [scannerId],
  );
  return rows;
}
