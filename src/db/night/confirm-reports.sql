-- Confirms that reports on record are what reading their files again gives: notes what read them now, and nothing else.
-- A patient is taken as a whole: where one of the files given is not confirmed, none of that patient is. Returns the
-- patients who are. A report is only confirmed where storing it again would leave every row as it is:
--   its digest is the same, and it has as many findings as reading makes (one that was kept although a later reading
--   failed has one more);
--   the file stands for its instance, and no other file claims it but duplicates that are called so;
--   no rejection note and no person has said anything of the instance, and it is judged with whom it would be stored for;
--   it was read with the site mappings in force.
-- Run it after `lockInstances` and `holdFiles`, in the same transaction.
-- Every parameter but :write has an element a report:
--   :patient_id, :file_id    text[]  row ids, of the patient whom it is judged with and of its file
--   :digest                  text[]  in hexadecimal digits
--   :findings                text[]  how many reading makes
--   :content_identity, :mapping_revision, :sop_instance_uid, :adapter_version, :reader_version  text[]  as when stored
--   :write                   boolean  false: only says who would be confirmed
with given as materialized (
  select g.patient_id::bigint, g.file_id::bigint, decode(g.digest, 'hex') as digest, g.findings::bigint,
         g.content_identity, g.mapping_revision::bigint, g.sop_instance_uid, g.adapter_version, g.reader_version
    from unnest(:patient_id, :file_id, :digest, :findings, :content_identity, :mapping_revision, :sop_instance_uid,
                :adapter_version, :reader_version)
      as g (patient_id, file_id, digest, findings, content_identity, mapping_revision, sop_instance_uid,
            adapter_version, reader_version)),
same as materialized (
  select g.*, r.id as report_id
    from given g
    join source_file f on f.id = g.file_id
    join stored_report r on r.source_file_id = g.file_id
    join study s on s.id = r.study_id
    join patient n on n.id = s.named_patient_id
   where r.digest = g.digest and not r.out_of_use
     and r.sop_instance_uid = g.sop_instance_uid and f.sop_instance_uid = g.sop_instance_uid
     and f.state = 'stored' and f.reason_code is null and f.superseded_by_id is null
     and f.content_identity = g.content_identity and f.content_at = r.content_at
     and s.patient_id = g.patient_id and s.patient_id = coalesce(n.merged_into_id, n.id)
     and (select count(*) from finding e where e.source_file_id = f.id) = g.findings
     and not exists (
       select 1 from source_file o
        where o.sop_instance_uid = g.sop_instance_uid and o.id <> f.id
          and (o.state <> 'duplicate' or o.duplicate_of_id <> f.id or o.content_identity is distinct from f.content_identity))
     and not exists (select 1 from rejection_target t where t.sop_instance_uid = g.sop_instance_uid)
     and not exists (select 1 from rejection_note t where t.sop_instance_uid = g.sop_instance_uid)
     and not exists (select 1 from instance_decision d where d.sop_instance_uid = g.sop_instance_uid and d.retired_at is null)
     and (g.mapping_revision is null or g.mapping_revision = (
\ir ../registry/mapping-revision.sql
         ))),
confirmed as materialized (
  select g.patient_id from given g left join same c on c.file_id = g.file_id
   group by g.patient_id having bool_and(c.file_id is not null)),
noted_report as (
  update stored_report r set adapter_version = c.adapter_version, reader_version = c.reader_version, stored_at = now()
    from same c where :write and r.id = c.report_id and c.patient_id in (select patient_id from confirmed)),
noted_file as (
  update source_file f set mapping_revision = c.mapping_revision, reader_version = c.reader_version,
         attempts = f.attempts + 1, processed_at = now()
    from same c where :write and f.id = c.file_id and c.patient_id in (select patient_id from confirmed))
select patient_id::text as "patientId" from confirmed
