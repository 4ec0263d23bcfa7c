import type { Queryable } from '../pool.ts';

/** Everything of a file that reading it again can change. */
export type FileSnapshot = {
  readonly id: string;
  readonly state: string;
  readonly reasonCode: string | null;
  readonly vendor: string | null;
  readonly adapterVersion: string | null;
  readonly readerVersion: string | null;
  readonly siteMappingIds: readonly string[];
  readonly patientId: string | null;
  readonly studyInstanceUid: string | null;
  /** What stands in the header, as one text; never shown, only held against the other. */
  readonly header: string | null;
  /** The values as JSON, an array a column: equal texts are equal values. Null without a report. */
  readonly values: string | null;
  readonly claims: readonly string[];
  readonly findings: readonly string[];
};

/** Before and after reading again: the difference is what a night reports of a file. */
export async function snapshotFiles(
  database: Queryable,
  sourceFileIds: readonly string[],
): Promise<ReadonlyMap<string, FileSnapshot>> {
  const { rows } = await database.query<FileSnapshot>({
    name: 'snapshot-files',
    text: `select f.id::text, f.state, f.reason_code as "reasonCode", r.vendor, r.adapter_version as "adapterVersion",
            coalesce(r.reader_version, f.reader_version) as "readerVersion",
            coalesce(array(select unnest(r.site_mapping_ids)::text order by 1), '{}') as "siteMappingIds",
            s.patient_id::text as "patientId", s.study_instance_uid as "studyInstanceUid",
            (to_jsonb(r) - 'id' - 'source_file_id' - 'study_id' - 'scanner_id' - 'stored_at' - 'adapter_version'
              - 'reader_version' - 'site_mapping_ids' - 'digest')::text as header,
            (select json_build_object('scan', v.scan_type, 'label', v.scan_label, 'region', v.region, 'vertebrae', v.vertebrae,
                      'side', v.laterality, 'quantity', v.quantity, 'reference', v.reference_population,
                      'value', v.value::text[], 'unit', v.unit)::text
               from report_values v where v.report_id = r.id) as values,
            array(select concat_ws('/', k.kind, k.region, k.laterality, k.raw_date, k.raw_text) from vendor_claim k
                   where k.report_id = r.id order by 1) as claims,
            array(select concat_ws(' ', g.code, g.path) from finding g where g.source_file_id = f.id order by 1) as findings
       from source_file f
       left join stored_report r on r.source_file_id = f.id
       left join study s on s.id = r.study_id
      where f.id = any($1)`,
    values: [sourceFileIds],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

export type ComparisonDifference = {
  readonly key: string;
  readonly before: Readonly<Record<string, string | null>> | null;
  readonly after: Readonly<Record<string, string | null>> | null;
};

export type CaseDifference = {
  /** Null for a case that was just opened: in a dry run it will never have an id. */
  readonly caseId: string | null;
  readonly rule: string;
  readonly regionPair: string;
  readonly studyInstanceUid: string;
  readonly event: string;
  readonly state: string;
};

export type PatientDifference = {
  readonly comparisons: readonly ComparisonDifference[];
  readonly trends: readonly ComparisonDifference[];
  readonly cases: readonly CaseDifference[];
};

const rowsOf = (table: 'comparison' | 'trend', key: string, shown: string) => `
  select coalesce(a.key, b.key) as key, b.shown as before, a.shown as after
    from (select ${key} as key, ${shown} as shown from ${table} c join study s on s.id = c.follow_up_study_id
           where c.patient_id = $1 and c.made_at = now() and c.superseded_at is null) a
    full join (select ${key} as key, ${shown} as shown from ${table} c join study s on s.id = c.follow_up_study_id
           where c.patient_id = $1 and c.superseded_at = now()) b on a.key = b.key
   where a.shown is distinct from b.shown`;

const REGION = `concat_ws('/', c.region, nullif(c.vertebrae, ''), c.laterality)`;

/**
 * What the judgement in this very transaction changed: rows made and superseded in one transaction carry its one time,
 * so that nothing has to be read beforehand. Rows written again with the same figures are left out. Run it under the
 * patient's lock, whose settings keep its plan from reading whole tables.
 */
export async function readPatientDifference(database: Queryable, patientId: string): Promise<PatientDifference> {
  const { rows } = await database.query<PatientDifference>({
    name: 'patient-difference',
    text: `with compared as (${rowsOf(
      'comparison',
      `concat_ws(' ', c.kind, ${REGION}, s.study_instance_uid)`,
      `jsonb_build_object('verdict', c.verdict, 'delta_g_per_cm2', c.delta_g_per_cm2::text,
         'lsc_g_per_cm2', c.lsc_g_per_cm2::text, 'lsc_id', c.lsc_id::text, 'cross_calibration_id',
         c.cross_calibration_id::text, 'block_code', c.block_code, 'reference_on', c.reference_on::text)`,
    )}),
     trended as (${rowsOf(
       'trend',
       `concat_ws(' ', ${REGION}, s.study_instance_uid)`,
       `jsonb_build_object('verdict', c.verdict, 'annual_rate_g_per_cm2', c.annual_rate_g_per_cm2::text,
          'lsc_id', c.lsc_id::text)`,
     )})
     select coalesce((select jsonb_agg(c order by c.key) from compared c), '[]') as comparisons,
            coalesce((select jsonb_agg(t order by t.key) from trended t), '[]') as trends,
            coalesce((select jsonb_agg(jsonb_build_object('caseId', case when e.event <> 'opened' then c.id::text end,
                        'rule', c.rule, 'regionPair', c.region_pair, 'studyInstanceUid', s.study_instance_uid,
                        'event', e.event, 'state', c.state) order by c.rule, s.study_instance_uid, c.region_pair, e.event)
                        from review_case c join study s on s.id = c.follow_up_study_id
                        join review_case_event e on e.review_case_id = c.id and e.happened_at = now()
                       where c.patient_id = $1), '[]') as cases`,
    values: [patientId],
  });
  return rows[0] ?? { comparisons: [], trends: [], cases: [] };
}
