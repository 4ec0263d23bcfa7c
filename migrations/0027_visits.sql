-- worked with from: 0027
-- What one patient was scanned for on one day and one scanner, whatever it came in, with what its metadata shows and the
-- information beside its cases; written with every judgement. One row a visit, under the first of its studies.
create table visit (
  study_id         bigint primary key references study (id),
  patient_id       bigint not null references patient (id),
  scanned_on       date   not null,
  -- Empty where the visit has no value.
  scanner_key      text   not null,
  study_ids        bigint[] not null check (study_ids <> '{}'),
  -- Codes of the remarks that are work for the QA list.
  findings         text[] not null,
  -- Every line about the visit: {code, kind, subject, says, facts}.
  remarks          jsonb  not null,
  -- A draft of the follow-up report, for the reader.
  report           text   not null default '',
  rule_set_version text   not null,
  check (study_id = any(study_ids))
);
create index visit_by_patient on visit (patient_id);
create index visit_with_findings on visit (scanned_on, study_id) where findings <> '{}';
create index visit_with_findings_by_scanner on visit (scanner_key, scanned_on, study_id) where findings <> '{}';
create index visit_findings_by_code on visit using gin (findings) where findings <> '{}';

-- A case belongs to a visit: to every study of it, so that it is found whichever of them is left.
alter table review_case
  add column study_ids bigint[],
  -- Which case of the visit it is: rules of which one names a case share it.
  add column case_key  text,
  -- The tab of the worklist.
  add column topic     text check (topic in ('loss', 'discordance', 'technical'));
update review_case
   set study_ids = array[follow_up_study_id],
       topic = case when rule in ('D4_TOTAL_HIP_AGAINST_NECK', 'D6_VERTEBRAL_OUTLIER', 'D6_NEW_T_SCORE_GAP', 'D7_AREA_DRIVEN',
                      'D10_CLASS_SHIFT_NOT_SIGNIFICANT', 'D10_CLASS_AGAINST_BMD') then 'technical' else 'discordance' end,
       case_key = case when rule in ('D1_SPINE_UP_HIP_DOWN', 'D2_SPINE_DOWN_HIP_UP') then 'spine_hip_or_loss'
                       when rule = 'D10_CLASS_AGAINST_BMD' then 'scores_against_bmd'
                       when rule in ('D4_TOTAL_HIP_AGAINST_NECK', 'D6_VERTEBRAL_OUTLIER', 'D6_NEW_T_SCORE_GAP', 'D7_AREA_DRIVEN')
                         then rule || ' ' || region_pair
                       else rule end;
-- No release wrote two such cases; should a database hold them, both keep their place until they are judged again.
update review_case c
   set case_key = c.case_key || ' ' || c.id
 where c.flagged and exists (select 1 from review_case o where o.follow_up_study_id = c.follow_up_study_id and o.flagged
                                and o.case_key = c.case_key and o.id < c.id);
alter table review_case
  alter column study_ids set not null,
  alter column case_key set not null,
  alter column topic set not null,
  add check (follow_up_study_id = any(study_ids)),
  drop constraint review_case_patient_id_follow_up_study_id_rule_region_pair_key,
  drop constraint review_case_follow_up_study_id_rule_region_pair_key,
  drop constraint review_case_disposition_check,
  add constraint review_case_disposition_check check (disposition in ('technical_error', 'artefact', 'true_discordance',
    'expected_treatment_effect', 'weight_change', 'rescan_requested', 'other', 'true_loss', 'same_person', 'other_person'));
-- The rules see at most one case of a kind at a visit; what they do not see any more stays as it was decided.
create unique index review_case_of_visit on review_case (follow_up_study_id, case_key) where flagged;
create index review_case_by_topic on review_case (topic, priority, id);

comment on column review_case.follow_up_study_id is 'The study of the visit under which the case was opened.';
comment on column review_case.study_ids is 'Every study of the visit, as of the last judgement that saw the case.';

-- What is looked for at a visit has changed: every patient is judged again.
update patient set revision = revision + 1;
