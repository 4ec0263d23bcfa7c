-- Pins are found through the studies of a patient, whoever's they were when they were set.
create index baseline_pin_by_study on baseline_pin (study_id) where retired_at is null;

-- What a cross-calibration judges.
create index comparison_by_cross_calibration on comparison (cross_calibration_id)
  where superseded_at is null and cross_calibration_id is not null;

-- The list of changes that the vendor printed otherwise, latest first.
drop index comparison_vendor_differs;
create index comparison_vendor_differs on comparison (follow_up_on, id) where superseded_at is null and not vendor_agrees;
