-- Everything that the judgement of one patient looks at, and what is already written of it, as of one moment: one row.
-- Ids are text and ordered by what they say, so that the arrival of rows means nothing.
--   :patient_id  bigint  row id of the patient
with scanners as materialized (
  select distinct c.identity_key
    from study s join report r on r.study_id = s.id join scanner c on c.id = r.scanner_id where s.patient_id = :patient_id)
select p.revision::text,
  (select coalesce(max(v.id), 0)::text from setting v) as "settingsVersion",
  coalesce((select json_object_agg(v.name, v.value)
      from (select distinct on (name) name, value from setting order by name, id desc) v
     where v.value is not null), '{}') as "storedSettings",
  coalesce((select jsonb_agg(jsonb_build_object('lscId', l.id::text, 'scannerId', l.scanner_key, 'region', l.region,
        'vertebrae', l.vertebrae, 'laterality', l.laterality, 'leastSignificantChange', l.lsc_g_per_cm2::text,
        'confidenceLevel', l.confidence_level, 'precisionErrorUpper', l.precision_error_upper_g_per_cm2::text,
        'degreesOfFreedom', l.degrees_of_freedom, 'validFrom', l.valid_from, 'validTo', l.valid_to,
        'source', l.source) order by l.id)
      from least_significant_change l
     -- A technologist's own LSC is on file for comparison; the pooled one of the site judges (R1.6).
     where l.retired_at is null and l.operator = '' and l.scanner_key in (select identity_key from scanners)), '[]') as "lscEntries",
  coalesce((select jsonb_agg(jsonb_build_object('crossCalibrationId', x.id::text, 'fromScannerId', x.from_scanner_key,
        'toScannerId', x.to_scanner_key, 'region', x.region, 'vertebrae', x.vertebrae, 'laterality', x.laterality,
        'slope', x.slope, 'intercept', x.intercept_g_per_cm2,
        'standardErrorOfEstimate', x.standard_error_of_estimate_g_per_cm2, 'n', x.n, 'meanFrom', x.mean_from_g_per_cm2,
        'sumOfSquaresFrom', x.sum_of_squares_from, 'minFrom', x.min_from_g_per_cm2, 'maxFrom', x.max_from_g_per_cm2,
        'validFrom', x.valid_from, 'validTo', x.valid_to) order by x.id)
      from cross_calibration x
     where x.retired_at is null and x.to_scanner_key in (select identity_key from scanners)
       and x.from_scanner_key in (select identity_key from scanners)), '[]') as "crossCalibrations",
  coalesce((select jsonb_agg(jsonb_build_object('epochId', e.id::text, 'scannerId', e.scanner_key,
        'startsOn', e.starts_on, 'reason', e.reason) order by e.id)
      from scanner_epoch e
     where e.retired_at is null and e.scanner_key in (select identity_key from scanners)), '[]') as "scannerEpochs",
  -- Pins go where their study goes; after a merge the one that was set last stands. One study can have several rows.
  coalesce((select jsonb_agg(jsonb_build_object('studyId', t.id::text, 'region', b.region,
        'laterality', b.laterality) order by b.region, b.laterality, t.study_instance_uid)
      from (select distinct on (b.region, b.laterality) b.region, b.laterality, s.study_instance_uid
              from study s join baseline_pin b on b.study_id = s.id and b.retired_at is null
             where s.patient_id = p.id order by b.region, b.laterality, b.id desc) b
      join study t on t.study_instance_uid = b.study_instance_uid and t.patient_id = p.id), '[]') as "pinnedBaselines",
  -- Cases go where their study goes, and are moved by the judgement that this is read for.
  coalesce((select jsonb_agg(jsonb_build_object('studyId', x.id::text, 'answer', c.disposition) order by c.id, x.id)
      from review_case c, unnest(c.study_ids) as x (id)
     where c.state = 'resolved' and c.disposition in ('same_person', 'other_person')
       and c.id in (select o.id from review_case o where o.patient_id = p.id
                    union select o.id from study s join review_case o on o.follow_up_study_id = s.id where s.patient_id = p.id)),
    '[]') as "identityAnswers",
  coalesce((select jsonb_agg(jsonb_build_object('kind', v.kind, 'region', v.region, 'vertebrae', v.vertebrae,
        'laterality', v.laterality, 'date', v.claimed_on, 'value', v.value::text, 'rawText', v.raw_text,
        'rawUnit', v.raw_unit, 'source', r.sop_instance_uid || '#' || v.tree_path)
        order by r.sop_instance_uid, v.tree_path)
      from study s join report r on r.study_id = s.id join vendor_claim v on v.report_id = r.id
     where s.patient_id = p.id and v.kind <> 'prior_bmd' and v.claimed_on is not null
       and v.value is not null), '[]') as claims,
  coalesce((select jsonb_agg(jsonb_build_object('scanType', v.scan_type, 'region', v.region, 'vertebrae', v.vertebrae,
        'laterality', v.laterality, 'date', v.claimed_on, 'value', v.value::text, 'rawUnit', v.raw_unit,
        'scannerId', case when c.identified then c.identity_key end, 'sopInstanceUid', r.sop_instance_uid,
        'shownOn', left(r.scanned_at, 10)))
      from study s join report r on r.study_id = s.id join vendor_claim v on v.report_id = r.id
      join scanner c on c.id = r.scanner_id
     where s.patient_id = p.id and v.kind = 'prior_bmd' and v.claimed_on is not null
       and v.value is not null), '[]') as "priorClaims",
  coalesce((select jsonb_agg(jsonb_build_object('studyId', s.id::text, 'sopInstanceUid', r.sop_instance_uid) order by r.sop_instance_uid)
      from study s join stored_report r on r.study_id = s.id and r.out_of_use where s.patient_id = p.id), '[]') as "outOfUse",
  array(select c.content_hash from comparison c where c.patient_id = p.id and c.superseded_at is null) as "comparisonHashes",
  array(select t.content_hash from trend t where t.patient_id = p.id and t.superseded_at is null) as "trendHashes",
  exists (select 1 from review_case c where c.patient_id = p.id)
    or exists (select 1 from study s join review_case c on c.follow_up_study_id = s.id where s.patient_id = p.id) as "hasCases",
  exists (select 1 from study s join comparison c on c.follow_up_study_id = s.id and c.superseded_at is null
           where s.patient_id = p.id and c.patient_id <> p.id)
    or exists (select 1 from study s join trend t on t.follow_up_study_id = s.id and t.superseded_at is null
           where s.patient_id = p.id and t.patient_id <> p.id) as "hasStrayRows",
  exists (select 1 from history_finding h where h.patient_id = p.id) as "hasFindings",
  p.is_phantom as "isPhantom",
  json_build_object('ruleSet', p.assessed_rule_set, 'upToDate', p.assessed_revision >= p.revision,
    'settingsVersion', p.assessed_settings_version::text) as before,
  coalesce((select json_agg(json_build_object('studyId', f.study_id::text, 'ruleSetVersion', f.rule_set_version,
        'scannedOn', f.scanned_on, 'scannerKey', f.scanner_key, 'previousStudyId', f.previous_study_id::text,
        'previousOn', f.previous_on, 'intervalDays', f.interval_days, 'shortInterval', f.short_interval,
        'compared', f.compared, 'changedDemographics', f.changed_demographics))
      from study_follow_up f where f.patient_id = p.id), '[]') as "followUps",
  coalesce((select json_agg(json_build_object('studyId', v.study_id::text, 'ruleSetVersion', v.rule_set_version,
        'scannedOn', v.scanned_on, 'scannerId', v.scanner_key, 'studyIds', v.study_ids::text[], 'remarks', v.remarks,
        'report', v.report)) from visit v where v.patient_id = p.id), '[]') as visits,
  coalesce((select json_agg(row_to_json(h)) from (
\ir ../records/patient-history.sql
    ) h), '[]') as history
  from patient p where p.id = :patient_id
