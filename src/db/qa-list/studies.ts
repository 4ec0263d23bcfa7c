import { type Bind, equals, from, type ListDefinition, type ListName, to } from './definition.ts';

const studies = (name: ListName, title: string, belongs: string): ListDefinition => ({
  name,
  title,
  from: 'study_follow_up c',
  id: 'c.study_id',
  belongs,
  filters: {
    from: from('c.scanned_on'),
    to: to('c.scanned_on'),
    ...(name === 'demographics'
      ? { reason: (text: string, bind: Bind) => `c.changed_demographics @> array[${bind(text)}]` }
      : {}),
  },
  ofScanner: (asked) => `c.scanner_key ${asked}`,
  sorts: {
    date: { expression: 'c.scanned_on', type: 'date' },
    ...(name === 'demographics' ? {} : { interval: { expression: 'c.interval_days', type: 'integer' } as const }),
  },
  defaultSort: '-date',
  groupBy: 'c.scanner_key',
  select: `c.study_id::text as id, p.id::text as "patientKey", p.patient_id as "patientId", c.scanned_on as "scannedOn",
    c.previous_on as "previousOn", c.interval_days as "intervalDays", c.compared,
    c.changed_demographics as "changedDemographics", d.institution_name as institution, d.model_name as "modelName",
    d.device_serial_number as "deviceSerialNumber", s.study_instance_uid as "studyInstanceUid"`,
  joins: `join patient p on p.id = c.patient_id join study s on s.id = c.study_id
    left join scanner d on d.identity_key = c.scanner_key`,
});

/** An earlier study of the same regions is there, and still no change is known in figures. */
export const UNCOMPARED = studies(
  'uncompared',
  'Studies without a comparison although a prior exists',
  'c.previous_study_id is not null and not c.compared',
);

export const SHORT_INTERVALS = studies('short-intervals', 'Short intervals', 'c.short_interval');

/** Sex, birth date, ethnic group, height or weight differ from the study before. */
export const DEMOGRAPHICS = studies('demographics', 'Changed demographics', `c.changed_demographics <> '{}'`);

/** Studies whose reports contradict each other or later reports, or that name two patients. */
export const HISTORY: ListDefinition = {
  name: 'history',
  title: 'Contradictions between reports',
  from: 'history_finding c',
  id: 'c.id',
  belongs: 'true',
  filters: { from: from('c.found_at'), to: to('c.found_at'), reason: equals('c.code') },
  ofScanner: null,
  sorts: { date: { expression: 'c.found_at', type: 'timestamptz' } },
  defaultSort: '-date',
  groupBy: 'c.code',
  select: `c.id::text, c.code as reason, c.subject as path, c.facts, c.found_at as "foundAt", p.id::text as "patientKey",
    p.patient_id as "patientId", s.study_instance_uid as "studyInstanceUid"`,
  joins: 'join patient p on p.id = c.patient_id join study s on s.id = c.study_id',
};
