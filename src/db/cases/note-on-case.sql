-- Writes what a person did to a case without deciding it (a comment, a tick); gives the case's new version.
--   :case_id  bigint  row id of the case, which is locked
--   :actor    text    the person
--   :event    text    what the person did
--   :detail   jsonb   what belongs to it
with changed as (
  update review_case set version = version + 1, updated_at = now() where id = :case_id returning id, version)
insert into review_case_event (review_case_id, actor, actor_kind, event, detail, case_version)
select id, :actor, 'person', :event, :detail, version from changed
returning case_version as version
