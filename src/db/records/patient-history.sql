-- Every report of a patient with its study, scanner and values: a row a report, those of one study together.
-- A study that reports of two patients claim is contested, unless a person has found the two to be one. Where both rows
-- belong to the patient, the row that names the patient comes first and stands for the study.
--   :patient_id  bigint  row id of the patient
select s.id::text as "studyId", s.study_instance_uid as "studyInstanceUid",
       exists (select 1 from study o where o.study_instance_uid = s.study_instance_uid and o.patient_id <> s.patient_id
                  and exists (select 1 from report x where x.study_id = o.id)) as contested,
       exists (select 1 from phantom_pattern f
                where f.retired_at is null and (r.patient_name ~* f.pattern or n.patient_id ~* f.pattern)) as "isPhantom",
       r.sop_instance_uid as "sopInstanceUid", r.scanned_at as "scannedAt",
       r.scan_date_doubted as "scanDateDoubted", r.content_at as "contentAt",
       r.sex, r.birth_date as "birthDate", r.ethnic_group as "ethnicGroup", r.height_m::text as "heightM",
       r.weight_kg::text as "weightKg", r.software_versions as "softwareVersions", c.identity_key as "identityKey",
       c.manufacturer, c.model_name as "modelName", c.device_serial_number as "deviceSerialNumber",
       c.station_name as "stationName", c.identified,
       array_to_string(v.scan_type, e'\n') as "scanTypes", to_json(v.scan_label) as "scanLabels",
       array_to_string(v.region, e'\n') as regions, array_to_string(v.vertebrae, e'\n') as vertebrae,
       array_to_string(v.laterality, e'\n') as lateralities, array_to_string(v.quantity, e'\n') as quantities,
       to_json(v.reference_population) as "referencePopulations", array_to_string(v.value, e'\n') as values,
       array_to_string(v.tree_path, e'\n') as paths
  from study s
  join report r on r.study_id = s.id
  join report_values v on v.report_id = r.id
  join scanner c on c.id = r.scanner_id
  join patient n on n.id = s.named_patient_id
 where s.patient_id = :patient_id
 order by s.study_instance_uid collate "C", s.named_patient_id <> s.patient_id, n.issuer_of_patient_id collate "C",
       n.patient_id collate "C"
