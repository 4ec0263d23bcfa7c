import { from, type ListDefinition, to } from './definition.ts';

const REASON = `'REJECTION_' || upper(c.status)`;

/** One row an instance that a rejection note names, with what became of it. */
export const REJECTIONS: ListDefinition = {
  name: 'rejections',
  title: 'Instances that rejection notes name',
  from: 'rejection_target c',
  id: 'c.id',
  belongs: 'true',
  filters: {
    from: from('c.status_since'),
    to: to('c.status_since'),
    // By the column itself, for its index.
    reason: (text, bind) => `c.status = ${bind(text.replace(/^REJECTION_/, '').toLowerCase())}`,
  },
  ofScanner: null,
  sorts: { date: { expression: 'c.status_since', type: 'timestamptz' } },
  defaultSort: '-date',
  groupBy: REASON,
  select: `c.id::text, ${REASON} as reason, n.title, p.id::text as "patientKey", coalesce(p.patient_id, n.patient_id) as "patientId",
    left(r.scanned_at, 10) as "scannedOn", c.sop_instance_uid as "sopInstanceUid",
    coalesce(s.study_instance_uid, c.study_instance_uid) as "studyInstanceUid", c.status_since as since,
    r.source_file_id::text as "instanceFileId", f.id::text as "sourceFileId", f.drop_name as "dropName",
    f.received_at as "receivedAt"`,
  joins: `join rejection_note n on n.id = c.rejection_note_id join source_file f on f.id = n.source_file_id
    left join stored_report r on r.sop_instance_uid = c.sop_instance_uid
    left join study s on s.id = r.study_id left join patient p on p.id = s.patient_id`,
};
