-- worked with from: 0017
-- Rejection notes (IHE RAD TF-3 4.66): key objects with which an archive says that instances are to be used no more.
-- What of it holds is computed anew with every note, report, merge and decision (src/dxa/rejection.ts).
alter table source_file
  drop constraint source_file_state_check,
  add constraint source_file_state_check check (state in
    ('arriving', 'received', 'stored', 'refused', 'conflicted', 'duplicate', 'failed', 'noted')) not valid;
alter table source_file validate constraint source_file_state_check;

create table rejection_note (
  id                   bigint generated always as identity primary key,
  source_file_id       bigint not null unique references source_file (id),
  sop_instance_uid     text   not null unique,
  -- Moment of the note, as in report; of two notes about each other the later one holds.
  content_at           text   not null,
  title                text   not null check (title in
                         ('quality', 'patient_safety', 'wrong_worklist_entry', 'retention_expired', 'restore')),
  issuer_of_patient_id text   not null default '',
  -- Null when the note names no patient.
  patient_id           text   check (patient_id <> ''),
  study_instance_uid   text,
  -- What the sender says beside the title: meanings of its modifiers (PS3.16 CID 7011), and a text.
  reasons              text[] not null default '{}',
  description          text,
  noted_at             timestamptz not null default now()
);
create index rejection_note_by_patient on rejection_note (patient_id) where patient_id is not null;

-- The instances that a note names, and what became of each.
create table rejection_target (
  id                  bigint generated always as identity primary key,
  rejection_note_id   bigint not null references rejection_note (id) on delete cascade,
  sop_instance_uid    text   not null check (sop_instance_uid <> ''),
  study_instance_uid  text,
  series_instance_uid text,
  sop_class_uid       text,
  status              text   not null default 'waiting' check (status in
                        ('waiting', 'no_values', 'applied', 'other_patient', 'overruled', 'confirmed', 'note_rejected', 'no_effect')),
  -- When it came to stand as it does.
  status_since        timestamptz not null default now(),
  unique (rejection_note_id, sop_instance_uid)
);
create index rejection_target_by_instance on rejection_target (sop_instance_uid);
create index rejection_target_by_status on rejection_target (status, status_since, id);
create index rejection_target_by_time on rejection_target (status_since, id);

-- What a person says of an instance; it goes before every note that it answers.
create table instance_decision (
  id               bigint generated always as identity primary key,
  sop_instance_uid text   not null check (sop_instance_uid <> ''),
  decision         text   not null check (decision in ('in_use', 'out_of_use')),
  -- SOP Instance UIDs of the notes that named it then. One that comes later is news.
  answers          text[] not null default '{}',
  author           text   not null check (author <> ''),
  note             text   not null check (note <> ''),
  created_at       timestamptz not null default now(),
  retired_at       timestamptz,
  retired_by       text,
  retired_why      text
);
create unique index instance_decision_in_force on instance_decision (sop_instance_uid) where retired_at is null;

-- Whoever reads `report` sees the reports that count, code of earlier releases too; all that are kept stand in stored_report.
alter table report rename to stored_report;
alter table stored_report add column out_of_use boolean not null default false;
create index stored_report_out_of_use on stored_report (study_id) where out_of_use;
create view report as
select id, source_file_id, sop_instance_uid, study_id, scanner_id, series_instance_uid, vendor, adapter_version,
       reader_version, scanned_at, content_at, accession_number, study_description, patient_name, sex, birth_date,
       ethnic_group, height_m, weight_kg, software_versions, stored_at, site_mapping_ids, scan_date_doubted,
       performed_procedure_id, performed_procedure, performed_procedure_codes, acf, bcf
  from stored_report where not out_of_use;

-- The file that stands for an instance: by its report, or as a note.
create view standing_file as
select source_file_id, sop_instance_uid, content_at from stored_report
union all
select source_file_id, sop_instance_uid, content_at from rejection_note;

-- As in 0024, over the reports that count.
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
