-- A list of every case, whatever its state, strongest first.
create index review_case_by_priority on review_case (priority, id);

-- The scanner of a finding stands beside it: looked up through the report of its file, a rare scanner's findings cost a
-- walk through all findings. Files of which nothing was stored have none.
alter table finding add column scanner_key text;
update finding f set scanner_key = d.identity_key
  from report r join scanner d on d.id = r.scanner_id where r.source_file_id = f.source_file_id;
create index finding_by_scanner on finding (scanner_key, found_at, id) where scanner_key is not null;
