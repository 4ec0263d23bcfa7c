-- Writes a person's decision on a case (assigned, resolved, reopened) with its event; gives the case's new version.
--   :case_id      bigint        row id of the case, which is locked
--   :actor        text          the person
--   :event        text          what the person did
--   :detail       jsonb         what belongs to it
--   :state        text          the case's state from now on
--   :assignee     text or null  whose case it is
--   :disposition  text or null  what was decided; null unless it is resolved
--   :resolved_by  text or null  who resolved it; null takes that back
--   :reopened     boolean       counts as one more time
with changed as (
  update review_case
     set version = version + 1, updated_at = now(), state = :state, assignee = :assignee, disposition = :disposition,
         resolved_by = :resolved_by, resolved_at = case when :resolved_by is not null then now() end,
         times_reopened = times_reopened + :reopened::int, withdrawn_reason = null
   where id = :case_id
  returning id, version)
insert into review_case_event (review_case_id, actor, actor_kind, event, detail, case_version)
select id, :actor, 'person', :event, :detail, version from changed
returning case_version as version
