-- worked with from: 0017
-- A file of the drop folder is copied into the archive, and its original is watched until nothing of it has changed for
-- DROP_HOLD_MS: one row for each that is. While there is one, the outcome of its file is not final.
create table held_original (
  -- Part of the name under which the original lies in a staging folder.
  key            text        primary key,
  source_file_id bigint      not null references source_file (id) on delete cascade,
  -- Of this delivery; the same bytes may have come before under another name.
  drop_name      text        not null,
  -- It does not begin as a file does, and came under the name of one that is held: perhaps its continuation, from a sender
  -- that opened the name again after the file had been taken.
  is_piece       boolean     not null default false,
  -- What it was put behind: should it go on growing, it is put there again.
  joined_to_id   bigint      references source_file (id) on delete set null,
  held_since     timestamptz not null default now()
);
create index held_original_piece on held_original (held_since) where is_piece;
create index held_original_by_file on held_original (source_file_id);
-- Names may be longer than a btree takes.
create index held_original_by_name on held_original using hash (drop_name);

alter table source_file
  -- The same file of its sender as it was later: it went on growing, or was changed, after these bytes were read.
  add column superseded_by_id bigint references source_file (id),
  -- ARCHIVE_MISSING or ARCHIVE_DAMAGED since somebody last looked; null when the archive holds what was received.
  add column archive_problem text,
  add column archive_problem_at timestamptz,
  -- When the same bytes came again and took the place of a damaged or missing file of the archive.
  add column archive_healed_at timestamptz,
  -- Too large to be read: it was moved aside as it was, and nobody knows its hash. archive_path says where it lies.
  alter column sha256 drop not null;
create index source_file_superseded on source_file (superseded_by_id) where superseded_by_id is not null;
create index source_file_archive_problem on source_file (id) where archive_problem is not null;
create unique index source_file_set_aside on source_file (archive_path) where sha256 is null;
-- The list of files that a person should look at.
create index source_file_listed on source_file (received_at, id)
  where state in ('refused', 'conflicted', 'failed') or archive_problem is not null;
create index source_file_listed_by_code on source_file (coalesce(archive_problem, reason_code), received_at, id)
  where state in ('refused', 'conflicted', 'failed') or archive_problem is not null;

-- Files that are being read at the moment, and those whose readers died: written before the bytes are, so that a file that
-- takes its process down is found out and not read for ever.
create table file_reading (
  source_file_id  bigint      primary key,
  begun           integer     not null default 1,
  reading_version text        not null,
  begun_at        timestamptz not null default now()
);
