-- Nights: what was computed again, why, and what came out differently.
create table night_run (
  id             bigint generated always as identity primary key,
  trigger        text        not null check (trigger in ('schedule', 'hand')),
  -- What a run by hand was limited to; empty for everything that is out of date.
  filters        jsonb       not null default '{}',
  state          text        not null default 'running' check (state in ('running', 'paused', 'done', 'given_up')),
  -- Reader, adapters and rule set that it works with: a night of an older release is not gone on with.
  versions       jsonb       not null,
  window_ends_at timestamptz,
  times_resumed  integer     not null default 0,
  started_at     timestamptz not null default now(),
  finished_at    timestamptz,
  check ((state in ('done', 'given_up')) = (finished_at is not null))
);
create unique index night_run_open on night_run (trigger) where state in ('running', 'paused');

-- How far each step has come: ids up to after_id are done, and end_id was the last one when the step began.
create table night_step (
  night_run_id bigint      not null references night_run (id),
  step         text        not null,
  after_id     bigint      not null default 0,
  end_id       bigint      not null default 0,
  -- What it counted; of the page at work when a process was killed, some may be missing.
  counts       jsonb       not null default '{}',
  started_at   timestamptz not null default now(),
  finished_at  timestamptz,
  primary key (night_run_id, step)
);

-- One line a file or patient for which something came out differently, written with it in one transaction.
create table night_change (
  id             bigint generated always as identity primary key,
  night_run_id   bigint      not null references night_run (id),
  step           text        not null,
  kind           text        not null check (kind in ('file', 'patient', 'archive', 'failure')),
  source_file_id bigint      references source_file (id),
  patient_id     bigint      references patient (id),
  causes         jsonb       not null,
  detail         jsonb       not null,
  happened_at    timestamptz not null default now()
);
create index night_change_by_run on night_change (night_run_id, id);

-- Patients who could not be judged: left alone until something about them changes or a person asks again.
create table failed_assessment (
  patient_id      bigint primary key references patient (id),
  revision        bigint      not null,
  code            text        not null,
  cause_code      text        not null,
  attempts        integer     not null default 1,
  first_failed_at timestamptz not null default now(),
  last_failed_at  timestamptz not null default now()
);
