import type { Queryable } from '../src/db/pool.ts';

export const BENCH_SCANNER = {
  manufacturer: 'GE Healthcare',
  modelName: 'Lunar iDXA',
  deviceSerialNumber: 'BENCH',
  scannerKey: 'lunar idxa|serial:bench',
} as const;

/** BMD (at the first visit), and area of the regions that every visit measures. */
const REGIONS = `(values ('spine', 'spine', 'L1,L2,L3,L4', 'none', 1.0, 55.0), ('hip', 'total_hip', '', 'left', 0.85, 33.0),
  ('hip', 'total_hip', '', 'right', 0.86, 33.0), ('hip', 'femoral_neck', '', 'left', 0.75, 5.0))
  as g (scan_type, region, vertebrae, laterality, bmd, area)`;

/** Makes the scanner on which everybody is scanned. */
export async function makeScanner(database: Queryable): Promise<void> {
  await database.query(
    `insert into scanner (manufacturer, model_name, device_serial_number, station_name, identity_key, identified)
     values ($1, $2, $3, '', $4, true)`,
    [BENCH_SCANNER.manufacturer, BENCH_SCANNER.modelName, BENCH_SCANNER.deviceSerialNumber, BENCH_SCANNER.scannerKey],
  );
}

/**
 * Adds patients with a visit a year, in SQL: every visit one report with BMD, BMC and area of four regions. Values walk
 * by about the precision error, so that most changes are not significant and some are. Returns their row ids.
 */
export async function growPatients(database: Queryable, count: number, visits: number): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    `with made as (
       insert into patient (issuer_of_patient_id, patient_id)
       select 'BENCH', gen_random_uuid()::text from generate_series(1, $1::int) returning id),
     files as (
       insert into source_file (sha256, byte_count, archive_path, drop_name, state, sop_instance_uid)
       select md5(made.id || '.' || v) || md5(v || '.' || made.id), 17000, 'bench', 'bench', 'stored',
              '1.2.840.1.' || made.id || '.' || v || '.1'
         from made, generate_series(1, $2::int) v
       returning id, sop_instance_uid),
     studies as (
       insert into study (study_instance_uid, patient_id, named_patient_id)
       select '1.2.840.1.' || made.id || '.' || v, made.id, made.id from made, generate_series(1, $2::int) v
       returning id, study_instance_uid, split_part(study_instance_uid, '.', 6)::int as v),
     reports as (
       insert into report (source_file_id, sop_instance_uid, study_id, scanner_id, vendor, adapter_version, reader_version,
           scanned_at, content_at, sex, birth_date, weight_kg, software_versions)
       select f.id, f.sop_instance_uid, s.id, c.id, 'ge_lunar', '1', '1', d.at, d.at, 'F', date '1950-01-01', 65, '{18}'
         from studies s join files f on f.sop_instance_uid = s.study_instance_uid || '.1'
        cross join (select id from scanner where identity_key = $3) c
        cross join lateral (select (date '1980-03-01' + s.v * 365)::text || 'T09:00:00' as at) d
       returning id),
     walks as (
       select r.id, g.*, g.bmd + 0.012 * (random() + random() + random() - 1.5) as walked from reports r, ${REGIONS}),
     measured as (
       select w.id, w.scan_type, w.region, w.vertebrae, w.laterality, q.quantity, round(q.value::numeric, 3) as value, q.unit
         from walks w
        cross join lateral (values ('bmd', w.walked, 'g/cm2'), ('bmc', w.walked * w.area, 'g'), ('area', w.area, 'cm2'))
              as q (quantity, value, unit)),
     valued as (
       insert into report_values
       select id, array_agg(scan_type), array_agg(scan_type), array_agg(region), array_agg(vertebrae), array_agg(laterality),
              array_agg(quantity), array_agg(''::text), array_agg(value), array_agg(unit), array_agg(value::text),
              array_agg(null::text), array_agg(region), array_agg(null::text), array_agg(null::text), array_agg(null::text),
              array_agg('1.' || region || laterality || quantity)
         from measured group by id)
     select id::text from made order by id`,
    [count, visits, BENCH_SCANNER.scannerKey],
  );
  return rows.map(({ id }) => id);
}

/**
 * Marks patients as judged and gives each of their later visits a comparison, so that the tables of the judgement are as
 * full as those of the scans without judging everybody.
 */
export async function fillJudgements(
  database: Queryable,
  patientIds: readonly string[],
  ruleSet: string,
): Promise<void> {
  await database.query(
    `with visits as (
       select s.patient_id, s.id, split_part(s.study_instance_uid, '.', 6)::int as v,
              lag(s.id) over (partition by s.patient_id order by split_part(s.study_instance_uid, '.', 6)::int) as previous
         from study s where s.patient_id = any($1::bigint[]))
     insert into comparison (patient_id, follow_up_study_id, reference_study_id, kind, region, vertebrae, laterality,
         reference_on, follow_up_on, reference_bmd_g_per_cm2, follow_up_bmd_g_per_cm2, reference_sources,
         follow_up_sources, rebuilt, verdict, checks, rule_set_version, content_hash)
     select x.patient_id, x.id, x.previous, 'previous', g.region, g.vertebrae, g.laterality, date '1980-03-01' + (x.v - 1) * 365,
            date '1980-03-01' + x.v * 365, 1, 1, '{bench}', '{bench}', false, 'not_comparable', '[]', $2,
            md5(x.id || g.region || g.laterality)
       from visits x, ${REGIONS} where x.previous is not null`,
    [patientIds, ruleSet],
  );
  await database.query(
    `update patient set assessed_revision = revision, assessed_rule_set = $2 where id = any($1::bigint[])`,
    [patientIds, ruleSet],
  );
}
