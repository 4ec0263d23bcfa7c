-- worked with from: 0017
-- Why an LSC was filed although it is implausible (clinical-rules R1.12); null where it is plausible.
alter table least_significant_change add column despite text check (despite <> '');
-- The second scan of a person on the later scanner, after ISCD's design of one scan on the old and two on the new.
alter table cross_calibration_pair add column to_bmd_2_g_per_cm2 numeric(7,6);
