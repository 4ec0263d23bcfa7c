-- Putting a study together from its reports, and a patient from the ids under which reports name the same person.

-- The wide key identifies a value; a second index over every row of the largest table only cost time. The number stays:
-- it keeps the order of the file.
alter table measured_value
  drop constraint measured_value_pkey,
  drop constraint measured_value_report_id_scan_type_scan_label_region_verteb_key,
  add constraint measured_value_pkey primary key
    (report_id, scan_type, scan_label, region, vertebrae, laterality, quantity, reference_population);

-- Reports under one Study Instance UID that name two patients make two rows: neither is preferred for having come first.
-- patient_id is whom the study is judged with; it differs from the patient named in the reports after a merge.
alter table study add column named_patient_id bigint references patient (id);
update study set named_patient_id = patient_id;
alter table study
  alter column named_patient_id set not null,
  drop constraint study_study_instance_uid_key,
  add unique (study_instance_uid, named_patient_id);
create index study_by_named_patient on study (named_patient_id);

-- Two ids that a person found to be the same patient. A merge is undone, never deleted.
create table patient_merge (
  id              bigint generated always as identity primary key,
  from_patient_id bigint not null references patient (id),
  into_patient_id bigint not null references patient (id),
  merged_by       text   not null check (merged_by <> ''),
  note            text   not null default '',
  merged_at       timestamptz not null default now(),
  unmerged_by     text   check (unmerged_by <> ''),
  unmerge_note    text   not null default '',
  unmerged_at     timestamptz,
  check (from_patient_id <> into_patient_id),
  check ((unmerged_at is null) = (unmerged_by is null))
);
create unique index patient_merge_in_force on patient_merge (from_patient_id) where unmerged_at is null;
create index patient_merge_into on patient_merge (into_patient_id) where unmerged_at is null;
create index patient_merged_into on patient (merged_into_id) where merged_into_id is not null;

-- Which patients are phantoms or tests: a regular expression over patient id and name, without regard to case. In the
-- database rather than in the environment, so that every worker sees the same ones.
create table phantom_pattern (
  id         bigint generated always as identity primary key,
  pattern    text not null check (pattern <> '' and ('' ~* pattern) is not null),
  source     text not null,
  author     text not null check (author <> ''),
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  retired_by text,
  check ((retired_at is null) = (retired_by is null))
);
create unique index phantom_pattern_in_force on phantom_pattern (pattern) where retired_at is null;
insert into phantom_pattern (pattern, source, author) values
  ('\mphantom\M', 'ISCD Phantom Scan FAQs: "Usually the name of this patient is Spine Phantom"', 'dxaflow'),
  ('^(test|dummy)[\^ ]*(patient|person)?$', 'convention of this product: an id or a whole name that says so', 'dxaflow');

-- Kept out of patient lists, comparisons and cases; the values stay.
alter table patient add column is_phantom boolean not null default false;

-- What the reports of one study, or the studies of one patient, say against each other; written with every judgement.
create table history_finding (
  patient_id bigint not null references patient (id),
  study_id   bigint not null references study (id),
  code       text   not null,
  -- What the finding is about: a region with vertebrae and side, or the name of a header field; never a value.
  subject    text   not null default '',
  facts      jsonb  not null default '{}',
  found_at   timestamptz not null default now(),
  primary key (patient_id, study_id, code, subject)
);
create index history_finding_by_code on history_finding (code, found_at);

-- Which site mappings a report was read with.
alter table report add column site_mapping_ids bigint[] not null default '{}';

-- The values that hold for each study: of every region those of its latest analysis. Reports that agree with it on the
-- BMD complete it; reports without a BMD do so only where nothing was analysed again (see src/dxa/assembly.ts).
create view current_measurement as
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
           sop_instance_uid collate "C" desc) as bmd,
         min(report_bmd) over all_of_region is distinct from max(report_bmd) over all_of_region as reanalysed
    from given g
  window of_region as (partition by patient_id, study_instance_uid, scan_type, region, vertebrae, laterality),
         all_of_region as (partition by patient_id, study_instance_uid, scan_type, region, vertebrae, laterality)
), ranked as (
  select c.*,
         dense_rank() over (partition by patient_id, study_instance_uid, scan_type, region, vertebrae, laterality, quantity
           order by content_at collate "C" desc, sop_instance_uid collate "C" desc) as place
    from chosen c
   where bmd is null or report_bmd = bmd or (report_bmd is null and not reanalysed)
)
select patient_id, study_id, study_instance_uid, report_id, sop_instance_uid, content_at, scan_type, scan_label, region,
       vertebrae, laterality, quantity, reference_population, value, unit, raw_text, tree_path
  from ranked where place = 1;

-- How studies are put together has changed: every patient is judged again.
update patient set revision = revision + 1;
