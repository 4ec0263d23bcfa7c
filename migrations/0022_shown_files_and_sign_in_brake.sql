-- worked with from: 0017
-- Pages also show patient text of files that have no report: a refused file's tree holds a name as a stored one's does.
alter table access_log add column file_ids bigint[] not null default '{}';
create index access_log_by_file on access_log using gin (file_ids) where file_ids <> '{}';

-- Tries that have had their time are swept by it.
create index sign_in_attempt_by_start on sign_in_attempt (started_at);
