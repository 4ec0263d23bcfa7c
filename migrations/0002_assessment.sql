-- Least significant change on file. A row is never changed: correcting it retires the old one.
create table least_significant_change (
  id                        bigint generated always as identity primary key,
  -- The scanner as it names itself; matched to devices by the same key as scanner.identity_key, so that an LSC can be on
  -- file before the first scan arrives.
  scanner_key               text not null,
  manufacturer              text not null,
  model_name                text not null,
  device_serial_number      text not null,
  station_name              text not null default '',
  region                    text not null,
  vertebrae                 text not null default '',
  laterality                text not null check (laterality in ('left', 'right', 'mean', 'none', 'any')),
  lsc_g_per_cm2             numeric(7,6) not null check (lsc_g_per_cm2 > 0 and lsc_g_per_cm2 < 1),
  confidence_level          numeric(5,4) not null check (confidence_level >= 0.5 and confidence_level < 1),
  precision_error_g_per_cm2 numeric(7,6) check (precision_error_g_per_cm2 > 0),
  precision_error_upper_g_per_cm2 numeric(7,6) check (precision_error_upper_g_per_cm2 > 0),
  degrees_of_freedom        integer check (degrees_of_freedom > 0),
  valid_from                date not null,
  valid_to                  date check (valid_to >= valid_from),
  source                    text not null,
  author                    text not null,
  note                      text not null default '',
  created_at                timestamptz not null default now(),
  retired_at                timestamptz,
  check ((region = 'spine') = (vertebrae <> ''))
);
create unique index least_significant_change_in_force on least_significant_change
  (scanner_key, region, vertebrae, laterality, valid_from) where retired_at is null;

-- A change between two scans, with everything that judged it. At most one current row a key; older verdicts stay.
create table comparison (
  id                  bigint generated always as identity primary key,
  patient_id          bigint not null references patient (id),
  follow_up_study_id  bigint not null references study (id),
  reference_study_id  bigint not null references study (id),
  kind                text   not null check (kind in ('previous', 'baseline')),
  region              text   not null,
  vertebrae           text   not null default '',
  laterality          text   not null,
  reference_on        date   not null,
  follow_up_on        date   not null,
  reference_bmd_g_per_cm2 numeric(7,6) not null,
  follow_up_bmd_g_per_cm2 numeric(7,6) not null,
  -- Where the two numbers stand: "SOP Instance UID#tree path" of every value that went into them.
  reference_sources text[] not null,
  follow_up_sources text[] not null,
  rebuilt             boolean not null,
  verdict             text   not null check (verdict in ('up', 'down', 'not_significant', 'not_comparable', 'provisional')),
  delta_g_per_cm2     numeric(7,6),
  delta_percent       numeric(12,6),
  lsc_id              bigint references least_significant_change (id),
  lsc_g_per_cm2       numeric(7,6),
  lsc_source          text,
  strength            double precision,
  robust              boolean,
  checks              jsonb  not null,
  rule_set_version    text   not null,
  content_hash        text   not null,
  made_at             timestamptz not null default now(),
  superseded_at       timestamptz,
  check (verdict not in ('up', 'down') or (delta_g_per_cm2 is not null and lsc_g_per_cm2 is not null
         and abs(delta_g_per_cm2) > 0 and (delta_g_per_cm2 > 0) = (verdict = 'up'))),
  check (verdict not in ('up', 'down', 'not_significant') or lsc_id is not null or lsc_source = 'cross_calibration')
);
create unique index comparison_current on comparison
  (follow_up_study_id, kind, region, vertebrae, laterality) where superseded_at is null;
create index comparison_by_patient on comparison (patient_id) where superseded_at is null;

-- Work for a person. The machine opens and withdraws; it never touches what a person has decided.
create table review_case (
  id                 bigint generated always as identity primary key,
  patient_id         bigint not null references patient (id),
  follow_up_study_id bigint not null references study (id),
  rule               text   not null,
  tier               text   not null check (tier in ('review', 'check', 'information')),
  region_pair        text   not null,
  strength           double precision not null,
  statement          text   not null,
  evidence           jsonb  not null,
  evidence_hash      text   not null,
  rule_set_version   text   not null,
  state              text   not null default 'open' check (state in ('open', 'in_review', 'resolved', 'withdrawn', 'reopened')),
  withdrawn_reason   text,
  version            integer not null default 1,
  opened_at          timestamptz not null default now(),
  updated_at         timestamptz not null default now(),
  unique (patient_id, follow_up_study_id, rule, region_pair),
  check ((state = 'withdrawn') = (withdrawn_reason is not null))
);
create index review_case_list on review_case (state, strength desc, id);

-- What happened to a case, by whom and when; only ever added to.
create table review_case_event (
  id             bigint generated always as identity primary key,
  review_case_id bigint not null references review_case (id),
  actor          text   not null,
  event          text   not null,
  detail         jsonb  not null default '{}',
  happened_at    timestamptz not null default now()
);
create index review_case_event_by_case on review_case_event (review_case_id, id);
