-- Stores the whole of some reports in one statement: one round trip and one commit, which is what the rate of ingesting
-- hangs on. One row for each that was stored.
-- The commit does not wait for the disk: what a crash of the server loses is the whole of it, the outcome of the files
-- included, and the sweep has them read again.
-- Files and patients are locked first and in the order of their ids, as everywhere that several are locked: two
-- statements would otherwise wait for each other in a circle. What was read with other site mappings than those in force,
-- and what has a report already, is passed over.
-- A scanner row is only written when it is new or its spelling changes: reports of one busy scanner would otherwise wait
-- for each other's commits. Of several spellings the greatest stands (of institutions the least), so that the order of
-- arrival means nothing.
-- Every parameter has an element a report:
--   :file_id           text[]  row id of its file
--   :content_identity  text[]  of its data set, however it was encoded
--   :mapping_revision  text[]  the latest change of the site's mappings that it was read with
--   :digest            text[]  of the report (report-row.ts), in hexadecimal digits
--   :issuer_of_patient_id, :patient_id  text[]  whose it is
--   :manufacturer, :model_name, :device_serial_number, :station_name, :identity_key, :identified,
--   :institution_name  text[]  the scanner (scanner-key.ts)
--   :study_instance_uid, :sop_instance_uid, :series_instance_uid, :vendor, :adapter_version, :reader_version,
--   :scanned_at, :content_at, :accession_number, :study_description, :patient_name, :sex, :birth_date,
--   :ethnic_group, :height_m, :weight_kg, :software_versions, :site_mapping_ids, :scan_date_doubted,
--   :performed_procedure_id, :performed_procedure, :performed_procedure_codes, :acf, :bcf  text[]  of the header (report-row.ts), as text
--   :claims, :findings  text[]  a list in JSON
-- and of its values (value-columns.ts) all of one column, an array of them as text:
--   :scan_type, :scan_label, :region, :vertebrae, :laterality, :quantity, :reference_population, :value, :unit,
--   :raw_text, :raw_unit, :raw_label, :code_value, :code_scheme, :code_meaning, :tree_path  text[]  in the order of the file
with given as materialized (
  select *
    from unnest(:file_id, :content_identity, :mapping_revision, :digest, :issuer_of_patient_id, :patient_id, :manufacturer,
                :model_name, :device_serial_number, :station_name, :identity_key, :identified, :institution_name,
                :study_instance_uid, :sop_instance_uid, :series_instance_uid, :vendor, :adapter_version,
                :reader_version, :scanned_at, :content_at, :accession_number, :study_description, :patient_name,
                :sex, :birth_date, :ethnic_group, :height_m, :weight_kg, :software_versions, :site_mapping_ids,
                :scan_date_doubted, :performed_procedure_id, :performed_procedure, :performed_procedure_codes,
                :acf, :bcf, :claims, :findings)
      as g (file_id, content_identity, mapping_revision, digest, issuer_of_patient_id, patient_id, manufacturer,
            model_name, device_serial_number, station_name, identity_key, identified, institution_name,
            study_instance_uid, sop_instance_uid, series_instance_uid, vendor, adapter_version, reader_version,
            scanned_at, content_at, accession_number, study_description, patient_name, sex, birth_date,
            ethnic_group, height_m, weight_kg, software_versions, site_mapping_ids, scan_date_doubted,
            performed_procedure_id, performed_procedure, performed_procedure_codes, acf, bcf, claims, findings)
   where (g.mapping_revision is null or g.mapping_revision::bigint = (
\ir ../registry/mapping-revision.sql
         ))
     and not exists (select 1 from standing_file r where r.sop_instance_uid = g.sop_instance_uid)
     and not exists (select 1 from stored_report r where r.source_file_id = g.file_id::bigint)),
held_files as (
  select f.id from source_file f where f.id in (select g.file_id::bigint from given g) order by f.id for update),
held_patients as (
  select p.id from patient p
   where p.id in (select unnest(array[n.id, n.merged_into_id]) from given g
                    join patient n on n.issuer_of_patient_id = g.issuer_of_patient_id and n.patient_id = g.patient_id)
   order by p.id for no key update),
named as (
  insert into patient (issuer_of_patient_id, patient_id)
  select distinct g.issuer_of_patient_id, g.patient_id from given g
   where (select count(*) from held_files) + (select count(*) from held_patients) >= 0 order by 1, 2
  on conflict (issuer_of_patient_id, patient_id) do update set revision = patient.revision + 1
  returning id, issuer_of_patient_id, patient_id, revision, merged_into_id),
survivor as (
  update patient p set revision = p.revision + 1
   where p.id in (select n.merged_into_id from named n) and p.id not in (select n.id from named n)
  returning p.id, p.revision),
judged as (
  select n.issuer_of_patient_id, n.patient_id, n.id as named_id, t.id, t.revision
    from named n
    join (select id, revision from named union all select id, revision from survivor) t on t.id = coalesce(n.merged_into_id, n.id)),
scanned as (
  select identity_key, max(manufacturer) as manufacturer, max(model_name) as model_name,
         max(device_serial_number) as device_serial_number, max(station_name) as station_name,
         bool_or(identified::boolean) as identified, min(institution_name) as institution_name
    from given group by identity_key),
known_scanner as (select k.* from scanner k where k.identity_key in (select identity_key from scanned)),
written_scanner as (
  insert into scanner (manufacturer, model_name, device_serial_number, station_name, identity_key, identified, institution_name)
  select s.manufacturer, s.model_name, s.device_serial_number, s.station_name, s.identity_key, s.identified, s.institution_name
    from scanned s
   where not exists (
     select 1 from known_scanner k
      where k.identity_key = s.identity_key and k.manufacturer >= s.manufacturer and k.model_name >= s.model_name
        and k.device_serial_number >= s.device_serial_number and k.station_name >= s.station_name
        and (s.institution_name is null or k.institution_name <= s.institution_name))
   order by s.identity_key
  on conflict (identity_key) do update set
    manufacturer = greatest(scanner.manufacturer, excluded.manufacturer),
    model_name = greatest(scanner.model_name, excluded.model_name),
    device_serial_number = greatest(scanner.device_serial_number, excluded.device_serial_number),
    station_name = greatest(scanner.station_name, excluded.station_name),
    institution_name = least(scanner.institution_name, excluded.institution_name)
  returning id, identity_key),
device as (select id, identity_key from written_scanner union select id, identity_key from known_scanner),
examined as (
  insert into study (study_instance_uid, patient_id, named_patient_id)
  select distinct g.study_instance_uid, j.id, j.named_id
    from given g join judged j on j.issuer_of_patient_id = g.issuer_of_patient_id and j.patient_id = g.patient_id
   order by 1, 3
  on conflict (study_instance_uid, named_patient_id) do update set patient_id = excluded.patient_id
  returning id, study_instance_uid, named_patient_id),
placed as (
  select g.*, e.id as study_id, d.id as scanner_id, j.id as judged_id, j.revision
    from given g
    join judged j on j.issuer_of_patient_id = g.issuer_of_patient_id and j.patient_id = g.patient_id
    join examined e on e.study_instance_uid = g.study_instance_uid and e.named_patient_id = j.named_id
    join device d on d.identity_key = g.identity_key),
stored as (
  insert into stored_report (source_file_id, sop_instance_uid, study_id, scanner_id, series_instance_uid, vendor,
      adapter_version, reader_version, scanned_at, content_at, accession_number, study_description, patient_name,
      sex, birth_date, ethnic_group, height_m, weight_kg, software_versions, site_mapping_ids, scan_date_doubted,
      performed_procedure_id, performed_procedure, performed_procedure_codes, acf, bcf, digest)
  select p.file_id::bigint, p.sop_instance_uid, p.study_id, p.scanner_id, p.series_instance_uid, p.vendor,
      p.adapter_version, p.reader_version, p.scanned_at, p.content_at, p.accession_number, p.study_description,
      p.patient_name, p.sex, p.birth_date::date, p.ethnic_group, p.height_m::numeric, p.weight_kg::numeric,
      p.software_versions::text[], p.site_mapping_ids::bigint[], p.scan_date_doubted::boolean, p.performed_procedure_id,
      p.performed_procedure, p.performed_procedure_codes::jsonb, p.acf::numeric, p.bcf::numeric,
      decode(p.digest, 'hex') from placed p
  returning id, source_file_id),
measured as (
  insert into report_values (report_id, scan_type, scan_label, region, vertebrae, laterality, quantity, reference_population, value, unit, raw_text,
      raw_unit, raw_label, code_value, code_scheme, code_meaning, tree_path)
  select s.id, v.scan_type::text[], v.scan_label::text[], v.region::text[], v.vertebrae::text[],
               v.laterality::text[], v.quantity::text[], v.reference_population::text[], v.value::numeric[],
               v.unit::text[], v.raw_text::text[], v.raw_unit::text[], v.raw_label::text[], v.code_value::text[],
               v.code_scheme::text[], v.code_meaning::text[], v.tree_path::text[]
    from unnest(:file_id, :scan_type, :scan_label, :region, :vertebrae, :laterality, :quantity, :reference_population,
                :value, :unit, :raw_text, :raw_unit, :raw_label, :code_value, :code_scheme, :code_meaning,
                :tree_path)
      as v (file_id, scan_type, scan_label, region, vertebrae, laterality, quantity, reference_population, value, unit,
            raw_text, raw_unit, raw_label, code_value, code_scheme, code_meaning, tree_path)
    join stored s on s.source_file_id = v.file_id::bigint),
claimed as (
  insert into vendor_claim (report_id, kind, scan_type, region, vertebrae, laterality, claimed_on, raw_date, value,
      raw_text, raw_unit, tree_path)
  select s.id, c.* from stored s join given g on g.file_id::bigint = s.source_file_id
   cross join jsonb_to_recordset(g.claims::jsonb) as c (kind text, scan_type text, region text,
      vertebrae text, laterality text, claimed_on date, raw_date text, value numeric, raw_text text, raw_unit text,
      tree_path text)),
found as (
  insert into finding (source_file_id, code, path, facts, scanner_key)
  select g.file_id::bigint, f.code, f.path, coalesce(f.facts, '{}'), g.identity_key
    from given g cross join jsonb_to_recordset(g.findings::jsonb) as f (code text, path text, facts jsonb)),
done as (
  update source_file f set state = 'stored', reason_code = null, reason_path = null, reason_facts = '{}',
      duplicate_of_id = null, sop_instance_uid = g.sop_instance_uid, content_at = g.content_at,
      content_identity = g.content_identity, mapping_revision = g.mapping_revision::bigint,
      reader_version = g.reader_version, attempts = attempts + 1, processed_at = now()
    from given g where f.id = g.file_id::bigint)
select set_config('synchronous_commit', 'off', true), p.file_id as "fileId", p.judged_id::text as "patientId",
       p.revision::text, p.study_id::text as "studyId", s.id::text as "reportId",
       exists (select 1 from rejection_target t where t.sop_instance_uid = p.sop_instance_uid)
         or exists (select 1 from instance_decision d where d.sop_instance_uid = p.sop_instance_uid and d.retired_at is null)
         as "isNamed"
  from placed p join stored s on s.source_file_id = p.file_id::bigint
