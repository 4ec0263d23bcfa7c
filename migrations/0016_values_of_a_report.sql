-- The values of a report in one row of arrays, one element a value, in the order of the file. A row a value cost 68 kB
-- and two thirds of the time of storing a 45 kB report; all reading goes by report (docs/decisions/0007).
-- PL/pgSQL keeps the plans of a session; as a plain SQL function it would be planned with every report.
create function report_values_hold(
    scan_type text[], scan_label text[], region text[], vertebrae text[], laterality text[], quantity text[],
    reference_population text[], value numeric[], unit text[])
returns boolean language plpgsql immutable parallel safe as $$
begin
  return not exists (
      select 1 from unnest(scan_type, region, vertebrae, laterality, quantity, reference_population, value, unit)
               as v (scan_type, region, vertebrae, laterality, quantity, reference_population, value, unit)
       where not (v.scan_type in ('spine', 'hip', 'forearm', 'whole_body')
         and v.laterality in ('left', 'right', 'mean', 'none')
         and v.quantity in ('bmd', 'bmc', 'area', 't_score', 'z_score', 'percent_young_adult', 'percent_age_matched')
         and v.vertebrae ~ '^((T12|L[1-4])(,L[1-4])*)?$'
         and (v.region = 'spine') = (v.vertebrae <> '')
         and (v.quantity in ('t_score', 'z_score') or v.reference_population = '')
         -- Areal BMD outside 0.1-3 g/cm² is a finding, never a measurement.
         and (v.quantity <> 'bmd' or (v.value >= 0.1 and v.value <= 3 and v.unit = 'g/cm2'))
         and (v.quantity not in ('bmc', 'area') or v.value > 0)))
    -- One quantity of one region of one scan once.
    and not exists (
      select 1 from unnest(scan_type, scan_label, region, vertebrae, laterality, quantity, reference_population)
               as v (a, b, c, d, e, f, g) group by a, b, c, d, e, f, g having count(*) > 1);
end $$;

create table report_values (
  report_id            bigint primary key references report (id) on delete cascade,
  scan_type            text[] not null,
  scan_label           text[] not null,
  region               text[] not null,
  vertebrae            text[] not null,
  laterality           text[] not null,
  quantity             text[] not null,
  reference_population text[] not null,
  value                numeric(16,6)[] not null,
  unit                 text[] not null,
  raw_text             text[] not null,
  raw_unit             text[] not null,
  raw_label            text[] not null,
  code_value           text[] not null,
  code_scheme          text[] not null,
  code_meaning         text[] not null,
  tree_path            text[] not null,
  -- Every array has an element for every value; only raw unit and code may be absent.
  constraint report_values_same_length check (array[cardinality(scan_type), cardinality(scan_label), cardinality(region), cardinality(vertebrae),
    cardinality(laterality), cardinality(quantity), cardinality(reference_population), cardinality(unit), cardinality(raw_text),
    cardinality(raw_unit), cardinality(raw_label), cardinality(code_value), cardinality(code_scheme), cardinality(code_meaning),
    cardinality(tree_path)] = array_fill(cardinality(value), array[15])),
  constraint report_values_present check (num_nonnulls(array_position(scan_type, null), array_position(scan_label, null),
    array_position(region, null), array_position(vertebrae, null), array_position(laterality, null),
    array_position(quantity, null), array_position(reference_population, null), array_position(value, null),
    array_position(unit, null), array_position(raw_text, null), array_position(raw_label, null),
    array_position(tree_path, null)) = 0),
  constraint report_values_hold check (report_values_hold(scan_type, scan_label, region, vertebrae, laterality, quantity,
    reference_population, value, unit))
);

insert into report_values
select r.id, v.* from report r cross join lateral (
  select coalesce(array_agg(scan_type order by id), '{}'), coalesce(array_agg(scan_label order by id), '{}'),
         coalesce(array_agg(region order by id), '{}'), coalesce(array_agg(vertebrae order by id), '{}'),
         coalesce(array_agg(laterality order by id), '{}'), coalesce(array_agg(quantity order by id), '{}'),
         coalesce(array_agg(reference_population order by id), '{}'), coalesce(array_agg(value order by id), '{}'),
         coalesce(array_agg(unit order by id), '{}'), coalesce(array_agg(raw_text order by id), '{}'),
         coalesce(array_agg(raw_unit order by id), '{}'), coalesce(array_agg(raw_label order by id), '{}'),
         coalesce(array_agg(code_value order by id), '{}'), coalesce(array_agg(code_scheme order by id), '{}'),
         coalesce(array_agg(code_meaning order by id), '{}'), coalesce(array_agg(tree_path order by id), '{}')
    from measured_value m where m.report_id = r.id) v;

drop view current_measurement;
drop table measured_value;

-- One row a value, as before; `place` is its order in the file.
create view measured_value as
select r.report_id, v.place::integer as place, v.scan_type, v.scan_label, v.region, v.vertebrae, v.laterality, v.quantity,
       v.reference_population, v.value, v.unit, v.raw_text, v.raw_unit, v.raw_label, v.code_value, v.code_scheme,
       v.code_meaning, v.tree_path
  from report_values r
 cross join lateral unnest(r.scan_type, r.scan_label, r.region, r.vertebrae, r.laterality, r.quantity,
         r.reference_population, r.value, r.unit, r.raw_text, r.raw_unit, r.raw_label, r.code_value, r.code_scheme,
         r.code_meaning, r.tree_path) with ordinality
       as v (scan_type, scan_label, region, vertebrae, laterality, quantity, reference_population, value, unit, raw_text,
         raw_unit, raw_label, code_value, code_scheme, code_meaning, tree_path, place);

-- As in 0006, over the view.
create view current_measurement as
with given as (
  select s.patient_id, s.id as study_id, s.study_instance_uid, r.id as report_id, r.sop_instance_uid, r.content_at,
         v.scan_type, v.scan_label, v.region, v.vertebrae, v.laterality, v.quantity, v.reference_population, v.value,
         v.unit, v.raw_text, v.tree_path,
         max(v.value) filter (where v.quantity = 'bmd') over (partition by s.patient_id, s.study_instance_uid, r.id,
           v.scan_type, v.region, v.vertebrae, v.laterality) as report_bmd
    from study s join report r on r.study_id = s.id join measured_value v on v.report_id = r.id
), chosen as (
  select g.*,
         first_value(report_bmd) over (of_region order by (report_bmd is null), content_at collate "C" desc,
           sop_instance_uid collate "C" desc) as bmd,
         min(report_bmd) over all_of_region is distinct from max(report_bmd) over all_of_region as reanalysed
    from given g
  window of_region as (partition by patient_id, study_instance_uid, scan_type, region, vertebrae, laterality),
         all_of_region as (partition by patient_id, study_instance_uid, scan_type, region, vertebrae, laterality)
), ranked as (
  select c.*,
         dense_rank() over (partition by patient_id, study_instance_uid, scan_type, region, vertebrae, laterality, quantity
           order by content_at collate "C" desc, sop_instance_uid collate "C" desc) as place
    from chosen c
   where bmd is null or report_bmd = bmd or (report_bmd is null and not reanalysed)
)
select patient_id, study_id, study_instance_uid, report_id, sop_instance_uid, content_at, scan_type, scan_label, region,
       vertebrae, laterality, quantity, reference_population, value, unit, raw_text, tree_path
  from ranked where place = 1;
