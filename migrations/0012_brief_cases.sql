-- What a line of a list shows of a case, so that a page does not read and send the whole evidence of each.
alter table review_case add column brief jsonb generated always as
  (jsonb_path_query_array(evidence, '$.comparisons[0 to 1]') #- '{0,checks}' #- '{1,checks}') stored;
create index review_case_by_assignee_and_age on review_case (assignee, opened_at, id) where assignee is not null;
create index study_follow_up_demographics_by_kind on study_follow_up using gin (changed_demographics)
  where changed_demographics <> '{}';
