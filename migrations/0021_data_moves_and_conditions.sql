-- worked with from: 0017
-- Long changes of data go on beside the running system: how far each has come. The code says what it does.
create table data_move (
  name            text        primary key,
  -- Everything up to this id has been looked at.
  after_id        bigint      not null default 0,
  moved           bigint      not null default 0 check (moved >= 0),
  -- Counted when it began, and taken down batch by batch.
  remaining       bigint      not null default 0 check (remaining >= 0),
  -- Time that its batches took, without the rests between them.
  worked_seconds  double precision not null default 0,
  begun_at        timestamptz not null default now(),
  last_batch_at   timestamptz,
  finished_at     timestamptz,
  -- Why its last batch failed.
  problem_code    text
);

-- What a process finds wrong with what only it can see (drop folder, archive, its own age), said again at every look.
create table process_condition (
  process text        not null,
  part    text        not null,
  code    text        not null,
  cause   text        not null,
  since   timestamptz not null,
  seen_at timestamptz not null default now(),
  primary key (process, part)
);

-- Filled in a transaction that is taken back, to see whether the disk takes another page. Always empty.
create table health_probe (probe boolean not null);
