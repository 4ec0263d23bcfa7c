-- What the judgement at hand has just replaced: without these, a night's report walks through the whole table a patient.
create index comparison_superseded on comparison (patient_id, superseded_at) where superseded_at is not null;
create index trend_superseded on trend (patient_id, superseded_at) where superseded_at is not null;
