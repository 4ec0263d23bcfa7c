-- Who changed which record of the facility, when and why. Rows of patients appear as ids only, never with their values.
create table audit_event (
  id          bigint generated always as identity primary key,
  happened_at timestamptz not null default now(),
  actor       text   not null check (actor <> ''),
  action      text   not null check (action ~ '^[a-z][a-z_]*$'),
  table_name  text   not null,
  row_id      bigint not null,
  note        text   not null default '',
  before      jsonb,
  after       jsonb,
  check (before is not null or after is not null)
);
create index audit_event_by_row on audit_event (table_name, row_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is only ever added to', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger audit_event_append_only before update or delete or truncate on audit_event
  for each statement execute function refuse_change();

-- Repeat scans of one region and side on one scanner, and the precision that follows from them.
create table precision_study (
  id                   bigint generated always as identity primary key,
  scanner_key          text not null,
  manufacturer         text not null,
  model_name           text not null,
  device_serial_number text not null,
  station_name         text not null default '',
  region               text not null,
  vertebrae            text not null default '',
  laterality           text not null check (laterality in ('left', 'right', 'mean', 'none')),
  scanned_from         date,
  scanned_to           date check (scanned_to >= scanned_from),
  verdict              text not null check (verdict in ('sufficient', 'insufficient_degrees_of_freedom', 'retrain')),
  subjects             integer not null check (subjects >= 0),
  degrees_of_freedom   integer not null check (degrees_of_freedom >= 0),
  -- Null when no technologist is left to pool (R1.6).
  precision_error_g_per_cm2       numeric(10,9) check (precision_error_g_per_cm2 >= 0),
  precision_error_upper_g_per_cm2 numeric(10,9) check (precision_error_upper_g_per_cm2 >= 0),
  lsc_g_per_cm2                   numeric(10,9) check (lsc_g_per_cm2 >= 0),
  mean_bmd_g_per_cm2              numeric(10,9),
  -- Everything else that was computed, per technologist too, and the choices it was computed with.
  result               jsonb not null,
  settings             jsonb not null,
  -- Hash of the raw scans: the same study is not put on file twice.
  content_hash         text not null unique,
  origin               text not null check (origin in ('csv', 'studies')),
  author               text not null check (author <> ''),
  note                 text not null default '',
  created_at           timestamptz not null default now(),
  check ((region = 'spine') = (vertebrae <> '')),
  check ((precision_error_g_per_cm2 is null) = (lsc_g_per_cm2 is null))
);

create table precision_scan (
  id                 bigint generated always as identity primary key,
  precision_study_id bigint not null references precision_study (id),
  technologist       text   not null default '',
  subject            text   not null check (subject <> ''),
  scanned_on         date,
  bmd_g_per_cm2      numeric(7,6) not null check (bmd_g_per_cm2 >= 0.1 and bmd_g_per_cm2 <= 3),
  -- Where the number stands: "line 7" of the file, or "SOP Instance UID#tree path" of an ingested report.
  source             text   not null
);
create index precision_scan_by_study on precision_scan (precision_study_id, id);

-- An LSC is never changed: what corrects it says so, and it says who took it out of force and why.
alter table least_significant_change
  add column source_kind text not null default 'imported' check (source_kind in ('imported', 'precision_study')),
  add column precision_study_id bigint references precision_study (id),
  -- Whose precision it is; empty means all technologists of the site together, which is what judges (R1.6).
  add column operator text not null default '',
  -- As given when the LSC came in percent; the absolute one follows from the mean of the precision cohort (R1.7).
  add column lsc_percent numeric(6,3) check (lsc_percent > 0),
  add column cohort_mean_g_per_cm2 numeric(7,6) check (cohort_mean_g_per_cm2 > 0),
  add column replaces_id bigint references least_significant_change (id),
  add column retired_by text,
  add column retired_why text,
  add check ((source_kind = 'precision_study') = (precision_study_id is not null)),
  add check ((lsc_percent is null) = (cohort_mean_g_per_cm2 is null));

-- How values of one scanner (or of one epoch of it) translate to another's, from people measured on both (R2.1).
create table cross_calibration (
  id                        bigint generated always as identity primary key,
  from_scanner_key          text not null,
  from_manufacturer         text not null,
  from_model_name           text not null,
  from_device_serial_number text not null,
  from_station_name         text not null default '',
  to_scanner_key            text not null,
  to_manufacturer           text not null,
  to_model_name             text not null,
  to_device_serial_number   text not null,
  to_station_name           text not null default '',
  region                    text not null,
  vertebrae                 text not null default '',
  laterality                text not null check (laterality in ('left', 'right', 'mean', 'none', 'any')),
  slope                     numeric(9,6) not null check (slope > 0),
  intercept_g_per_cm2       numeric(9,6) not null,
  standard_error_of_estimate_g_per_cm2 numeric(9,6) not null check (standard_error_of_estimate_g_per_cm2 > 0),
  n                         integer not null check (n >= 3),
  mean_from_g_per_cm2       numeric(9,6),
  sum_of_squares_from       numeric(12,6) check (sum_of_squares_from > 0),
  min_from_g_per_cm2        numeric(9,6),
  max_from_g_per_cm2        numeric(9,6) check (max_from_g_per_cm2 >= min_from_g_per_cm2),
  valid_from                date not null,
  valid_to                  date check (valid_to >= valid_from),
  source                    text not null,
  author                    text not null check (author <> ''),
  note                      text not null default '',
  created_at                timestamptz not null default now(),
  replaces_id               bigint references cross_calibration (id),
  retired_at                timestamptz,
  retired_by                text,
  retired_why               text,
  check ((region = 'spine') = (vertebrae <> ''))
);
create unique index cross_calibration_in_force on cross_calibration
  (from_scanner_key, to_scanner_key, region, vertebrae, laterality, valid_from) where retired_at is null;

-- The pairs of scans that a cross-calibration was computed from, where it was computed here.
create table cross_calibration_pair (
  id                   bigint generated always as identity primary key,
  cross_calibration_id bigint not null references cross_calibration (id),
  subject              text   not null check (subject <> ''),
  from_bmd_g_per_cm2   numeric(7,6) not null,
  to_bmd_g_per_cm2     numeric(7,6) not null,
  source               text   not null
);
create index cross_calibration_pair_by_calibration on cross_calibration_pair (cross_calibration_id, id);

-- A day from which a scanner counts as a new one.
create table scanner_epoch (
  id                   bigint generated always as identity primary key,
  scanner_key          text not null,
  manufacturer         text not null,
  model_name           text not null,
  device_serial_number text not null,
  station_name         text not null default '',
  starts_on            date not null,
  reason               text not null check (reason in ('hardware_change', 'relocation', 'calibration_shift', 'other')),
  author               text not null check (author <> ''),
  note                 text not null default '',
  created_at           timestamptz not null default now(),
  retired_at           timestamptz,
  retired_by           text,
  retired_why          text
);
create unique index scanner_epoch_in_force on scanner_epoch (scanner_key, starts_on) where retired_at is null;

-- A patient whose id turned out to be another's: new reports go to the other one.
alter table patient add column merged_into_id bigint references patient (id) check (merged_into_id <> id);

-- A scan that a person chose as the baseline of a region and side.
create table baseline_pin (
  id          bigint generated always as identity primary key,
  patient_id  bigint not null references patient (id),
  study_id    bigint not null references study (id),
  region      text   not null,
  laterality  text   not null check (laterality in ('left', 'right', 'mean', 'none')),
  author      text   not null check (author <> ''),
  note        text   not null default '',
  created_at  timestamptz not null default now(),
  retired_at  timestamptz,
  retired_by  text,
  retired_why text
);
create unique index baseline_pin_in_force on baseline_pin (patient_id, region, laterality) where retired_at is null;

alter table comparison
  add column reference_scanner_key text,
  add column follow_up_scanner_key text,
  add column cross_calibration_id bigint references cross_calibration (id),
  -- The reference as the follow-up's scanner would have measured it; the change then starts from here.
  add column reference_converted_g_per_cm2 numeric(7,6),
  -- What the vendor's software says of the same change, with where it says it; null where it says nothing.
  add column vendor_change jsonb,
  add column vendor_agrees boolean,
  add check ((vendor_change is null) = (vendor_agrees is null));
create index comparison_by_lsc on comparison (lsc_id) where superseded_at is null and lsc_id is not null;
create index comparison_provisional on comparison (follow_up_on, id) where superseded_at is null and verdict = 'provisional';
create index comparison_vendor_differs on comparison (id) where superseded_at is null and not vendor_agrees;

-- The straight line through three or more comparable scans of a region; older ones stay as history.
create table trend (
  id                  bigint generated always as identity primary key,
  patient_id          bigint not null references patient (id),
  follow_up_study_id  bigint not null references study (id),
  baseline_study_id   bigint not null references study (id),
  region              text   not null,
  vertebrae           text   not null default '',
  laterality          text   not null,
  baseline_on         date   not null,
  follow_up_on        date   not null check (follow_up_on > baseline_on),
  study_ids           bigint[] not null check (cardinality(study_ids) >= 3),
  years               double precision not null,
  annual_rate_g_per_cm2 numeric(9,6) not null,
  annual_percent      numeric(12,6) not null,
  strength            double precision not null,
  verdict             text   not null check (verdict in ('up', 'down', 'not_significant')),
  lsc_id              bigint not null references least_significant_change (id),
  lsc_g_per_cm2       numeric(7,6) not null,
  rule_set_version    text   not null,
  content_hash        text   not null,
  made_at             timestamptz not null default now(),
  superseded_at       timestamptz
);
create unique index trend_current on trend (follow_up_study_id, region, vertebrae, laterality) where superseded_at is null;
create index trend_by_patient on trend (patient_id) where superseded_at is null;
