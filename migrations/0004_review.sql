-- The life of a case between machine and people.
alter table review_case
  -- Whether the rule still sees it; the machine acts only when this changes or when what the rule looked at does.
  add column flagged         boolean not null default true,
  add column disposition     text check (disposition in ('technical_error', 'artefact', 'true_discordance',
                               'expected_treatment_effect', 'weight_change', 'rescan_requested', 'other')),
  add column resolved_by     text,
  add column resolved_at     timestamptz,
  add column times_reopened  integer not null default 0,
  add column assignee        text check (assignee <> ''),
  add column explanations    jsonb   not null default '[]',
  add column checklist       jsonb   not null default '[]',
  -- What lists filter and sort by, so that a page needs no other table.
  add column follow_up_on    date,
  add column scanner_key     text    not null default '',
  add column priority        double precision not null
    generated always as (strength + case tier when 'review' then 1000000 when 'check' then 0 else -1000000 end) stored;

update review_case set flagged = false where state = 'withdrawn';
update review_case c
   set follow_up_on = r.scanned_on, scanner_key = r.identity_key
  from (select distinct on (r.study_id) r.study_id, left(r.scanned_at, 10)::date as scanned_on, s.identity_key
          from report r join scanner s on s.id = r.scanner_id order by r.study_id, r.scanned_at) r
 where r.study_id = c.follow_up_study_id;
alter table review_case
  alter column follow_up_on set not null,
  add check ((state = 'resolved') = (disposition is not null)),
  add check ((state = 'resolved') = (resolved_by is not null)),
  add check ((state = 'resolved') = (resolved_at is not null)),
  add check (state <> 'withdrawn' or not flagged),
  -- A case belongs to its study; whose patient that is can change when patients are merged.
  add unique (follow_up_study_id, rule, region_pair),
  -- Evidence is read one case at a time: kept out of the rows that lists walk through.
  set (toast_tuple_target = 128);

alter table review_case_event
  add column actor_kind   text    not null default 'system' check (actor_kind in ('system', 'person')),
  -- The version that the case had after it.
  add column case_version integer not null default 1,
  add check (actor <> ''),
  add check (event in ('opened', 'evidence_changed', 'explanations_changed', 'reopened', 'withdrawn', 'no_longer_flagged',
    'flagged_again', 'moved', 'assigned', 'unassigned', 'commented', 'ticked', 'unticked', 'resolved'));
create trigger review_case_event_append_only before update or delete or truncate on review_case_event
  for each statement execute function refuse_change();

-- Where each item of a case's checklist stands; how it came there is in the events.
create table review_case_tick (
  review_case_id bigint  not null references review_case (id),
  item           text    not null,
  note           text    not null default '',
  ticked_by      text    not null check (ticked_by <> ''),
  ticked_at      timestamptz not null default now(),
  -- What the rule had looked at when the item was ticked; other evidence since makes the tick an old one.
  evidence_hash  text    not null,
  primary key (review_case_id, item)
);

-- What is known of a patient beside the scans. Kept by the patient's own identifiers, since it may come before the first
-- scan; a patient that was merged into another is found through patient.merged_into_id.
create table therapy_episode (
  id                   bigint generated always as identity primary key,
  issuer_of_patient_id text not null,
  patient_id           text not null check (patient_id <> ''),
  -- 'none' says that somebody asked and there was no therapy.
  agent                text not null check (agent in ('alendronate', 'risedronate', 'ibandronate', 'zoledronate',
                         'denosumab', 'teriparatide', 'abaloparatide', 'romosozumab', 'raloxifene', 'other', 'none')),
  started_on           date not null,
  ended_on             date check (ended_on >= started_on),
  note                 text not null default '',
  source               text not null check (source <> ''),
  recorded_by          text not null check (recorded_by <> ''),
  recorded_at          timestamptz not null default now(),
  unique (issuer_of_patient_id, patient_id, agent, started_on)
);
create table bone_turnover_marker (
  id                   bigint generated always as identity primary key,
  issuer_of_patient_id text not null,
  patient_id           text not null check (patient_id <> ''),
  marker               text not null check (marker in ('P1NP', 'CTX')),
  taken_on             date not null,
  value                numeric(14,6) not null check (value > 0),
  unit                 text not null check (unit <> ''),
  note                 text not null default '',
  source               text not null check (source <> ''),
  recorded_by          text not null check (recorded_by <> ''),
  recorded_at          timestamptz not null default now(),
  unique (issuer_of_patient_id, patient_id, marker, taken_on)
);
create table risk_factor (
  id                   bigint generated always as identity primary key,
  issuer_of_patient_id text not null,
  patient_id           text not null check (patient_id <> ''),
  factor               text not null check (factor in ('adherence', 'secondary_cause', 'falls_in_last_year',
                         'vertebral_fracture_assessment')),
  value                text not null check (value <> ''),
  noted_on             date not null,
  note                 text not null default '',
  source               text not null check (source <> ''),
  recorded_by          text not null check (recorded_by <> ''),
  recorded_at          timestamptz not null default now(),
  check (case factor
           when 'adherence' then value in ('taken', 'partly_taken', 'not_taken')
           when 'falls_in_last_year' then value ~ '^\d{1,3}$'
           when 'vertebral_fracture_assessment' then value in ('done', 'not_done')
           else true end),
  unique (issuer_of_patient_id, patient_id, factor, value, noted_on)
);

-- One line a study, of what can be said of it beside its comparisons; written with every judgement of the patient.
create table study_follow_up (
  study_id              bigint primary key references study (id),
  patient_id            bigint  not null references patient (id),
  scanned_on            date    not null,
  scanner_key           text    not null,
  previous_study_id     bigint  references study (id),
  previous_on           date,
  interval_days         integer,
  short_interval        boolean not null,
  -- True when any change since an earlier study is known in figures, judged or provisional.
  compared              boolean not null,
  changed_demographics  text[]  not null default '{}',
  rule_set_version      text    not null,
  check ((previous_study_id is null) = (previous_on is null) and (previous_study_id is null) = (interval_days is null)),
  check (not short_interval or previous_study_id is not null)
);
create index study_follow_up_by_patient on study_follow_up (patient_id);
create index study_follow_up_uncompared on study_follow_up (scanned_on, study_id)
  where previous_study_id is not null and not compared;
create index study_follow_up_uncompared_by_scanner on study_follow_up (scanner_key, scanned_on, study_id)
  where previous_study_id is not null and not compared;
create index study_follow_up_uncompared_by_interval on study_follow_up (interval_days, study_id)
  where previous_study_id is not null and not compared;
create index study_follow_up_short on study_follow_up (scanned_on, study_id) where short_interval;
create index study_follow_up_short_by_scanner on study_follow_up (scanner_key, scanned_on, study_id) where short_interval;
create index study_follow_up_short_by_interval on study_follow_up (interval_days, study_id) where short_interval;
create index study_follow_up_demographics on study_follow_up (scanned_on, study_id) where changed_demographics <> '{}';
create index study_follow_up_demographics_by_scanner on study_follow_up (scanner_key, scanned_on, study_id)
  where changed_demographics <> '{}';

-- The first rule that blocks a comparison, by which the list of pairs that cannot be compared is read.
alter table comparison add column block_code text generated always as
  (jsonb_path_query_first(checks, '$[*] ? (@.outcome == "block").code') #>> '{}') stored;
update comparison c set follow_up_scanner_key = s.identity_key
  from report r join scanner s on s.id = r.scanner_id
 where c.follow_up_scanner_key is null and r.study_id = c.follow_up_study_id;

create index comparison_blocked on comparison (follow_up_on, id)
  where superseded_at is null and verdict = 'not_comparable';
create index comparison_blocked_by_code on comparison (block_code, follow_up_on, id)
  where superseded_at is null and verdict = 'not_comparable';
create index comparison_blocked_by_scanner on comparison (follow_up_scanner_key, follow_up_on, id)
  where superseded_at is null and verdict = 'not_comparable';
create index comparison_provisional_by_scanner on comparison (follow_up_scanner_key, follow_up_on, id)
  where superseded_at is null and verdict = 'provisional';

drop index review_case_list;
create index review_case_waiting on review_case (priority, id) where state in ('open', 'in_review', 'reopened');
create index review_case_waiting_by_date on review_case (follow_up_on, id) where state in ('open', 'in_review', 'reopened');
create index review_case_by_state on review_case (state, priority, id);
create index review_case_by_rule on review_case (rule, priority, id);
create index review_case_by_scanner on review_case (scanner_key, priority, id);
create index review_case_by_scanner_and_date on review_case (scanner_key, follow_up_on, id);
create index review_case_by_assignee on review_case (assignee, priority, id) where assignee is not null;
create index review_case_by_date on review_case (follow_up_on, id);
create index review_case_by_age on review_case (opened_at, id);
create index review_case_by_update on review_case (updated_at, id);

create index source_file_failed on source_file (received_at, id) where state in ('refused', 'conflicted', 'failed');
create index source_file_failed_by_code on source_file (reason_code, received_at, id)
  where state in ('refused', 'conflicted', 'failed');
create index finding_by_time on finding (found_at, id);
create index finding_by_code_and_time on finding (code, found_at, id);

-- A list with its filters and order under a name.
create table saved_view (
  id         bigint generated always as identity primary key,
  name       text  not null unique check (name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
  list       text  not null,
  filters    jsonb not null default '{}',
  sort       text,
  author     text  not null check (author <> ''),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- What is new here follows from a judgement: every patient is judged again.
update patient set revision = revision + 1;
