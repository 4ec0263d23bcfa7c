-- A file counts as received once it lies in the archive: an announced one that is still on its way has not come yet.
alter table source_file drop constraint source_file_times_received_check;
alter table source_file add constraint source_file_times_received_check check (times_received >= 0);
alter table source_file alter column times_received set default 0;
