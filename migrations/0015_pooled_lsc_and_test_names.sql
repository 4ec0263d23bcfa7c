-- A technologist's own LSC stands beside the pooled one of the site instead of in its place, and judges nobody (R1.6).
drop index least_significant_change_in_force;
create unique index least_significant_change_in_force on least_significant_change
  (scanner_key, region, vertebrae, laterality, valid_from, operator) where retired_at is null;

-- Whom such an LSC has judged is judged again. A pooled one that was retired for it stays retired: what somebody signed is
-- not undone here, and importing it again puts it on file anew.
update patient p set revision = p.revision + 1
 where exists (
   select 1 from study s join report r on r.study_id = s.id join scanner c on c.id = r.scanner_id
     join least_significant_change l on l.scanner_key = c.identity_key
    where s.patient_id = p.id and l.operator <> '' and l.retired_at is null);

-- Names come as "TEST^PATIENT" or, from some systems, as "TEST, PATIENT". Where the site has retired the default, it stays so.
with widened as (
  update phantom_pattern set pattern = '^(test|dummy)[\^, ]*(patient|person)?$'
   where pattern = '^(test|dummy)[\^ ]*(patient|person)?$' and author = 'dxaflow' and retired_at is null
     and not exists (select 1 from phantom_pattern o
                      where o.pattern = '^(test|dummy)[\^, ]*(patient|person)?$' and o.retired_at is null)
  returning pattern)
update patient p set revision = p.revision + 1
 where not p.is_phantom and exists (
   select 1 from widened w join study s on s.patient_id = p.id join report r on r.study_id = s.id
     join patient n on n.id = s.named_patient_id
    where r.patient_name ~* w.pattern or n.patient_id ~* w.pattern);
