-- worked with from: 0017
-- Jobs of the queue that a night has answered: one that comes again (its worker lost its lock, its end was not noted)
-- does not make a second night.
alter table night_run
  add column answers text[] not null default '{}',
-- Why a run broke off, and when; gone when it goes on.
  add column failure_code text check (failure_code <> ''),
  add column failed_at timestamptz;

-- What the reports of two ids said against each other when a person merged them all the same (names of fields, never
-- values), and why.
alter table patient_merge
  add column disagreements text[] not null default '{}',
  add column despite text check (despite <> '');
