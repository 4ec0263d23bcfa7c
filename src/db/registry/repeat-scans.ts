import type { Laterality, Region } from '../../dxa/values/region.ts';
import type { IsoDate } from '../../dxa/values/report.ts';
import type { Queryable } from '../pool.ts';
import { type Device, deviceColumns } from './device.ts';

/** A person as a list of volunteers names one; the issuer may be left open. */
export type NamedPatient = { readonly patientId: string; readonly issuerOfPatientId: string | null };

/** Row ids of the patients with these identifiers, list by list in the order given: none, one, or several issuers'. */
export async function findPatientRows(
  database: Queryable,
  named: readonly NamedPatient[],
): Promise<readonly (readonly string[])[]> {
  const { rows } = await database.query<{ ids: readonly string[] }>(
    `select array(select p.id::text from patient p
                   where p.patient_id = n.patient_id
                     and (n.issuer is null or p.issuer_of_patient_id = n.issuer) order by p.id) as ids
       from unnest($1::text[], $2::text[]) with ordinality as n (patient_id, issuer, position)
      order by n.position`,
    [named.map(({ patientId }) => patientId), named.map(({ issuerOfPatientId }) => issuerOfPatientId)],
  );
  return rows.map(({ ids }) => ids);
}

export type RepeatScan = Device & {
  readonly patientRow: string;
  readonly scannedOn: IsoDate;
  readonly region: Region;
  readonly vertebrae: string;
  readonly laterality: Laterality;
  readonly bmd: string;
  /** "SOP Instance UID#tree path". */
  readonly source: string;
};

/**
 * Every scan of these patients on identified scanners in a span of days, one BMD each: of several analyses of one scan
 * (same study, same time of scan) the latest counts, for analysing again is no repeat.
 */
export async function listRepeatScans(
  database: Queryable,
  patientRows: readonly string[],
  from: IsoDate,
  to: IsoDate,
): Promise<readonly RepeatScan[]> {
  const { rows } = await database.query<RepeatScan>(
    `select distinct on (s.patient_id, c.id, v.region, v.vertebrae, v.laterality, r.scanned_at, s.study_instance_uid, v.scan_label)
            s.patient_id::text as "patientRow", left(r.scanned_at, 10) as "scannedOn", ${deviceColumnsOfScanner()},
            v.region, v.vertebrae, v.laterality, v.value::text as bmd,
            r.sop_instance_uid || '#' || v.tree_path as source
       from study s
       join report r on r.study_id = s.id
       join scanner c on c.id = r.scanner_id and c.identified
       join measured_value v on v.report_id = r.id and v.quantity = 'bmd'
      where s.patient_id = any($1) and not r.scan_date_doubted and left(r.scanned_at, 10) between $2 and $3
      order by s.patient_id, c.id, v.region, v.vertebrae, v.laterality, r.scanned_at, s.study_instance_uid, v.scan_label,
               r.content_at desc, r.sop_instance_uid desc`,
    [patientRows, from, to],
  );
  return rows;
}

const deviceColumnsOfScanner = () => deviceColumns('', 'c').replace('c.scanner_key', 'c.identity_key');
