-- worked with from: 0017
-- What a report says of its study beside the values. A scan whose every date is impossible is stored and compared with
-- nothing. ACF and BCF are Hologic's calibration factors of the scanner.
alter table report
  add column scan_date_doubted boolean not null default false,
  add column performed_procedure_id text,
  add column performed_procedure text,
  add column performed_procedure_codes jsonb not null default '[]',
  add column acf numeric(9,6),
  add column bcf numeric(9,6);

-- As in src/dxa/assembly.ts: an image shows three places of a BMD, and the report that follows shows four or more.
create function is_same_bmd(one numeric, other numeric) returns boolean language sql immutable parallel safe as $$
  select one = other or (greatest(3, scale(trim_scale(one))) <> greatest(3, scale(trim_scale(other)))
    and 2 * abs(one - other) <= 10::numeric ^ -least(greatest(3, scale(trim_scale(one))), greatest(3, scale(trim_scale(other)))))
$$;

-- As in 0016, but BMDs that differ beyond the last place of the coarser print only are of one analysis.
create or replace view current_measurement as
with given as (
  select s.patient_id, s.id as study_id, s.study_instance_uid, r.id as report_id, r.sop_instance_uid, r.content_at,
         v.scan_type, v.scan_label, v.region, v.vertebrae, v.laterality, v.quantity, v.reference_population, v.value,
         v.unit, v.raw_text, v.tree_path,
         max(v.value) filter (where v.quantity = 'bmd') over (partition by s.patient_id, s.study_instance_uid, r.id,
           v.scan_type, v.region, v.vertebrae, v.laterality) as report_bmd
    from study s join report r on r.study_id = s.id join measured_value v on v.report_id = r.id
), chosen as (
  select g.*,
         first_value(report_bmd) over (of_region order by (report_bmd is null), content_at collate "C" desc,
           sop_instance_uid collate "C" desc) as bmd
    from given g
  window of_region as (partition by patient_id, study_instance_uid, scan_type, region, vertebrae, laterality)
), compared as (
  select c.*,
         bool_or(not is_same_bmd(report_bmd, bmd)) over (partition by patient_id, study_instance_uid, scan_type, region,
           vertebrae, laterality) as reanalysed
    from chosen c
), ranked as (
  select c.*,
         dense_rank() over (partition by patient_id, study_instance_uid, scan_type, region, vertebrae, laterality, quantity
           order by case when quantity = 'bmd' then greatest(3, scale(trim_scale(value))) end desc,
             content_at collate "C" desc, sop_instance_uid collate "C" desc) as place
    from compared c
   where bmd is null or is_same_bmd(report_bmd, bmd) or (report_bmd is null and reanalysed is not true)
)
select patient_id, study_id, study_instance_uid, report_id, sop_instance_uid, content_at, scan_type, scan_label, region,
       vertebrae, laterality, quantity, reference_population, value, unit, raw_text, tree_path
  from ranked where place = 1;
