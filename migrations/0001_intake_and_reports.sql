-- Every received file, by content. The archive holds its bytes under the same hash.
create table source_file (
  id              bigint generated always as identity primary key,
  sha256          text        not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  byte_count      bigint      not null check (byte_count >= 0),
  -- Path below the archive folder.
  archive_path    text        not null,
  -- Name below the drop folder; may hold patient values, so it is shown on pages and never logged.
  drop_name       text        not null,
  state           text        not null check (state in
                    ('arriving', 'received', 'stored', 'refused', 'conflicted', 'failed')),
  reason_code     text,
  reason_path     text,
  reason_facts    jsonb       not null default '{}',
  sop_instance_uid text,
  times_received  integer     not null default 1 check (times_received > 0),
  attempts        integer     not null default 0,
  reader_version  text,
  received_at     timestamptz not null default now(),
  last_received_at timestamptz not null default now(),
  processed_at    timestamptz,
  check ((state in ('refused', 'conflicted', 'failed')) = (reason_code is not null))
);
create index source_file_by_state on source_file (state, id);
create index source_file_by_sop_instance on source_file (sop_instance_uid) where sop_instance_uid is not null;

create table patient (
  id                   bigint generated always as identity primary key,
  issuer_of_patient_id text   not null,
  patient_id           text   not null check (patient_id <> ''),
  -- Raised by every change to the patient's reports; the assessment writes down which revision it saw.
  revision             bigint not null default 1,
  assessed_revision    bigint not null default 0,
  assessed_rule_set    text,
  assessed_at          timestamptz,
  created_at           timestamptz not null default now(),
  unique (issuer_of_patient_id, patient_id)
);
create index patient_to_assess on patient (id) where assessed_revision < revision;

-- A physical device: manufacturer and model with its serial number, or with its station name where it has none.
create table scanner (
  id                   bigint generated always as identity primary key,
  manufacturer         text not null,
  model_name           text not null,
  device_serial_number text not null default '',
  station_name         text not null default '',
  identity_key         text not null unique,
  -- False when files name neither serial number nor station: nobody can say which device it was.
  identified           boolean not null,
  institution_name     text,
  created_at           timestamptz not null default now(),
  check (identified = (device_serial_number <> '' or station_name <> ''))
);

create table study (
  id                 bigint generated always as identity primary key,
  study_instance_uid text not null unique,
  patient_id         bigint not null references patient (id),
  created_at         timestamptz not null default now()
);
create index study_by_patient on study (patient_id);

-- One structured report. All its facts stay as the file gave them; what holds for the study is chosen when reading.
create table report (
  id                  bigint generated always as identity primary key,
  source_file_id      bigint not null unique references source_file (id),
  sop_instance_uid    text   not null unique,
  study_id            bigint not null references study (id),
  scanner_id          bigint not null references scanner (id),
  series_instance_uid text,
  vendor              text   not null,
  adapter_version     text   not null,
  reader_version      text   not null,
  -- Local date or date-time of the scan and of the analysis, as ISO text: the scanner's own clock, no zone guessed.
  scanned_at          text   not null check (scanned_at ~ '^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,6})?)?$'),
  content_at          text   not null,
  accession_number    text,
  study_description   text,
  patient_name        text,
  sex                 text check (sex in ('F', 'M', 'O')),
  birth_date          date,
  ethnic_group        text,
  height_m            numeric(9,6),
  weight_kg           numeric(12,6),
  software_versions   text[] not null default '{}',
  stored_at           timestamptz not null default now()
);
create index report_by_study on report (study_id);
create index report_by_scanner on report (scanner_id);

-- Every number with its raw text, its label and its place in the file.
create table measured_value (
  id                   bigint generated always as identity primary key,
  report_id            bigint not null references report (id) on delete cascade,
  scan_type            text   not null check (scan_type in ('spine', 'hip', 'forearm', 'whole_body')),
  scan_label           text   not null,
  region               text   not null,
  vertebrae            text   not null default '' check (vertebrae ~ '^((T12|L[1-4])(,L[1-4])*)?$'),
  laterality           text   not null check (laterality in ('left', 'right', 'mean', 'none')),
  quantity             text   not null check (quantity in
                         ('bmd', 'bmc', 'area', 't_score', 'z_score', 'percent_young_adult', 'percent_age_matched')),
  reference_population text   not null default '',
  value                numeric(16,6) not null,
  unit                 text   not null,
  raw_text             text   not null,
  raw_unit             text,
  raw_label            text   not null,
  code_value           text,
  code_scheme          text,
  code_meaning         text,
  tree_path            text   not null,
  check ((region = 'spine') = (vertebrae <> '')),
  check ((quantity in ('t_score', 'z_score')) or reference_population = ''),
  -- Areal BMD outside 0.1-3 g/cm² is a finding, never a measurement.
  check (quantity <> 'bmd' or (value >= 0.1 and value <= 3 and unit = 'g/cm2')),
  check (quantity not in ('bmc', 'area') or value > 0),
  unique (report_id, scan_type, scan_label, region, vertebrae, laterality, quantity, reference_population)
);

-- What the vendor's software says of earlier scans and changes: claims, never measurements.
create table vendor_claim (
  id          bigint generated always as identity primary key,
  report_id   bigint not null references report (id) on delete cascade,
  kind        text   not null,
  scan_type   text   not null,
  region      text   not null,
  vertebrae   text   not null default '',
  laterality  text   not null,
  claimed_on  date,
  raw_date    text   not null,
  value       numeric(16,6),
  raw_text    text   not null,
  raw_unit    text,
  tree_path   text   not null
);
create index vendor_claim_by_report on vendor_claim (report_id);

-- What could not be read or does not agree: a code and a place, for a person to see.
create table finding (
  id             bigint generated always as identity primary key,
  source_file_id bigint not null references source_file (id) on delete cascade,
  code           text   not null,
  path           text,
  facts          jsonb  not null default '{}',
  found_at       timestamptz not null default now()
);
create index finding_by_file on finding (source_file_id);
create index finding_by_code on finding (code, id);

-- A file in the drop folder that cannot be taken (unreadable, foreign owner, vanishing): visible until it is gone.
create table intake_problem (
  drop_name     text        primary key,
  code          text        not null,
  times_seen    integer     not null default 1,
  first_seen_at timestamptz not null default now(),
  last_seen_at  timestamptz not null default now()
);
