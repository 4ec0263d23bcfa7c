-- What a site says about codes and labels that no adapter knows. A row is never changed: correcting it retires the old one.
create table site_mapping (
  id          bigint generated always as identity primary key,
  vendor      text not null check (vendor <> ''),
  -- Empty: every model of the vendor.
  model_name  text not null default '',
  kind        text not null check (kind in ('scan', 'region', 'measure', 'unit')),
  -- What an item must be: every part that is given must be equal; labels compare in normalised form.
  code_scheme text check (code_scheme <> ''),
  code_value  text check (code_value <> ''),
  label       text check (label <> ''),
  -- What it means; for a region, scan_type is the kind of scan that it must stand in.
  scan_type   text check (scan_type in ('spine', 'hip', 'forearm', 'whole_body')),
  region      text check (region <> ''),
  vertebrae   text not null default '' check (vertebrae ~ '^((T12|L[1-4])(,L[1-4])*)?$'),
  laterality  text check (laterality in ('left', 'right', 'mean', 'none')),
  quantity    text check (quantity in
                ('bmd', 'bmc', 'area', 't_score', 'z_score', 'percent_young_adult', 'percent_age_matched')),
  -- Days of the scans that it holds for.
  valid_from  date not null default '0001-01-01',
  valid_to    date check (valid_to >= valid_from),
  author      text not null check (author <> ''),
  note        text not null default '',
  created_at  timestamptz not null default now(),
  retired_at  timestamptz,
  retired_by  text,
  retired_why text,
  check (code_value is not null or label is not null),
  check ((code_scheme is null) = (code_value is null)),
  check ((retired_at is null) = (retired_by is null)),
  check ((kind = 'scan') = (scan_type is not null and region is null and quantity is null) or kind = 'region'),
  check ((kind = 'region') = (region is not null)),
  check ((kind in ('measure', 'unit')) = (quantity is not null)),
  check ((region is not distinct from 'spine') = (vertebrae <> ''))
);
create unique index site_mapping_in_force on site_mapping
  (vendor, model_name, kind, coalesce(code_scheme, ''), coalesce(code_value, ''), lower(coalesce(label, '')),
   coalesce(scan_type, ''), coalesce(quantity, ''), valid_from)
  where retired_at is null;

alter table phantom_pattern add column retired_why text;

-- Codes and labels that no adapter and no mapping knows, counted. A view: what is mapped is gone with the next reading.
create view unmapped_concept as
select r.vendor, d.model_name, array_to_string(r.software_versions, ' ') as software_versions,
       case f.code when 'UNKNOWN_SCAN' then 'scan' when 'UNKNOWN_REGION' then 'region' else 'measure' end as kind,
       coalesce(f.facts ->> 'scanType', '') as scan_type, coalesce(f.facts ->> 'scheme', '') as code_scheme,
       coalesce(f.facts ->> 'value', '') as code_value, coalesce(f.facts ->> 'label', '') as label,
       count(*)::int as times, count(distinct f.source_file_id)::int as files, min(f.found_at) as first_found_at,
       max(f.found_at) as last_found_at
  from finding f
  join report r on r.source_file_id = f.source_file_id
  join scanner d on d.id = r.scanner_id
 where f.code in ('UNKNOWN_SCAN', 'UNKNOWN_REGION', 'UNKNOWN_MEASURE')
 group by 1, 2, 3, 4, 5, 6, 7, 8;
