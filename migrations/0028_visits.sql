-- worked with from: 0017
-- What one patient was scanned for on one day and one scanner, whatever it came in, with what its metadata shows and the
-- information beside its cases; written with every judgement. One row a visit, under the first of its studies.
create table visit (
  study_id         bigint primary key references study (id),
  patient_id       bigint not null references patient (id),
  scanned_on       date   not null,
  -- Empty where the visit has no value.
  scanner_key      text   not null,
  study_ids        bigint[] not null check (study_ids <> '{}'),
  -- Codes of the remarks that are work for the QA list.
  findings         text[] not null,
  -- Every line about the visit: {code, kind, subject, says, facts}.
  remarks          jsonb  not null,
  -- A draft of the follow-up report, for the reader.
  report           text   not null default '',
  rule_set_version text   not null,
  check (study_id = any(study_ids))
);
create index visit_by_patient on visit (patient_id);
create index visit_with_findings on visit (scanned_on, study_id) where findings <> '{}';
create index visit_with_findings_by_scanner on visit (scanner_key, scanned_on, study_id) where findings <> '{}';
create index visit_findings_by_code on visit using gin (findings) where findings <> '{}';

-- A case belongs to a visit: to every study of it, so that it is found whichever of them is left.
alter table review_case
  -- As of the last judgement that saw the case; follow_up_study_id is the one that it was opened under.
  add column study_ids bigint[],
  -- Which case of the visit it is: rules of which one names a case share it.
  add column case_key  text,
  -- The tab of the worklist.
  add column topic     text check (topic in ('loss', 'discordance', 'technical'));
-- Code of an earlier release opens cases by rule, region pair and study: what it does not know is filled in from these.
create function complete_review_case() returns trigger language plpgsql as $$
begin
  new.study_ids := coalesce(new.study_ids, array[new.follow_up_study_id]);
  new.topic := coalesce(new.topic, case
    when new.rule in ('D4_TOTAL_HIP_AGAINST_NECK', 'D6_VERTEBRAL_OUTLIER', 'D6_NEW_T_SCORE_GAP', 'D7_AREA_DRIVEN',
      'D10_CLASS_SHIFT_NOT_SIGNIFICANT', 'D10_CLASS_AGAINST_BMD') then 'technical' else 'discordance' end);
  new.case_key := coalesce(new.case_key, case
    when new.rule in ('D1_SPINE_UP_HIP_DOWN', 'D2_SPINE_DOWN_HIP_UP') then 'spine_hip_or_loss'
    when new.rule = 'D10_CLASS_AGAINST_BMD' then 'scores_against_bmd'
    when new.rule in ('D4_TOTAL_HIP_AGAINST_NECK', 'D6_VERTEBRAL_OUTLIER', 'D6_NEW_T_SCORE_GAP', 'D7_AREA_DRIVEN')
      then new.rule || ' ' || new.region_pair
    else new.rule end);
  return new;
end $$;
create trigger review_case_is_complete before insert or update on review_case for each row execute function complete_review_case();
-- Completes every case there is.
update review_case set rule = rule;
-- No release wrote two such cases; should a database hold them, both keep their place until they are judged again.
update review_case c
   set case_key = c.case_key || ' ' || c.id
 where c.flagged and exists (select 1 from review_case o where o.follow_up_study_id = c.follow_up_study_id and o.flagged
                                and o.case_key = c.case_key and o.id < c.id);
alter table review_case
  alter column study_ids set not null,
  alter column case_key set not null,
  alter column topic set not null,
  add check (follow_up_study_id = any(study_ids)),
  drop constraint review_case_patient_id_follow_up_study_id_rule_region_pair_key,
  drop constraint review_case_follow_up_study_id_rule_region_pair_key,
  drop constraint review_case_disposition_check,
  add constraint review_case_disposition_check check (disposition in ('technical_error', 'artefact', 'true_discordance',
    'expected_treatment_effect', 'weight_change', 'rescan_requested', 'other', 'true_loss', 'same_person', 'other_person'));
-- The rules see at most one case of a kind at a visit; what they do not see any more stays as it was decided.
create unique index review_case_of_visit on review_case (follow_up_study_id, case_key) where flagged;
create index review_case_by_topic on review_case (topic, priority, id);


-- The values that hold for each study: of every region those of the latest analysis of its last scan. Reports that agree
-- with it on the BMD complete it; reports without a BMD do so only where nothing was analysed again.
create or replace view current_measurement as
with given as (
  select s.patient_id, s.id as study_id, s.study_instance_uid, r.id as report_id, r.sop_instance_uid, r.content_at,
         case when length(r.scanned_at) > 10 and not r.scan_date_doubted then r.scanned_at end as scan_time,
         v.scan_type, v.scan_label, v.region, v.vertebrae, v.laterality, v.quantity, v.reference_population, v.value,
         v.unit, v.raw_text, v.tree_path,
         max(v.value) filter (where v.quantity = 'bmd') over (partition by s.patient_id, s.study_instance_uid, r.id,
           v.scan_type, v.region, v.vertebrae, v.laterality) as report_bmd
    from study s join report r on r.study_id = s.id join measured_value v on v.report_id = r.id
), scanned as (
  -- The moment of the last scan of the region and side, where every one of its scans has a time; else they are one scan.
  select g.*,
         case when bool_and(scan_time is not null) filter (where quantity = 'bmd') over of_site
           then max(scan_time collate "C") filter (where quantity = 'bmd') over of_site end as last_scan
    from given g
  window of_site as (partition by patient_id, study_instance_uid, scan_type, region, laterality)
), chosen as (
  select g.*,
         first_value(report_bmd) over (of_region order by (report_bmd is null), (last_scan is not null and
           scan_time is distinct from last_scan), content_at collate "C" desc, sop_instance_uid collate "C" desc) as bmd,
         bool_or(report_bmd is not null and scan_time = last_scan) over of_region as in_last_scan,
         bool_or(report_bmd is not null) over of_region as scanned
    from scanned g
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
             (last_scan is not null and (report_bmd is null or scan_time is distinct from last_scan)),
             content_at collate "C" desc, sop_instance_uid collate "C" desc) as place
    from compared c
   where (last_scan is null or not scanned or in_last_scan)
     and (bmd is null or is_same_bmd(report_bmd, bmd) or (report_bmd is null and reanalysed is not true))
)
select patient_id, study_id, study_instance_uid, report_id, sop_instance_uid, content_at, scan_type, scan_label, region,
       vertebrae, laterality, quantity, reference_population, value, unit, raw_text, tree_path
  from ranked where place = 1;
