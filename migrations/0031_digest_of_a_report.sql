-- worked with from: 0017
-- What a report says as one number: SHA-256 of everything that is stored of it, without the versions of what read it and
-- without times. A night that reads a file again and comes to the same number has nothing to write. Null where an
-- earlier release stored the report, or where what is stored was changed in its place: the next reading then stores it anew.
alter table stored_report add column digest bytea check (octet_length(digest) = 32);
comment on column stored_report.digest is
  'SHA-256 of what is stored of the report: header, values, claims and findings, not versions and times (src/db/records/report-row.ts); null when unknown.';

-- Whoever changes what is stored without giving a digest of it takes the digest away: code of an earlier release, a repair
-- by hand. Findings that are only added are found by their number (src/db/night/confirm-reports.sql).
create function forget_digest() returns trigger language plpgsql as $$
begin
  new.digest := null;
  return new;
end $$;
create trigger stored_report_changed before update of source_file_id, sop_instance_uid, study_id, scanner_id,
    series_instance_uid, vendor, scanned_at, content_at, accession_number, study_description, patient_name, sex, birth_date,
    ethnic_group, height_m, weight_kg, software_versions, site_mapping_ids, scan_date_doubted, performed_procedure_id,
    performed_procedure, performed_procedure_codes, acf, bcf on stored_report
  for each row when (new.digest is not distinct from old.digest) execute function forget_digest();

create function forget_digest_of_report() returns trigger language plpgsql as $$
begin
  update stored_report set digest = null where id = old.report_id and digest is not null;
  return null;
end $$;
create trigger report_values_changed after update or delete on report_values
  for each row execute function forget_digest_of_report();
create trigger vendor_claim_changed after update or delete on vendor_claim
  for each row execute function forget_digest_of_report();

create function forget_digest_of_file() returns trigger language plpgsql as $$
begin
  update stored_report set digest = null where source_file_id = old.source_file_id and digest is not null;
  return null;
end $$;
create trigger finding_changed after update or delete on finding
  for each row execute function forget_digest_of_file();
