-- worked with from: 0017
-- What a site says it does not want to hear of any more. A table of its own, as earlier releases take every row of
-- site_mapping for a meaning; the ids of both are one row of numbers, for a report holds those it was read with. A row is
-- never changed: to correct it, or to take it back, it is retired.
create table ignored_concept (
  id          bigint primary key default nextval('site_mapping_id_seq'),
  vendor      text not null check (vendor <> ''),
  -- Empty: every model of the vendor.
  model_name  text not null default '',
  kind        text not null check (kind in ('scan', 'region', 'measure', 'unit')),
  -- What it must be, as of a site mapping.
  code_scheme text check (code_scheme <> ''),
  code_value  text check (code_value <> ''),
  label       text check (label <> ''),
  -- The kind of scan that a region must stand in.
  scan_type   text check (scan_type in ('spine', 'hip', 'forearm', 'whole_body')),
  valid_from  date not null default '0001-01-01',
  valid_to    date check (valid_to >= valid_from),
  author      text not null check (author <> ''),
  note        text not null default '',
  created_at  timestamptz not null default now(),
  retired_at  timestamptz,
  retired_by  text,
  retired_why text,
  added_revision   bigint not null default nextval('site_mapping_revision'),
  retired_revision bigint,
  check (code_value is not null or label is not null),
  check ((code_scheme is null) = (code_value is null)),
  check ((retired_at is null) = (retired_by is null)),
  check (scan_type is null or kind = 'region')
);
create unique index ignored_concept_in_force on ignored_concept
  (vendor, model_name, kind, coalesce(code_scheme, ''), coalesce(code_value, ''), lower(coalesce(label, '')),
   coalesce(scan_type, ''), valid_from)
  where retired_at is null;
create trigger ignored_concept_retired before update of retired_at on ignored_concept
  for each row when (old.retired_at is null and new.retired_at is not null) execute function number_mapping_retirement();

-- Every change of what a site says, of both kinds.
create view site_mapping_change as
select id, vendor, added_revision, retired_revision, retired_at from site_mapping
union all
select id, vendor, added_revision, retired_revision, retired_at from ignored_concept;

-- As in 0007, with units; a finding may stand for several items.
create or replace view unmapped_concept as
select r.vendor, d.model_name, array_to_string(r.software_versions, ' ') as software_versions,
       case f.code when 'UNKNOWN_SCAN' then 'scan' when 'UNKNOWN_REGION' then 'region' when 'UNIT_NOT_SUPPORTED' then 'unit'
         else 'measure' end as kind,
       coalesce(f.facts ->> 'scanType', '') as scan_type, coalesce(f.facts ->> 'scheme', '') as code_scheme,
       coalesce(f.facts ->> 'value', '') as code_value, coalesce(f.facts ->> 'label', '') as label,
       sum(coalesce((f.facts ->> 'count')::numeric, 1))::int as times, count(distinct f.source_file_id)::int as files,
       min(f.found_at) as first_found_at, max(f.found_at) as last_found_at,
       case f.code when 'UNIT_NOT_SUPPORTED' then coalesce(f.facts ->> 'quantity', '') else '' end as quantity
  from finding f
  join report r on r.source_file_id = f.source_file_id
  join scanner d on d.id = r.scanner_id
 where f.code in ('UNKNOWN_SCAN', 'UNKNOWN_REGION', 'UNKNOWN_MEASURE')
    or (f.code = 'UNIT_NOT_SUPPORTED' and (f.facts ->> 'label' <> '' or f.facts ->> 'value' <> ''))
 group by 1, 2, 3, 4, 5, 6, 7, 8, 13;
