import { notKnownCodes } from '../not-known.ts';
import { equals, from, type ListDefinition, to } from './definition.ts';

const PAIR = `c.id::text, p.id::text as "patientKey", p.patient_id as "patientId", c.kind, c.region, c.vertebrae, c.laterality,
  c.reference_on as "referenceOn", c.follow_up_on as "followUpOn", c.reference_bmd_g_per_cm2 as "referenceBmdGramsPerCm2",
  c.follow_up_bmd_g_per_cm2 as "followUpBmdGramsPerCm2", c.delta_g_per_cm2 as "deltaGramsPerCm2",
  d.institution_name as "institution", d.model_name as "modelName", d.device_serial_number as "deviceSerialNumber",
  s.study_instance_uid as "studyInstanceUid", ${notKnownCodes('c.checks')} as "notKnown"`;

const JOINS = `join patient p on p.id = c.patient_id join study s on s.id = c.follow_up_study_id
  left join scanner d on d.identity_key = c.follow_up_scanner_key`;

const COMMON = {
  from: 'comparison c',
  id: 'c.id',
  ofScanner: (asked) => `c.follow_up_scanner_key ${asked}`,
  sorts: { date: { expression: 'c.follow_up_on', type: 'date' } },
  defaultSort: '-date',
  joins: JOINS,
} as const satisfies Partial<ListDefinition>;

const FILTERS = {
  from: from('c.follow_up_on'),
  to: to('c.follow_up_on'),
  region: equals('c.region'),
} as const;

/** Changes that cannot be called significant, because a day has no LSC on file, or a cross-calibration lacks figures. */
export const WITHOUT_LSC: ListDefinition = {
  ...COMMON,
  joins: `${JOINS}
  left join lateral (select x ->> 'code' as code from jsonb_array_elements(c.checks) x where x ->> 'rule' = 'C16' limit 1) w on true`,
  name: 'lsc',
  title: 'No LSC, or none for both days',
  belongs: `c.superseded_at is null and c.verdict = 'provisional'`,
  monitored: 'c.region',
  filters: FILTERS,
  groupBy: 'c.region',
  // What the judgement noted of a cross-calibration; else whether there is an LSC for the region at all: then it has ended.
  select: `${PAIR},
    case when w.code like 'CROSS_CALIBRATION_%' then w.code
         when exists (select 1 from least_significant_change l
                       where l.scanner_key = c.follow_up_scanner_key and l.region = c.region and l.vertebrae = c.vertebrae
                         and (l.laterality = c.laterality or (l.laterality = 'any' and c.laterality in ('left', 'right')))
                         and l.operator = '' and l.retired_at is null)
         then 'LSC_NOT_IN_FORCE' else 'NO_LSC' end as reason`,
};

/** Pairs that a rule blocks, with every rule that does. */
export const NOT_COMPARABLE: ListDefinition = {
  ...COMMON,
  name: 'not-comparable',
  title: 'Pairs that cannot be compared',
  belongs: `c.superseded_at is null and c.verdict = 'not_comparable'`,
  monitored: 'c.region',
  filters: { ...FILTERS, reason: equals('c.block_code') },
  groupBy: 'c.block_code',
  select: `${PAIR}, c.block_code as reason,
    array(select x ->> 'code' from jsonb_array_elements(c.checks) x where x ->> 'outcome' = 'block') as reasons`,
};

/** Changes that the vendor's software printed otherwise, beyond rounding (E16): another reference, or analysed again since. */
export const VENDOR_DIFFERS: ListDefinition = {
  ...COMMON,
  name: 'vendor-change',
  title: "The vendor's change differs from ours",
  belongs: 'c.superseded_at is null and not c.vendor_agrees',
  filters: FILTERS,
  groupBy: 'c.region',
  select: `${PAIR}, 'VENDOR_CHANGE_DIFFERS' as reason, c.delta_percent as "deltaPercent",
    array(select jsonb_array_elements_text(c.vendor_change -> 'deltas')) as "vendorDeltas",
    array(select jsonb_array_elements_text(c.vendor_change -> 'percents')) as "vendorPercents"`,
};
