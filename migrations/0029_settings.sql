-- worked with from: 0017
-- What the facility has set in place of the defaults of the release. The newest row of a name is in force, for every process
-- and for all history; the id of the newest row of all is the version of the settings. Older code judges by its defaults:
-- its rows say 0, and its patients are judged again for their rule set.
create table setting (
  id     bigint generated always as identity primary key,
  name   text  not null check (name <> ''),
  -- In the unit with which the setting is shown; null: the default of the release again.
  value  jsonb,
  reason text  not null check (reason <> ''),
  set_by text  not null check (set_by <> ''),
  set_at timestamptz not null default now()
);
create index setting_by_name on setting (name, id desc);
create trigger setting_append_only before update or delete or truncate on setting
  for each statement execute function refuse_change();

-- Under which settings a row was written, and under which a patient was judged last. A judgement that comes out the same
-- under later settings leaves the row as it is.
alter table comparison add column settings_version bigint not null default 0;
alter table trend add column settings_version bigint not null default 0;
alter table review_case add column settings_version bigint not null default 0;
alter table patient add column assessed_settings_version bigint not null default 0;
