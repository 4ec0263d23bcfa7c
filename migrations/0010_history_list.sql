-- Lists are read in pages by order and id.
alter table history_finding add column id bigint generated always as identity unique;
create index history_finding_by_time on history_finding (found_at, id);
create index history_finding_by_code_and_time on history_finding (code, found_at, id);
drop index history_finding_by_code;
