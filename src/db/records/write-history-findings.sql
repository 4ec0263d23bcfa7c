-- Writes what the reports of a patient say against each other in place of what was written before, and whether the patient
-- is a phantom; takes the studies that are not judged out of the follow-ups. Any other patient named by a contested study is to be
-- judged again, once.
--   :patient_id        bigint    row id of the patient
--   :findings          jsonb     a list of {studyId, code, subject, facts}
--   :judged_study_ids  bigint[]  row ids of the studies that are judged
--   :is_phantom        boolean   a phantom or a test: none of the studies is judged
with n as (
  select "studyId" as study_id, code, subject, coalesce(facts, '{}') as facts
    from jsonb_to_recordset(:findings) as n ("studyId" bigint, code text, subject text, facts jsonb)),
gone as (
  delete from history_finding h
   where h.patient_id = :patient_id
     and not exists (select 1 from n where n.study_id = h.study_id and n.code = h.code and n.subject = h.subject)),
written as (
  insert into history_finding as h (patient_id, study_id, code, subject, facts)
  select :patient_id, study_id, code, subject, facts from n
  on conflict (patient_id, study_id, code, subject) do update set facts = excluded.facts where h.facts <> excluded.facts),
others as (
  select o.patient_id as id
    from n join study s on s.id = n.study_id
           join study o on o.study_instance_uid = s.study_instance_uid and o.patient_id <> s.patient_id
   where n.code = 'STUDY_OF_TWO_PATIENTS'
     and not exists (select 1 from history_finding h where h.patient_id = o.patient_id and h.code = n.code
                        and h.study_id in (select x.id from study x where x.study_instance_uid = s.study_instance_uid))),
-- Their own judgement may be about to mark this patient in turn.
held as materialized (
  select p.id from patient p where p.id = :patient_id or p.id in (select id from others) order by p.id for no key update),
held_lines as materialized (
  select f.study_id from study_follow_up f where f.patient_id = :patient_id and f.study_id <> all(:judged_study_ids)
   order by f.study_id for update),
unjudged as (delete from study_follow_up f using held_lines l where f.study_id = l.study_id)
update patient p
   set revision = p.revision + case when p.id in (select id from others) then 1 else 0 end,
       is_phantom = case when p.id = :patient_id then :is_phantom else p.is_phantom end
  from held
 where p.id = held.id and (p.id <> :patient_id or p.is_phantom <> :is_phantom)
