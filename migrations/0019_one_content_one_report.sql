-- One instance, one content, whatever route it came by and however it was encoded on the way.
alter table source_file
  -- What the data set says without what encoding does to it (src/dicom/content-identity.ts); null for what is no report
  -- and for what an earlier release read.
  add column content_identity text check (content_identity ~ '^[0-9a-f]{64}$'),
  -- Moment of the analysis as in report: also of files whose report does not stand, so that the next one can be chosen.
  add column content_at       text,
  -- The file whose report stands and has the same content.
  add column duplicate_of_id  bigint references source_file (id),
  -- Which site mappings the last reading used: the highest revision among them; null before there were revisions.
  add column mapping_revision bigint,
  add column if not exists archive_problem text;
create index source_file_duplicates on source_file (duplicate_of_id) where duplicate_of_id is not null;

alter table source_file
  drop constraint source_file_state_check,
  add constraint source_file_state_check check (state in
    ('arriving', 'received', 'stored', 'refused', 'conflicted', 'duplicate', 'failed')) not valid,
  add constraint source_file_duplicate_check check ((state = 'duplicate') = (duplicate_of_id is not null)) not valid;
alter table source_file
  validate constraint source_file_state_check,
  validate constraint source_file_duplicate_check;

-- Each time that a file came: by which route and when. Of what came before this table was there, only
-- source_file.times_received knows.
create table arrival (
  id             bigint generated always as identity primary key,
  source_file_id bigint      not null references source_file (id) on delete cascade,
  route          text        not null check (route <> ''),
  arrived_at     timestamptz not null default now()
);
create index arrival_by_file on arrival (source_file_id);
