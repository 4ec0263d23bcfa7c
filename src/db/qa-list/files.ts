import { CONSISTENCY_CODES } from '../../dxa/scan/consistency.ts';
import { equals, from, type ListDefinition, to } from './definition.ts';

/** What is the matter with the archived bytes goes before what the file says. */
const REASON = 'coalesce(c.archive_problem, c.reason_code)';

/** Files of which no value was stored, and those that the archive has lost. */
export const FILES: ListDefinition = {
  name: 'files',
  title: 'Refused and conflicted files',
  from: 'source_file c',
  id: 'c.id',
  belongs: `(c.state in ('refused', 'conflicted', 'failed') or c.archive_problem is not null)`,
  filters: {
    from: from('c.received_at'),
    to: to('c.received_at'),
    state: equals('c.state'),
    reason: equals(REASON),
  },
  ofScanner: null,
  sorts: { date: { expression: 'c.received_at', type: 'timestamptz' } },
  defaultSort: '-date',
  groupBy: REASON,
  select: `c.id::text, c.state, ${REASON} as reason, c.reason_path as "path", c.reason_facts as facts,
    c.drop_name as "dropName", c.byte_count::text as "byteCount", c.times_received as "timesReceived",
    c.received_at as "receivedAt", c.reader_version as "readerVersion", c.sha256,
    exists (select 1 from held_original h where h.source_file_id = c.id) as "mayStillGrow"`,
  joins: '',
};

const quoted = (codes: readonly string[]) => codes.map((code) => `'${code}'`).join(', ');

const findings = (name: 'unmapped' | 'consistency', title: string, codes: readonly string[]): ListDefinition => ({
  name,
  title,
  from: 'finding c',
  id: 'c.id',
  // Findings of a report that is out of use need no work.
  belongs: `c.code in (${quoted(codes)})
    and not exists (select 1 from stored_report u where u.source_file_id = c.source_file_id and u.out_of_use)`,
  filters: { from: from('c.found_at'), to: to('c.found_at'), reason: equals('c.code') },
  ofScanner: (asked) => `c.scanner_key ${asked}`,
  sorts: { date: { expression: 'c.found_at', type: 'timestamptz' } },
  defaultSort: '-date',
  groupBy: 'c.code',
  select: `c.id::text, c.code as reason, c.path, c.facts, c.found_at as "foundAt", f.id::text as "sourceFileId",
    f.drop_name as "dropName", p.id::text as "patientKey", p.patient_id as "patientId", left(r.scanned_at, 10) as "scannedOn",
    d.institution_name as institution, d.model_name as "modelName", d.device_serial_number as "deviceSerialNumber"`,
  joins: `join source_file f on f.id = c.source_file_id left join report r on r.source_file_id = f.id
    left join study s on s.id = r.study_id left join patient p on p.id = s.patient_id
    left join scanner d on d.id = r.scanner_id`,
});

const UNKNOWN = findings('unmapped', 'Unmapped concepts', [
  'UNKNOWN_MEASURE',
  'UNKNOWN_REGION',
  'UNKNOWN_SCAN',
  'UNIT_NOT_SUPPORTED',
]);

/** Words of a file that no mapping knows: what they label is not in the database. A unit that is not there is no word. */
export const UNMAPPED: ListDefinition = {
  ...UNKNOWN,
  belongs: `${UNKNOWN.belongs} and (c.code <> 'UNIT_NOT_SUPPORTED' or c.facts ->> 'label' <> '' or c.facts ->> 'value' <> '')`,
  select: UNKNOWN.select.replace(
    'c.path,',
    `case c.code when 'UNKNOWN_SCAN' then 'scan' when 'UNKNOWN_REGION' then 'region' when 'UNIT_NOT_SUPPORTED' then 'unit'
      else 'measure' end as kind, c.path,`,
  ),
};

/** Results that contradict each other. */
export const CONSISTENCY = findings('consistency', 'Consistency findings', Object.keys(CONSISTENCY_CODES));
