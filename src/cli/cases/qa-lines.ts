import { formatRegion, roundDecimal, signedDecimal } from '../../codes/wording.ts';
import type { ListedCase } from '../../db/cases/review-case.ts';
import type { ListName, ListRow } from '../../db/qa-list/definition.ts';

/** One line of a list; the same columns in every format. A number stays a number for a spreadsheet. */
export type Line = Readonly<Record<string, string | number>>;

/** One line per case with what a reader needs first. */
export function caseLine(found: ListedCase): Line {
  const changes = found.evidence.comparisons.slice(0, 2).map((comparison) => ({
    region: formatRegion(comparison.region, comparison.vertebrae, comparison.laterality),
    from: comparison.reference.scannedOn,
    delta: signedDecimal(comparison.deltaGramsPerCm2, 3),
    percent: signedDecimal(comparison.deltaPercent, 1),
    lsc: roundDecimal(comparison.lscGramsPerCm2, 3),
  }));
  const line: Record<string, string> = {
    case: found.id,
    rule: found.rule,
    topic: found.topic,
    tier: found.tier,
    state: found.state,
    patient_id: found.patientId,
    follow_up: found.followUpOn,
    strength: found.strength.toFixed(2),
  };
  for (const [index, change] of changes.entries()) {
    for (const [name, value] of Object.entries(change)) line[`${name}_${index + 1}`] = value;
  }
  return {
    ...line,
    assignee: found.assignee ?? '',
    disposition: found.disposition ?? '',
    opened: found.openedAt.toISOString().slice(0, 10),
    likeliest_explanation: found.explanations[0]?.code ?? '',
    not_known: found.notKnown.join(' '),
  };
}

const CASE_COLUMNS = [
  ...['case', 'rule', 'topic', 'tier', 'state', 'patient_id', 'follow_up', 'strength'],
  ...['region_1', 'from_1', 'delta_1', 'percent_1', 'lsc_1', 'region_2', 'from_2', 'delta_2', 'percent_2', 'lsc_2'],
  ...['assignee', 'disposition', 'opened', 'likeliest_explanation', 'not_known'],
];

const SCANNER = ['institution', 'model', 'serial'];
const PAIR = ['patient_id', 'region', 'kind', 'reference_on', 'follow_up_on', 'reference_bmd', 'follow_up_bmd'];
const STUDY = ['patient_id', 'scanned_on', 'previous_on', 'interval_days', 'changed', ...SCANNER, 'study_instance_uid'];
const FINDING = [
  'finding',
  'reason',
  'path',
  'facts',
  'patient_id',
  'scanned_on',
  'file',
  'file_id',
  'found',
  ...SCANNER,
];

/** Columns of each list, in order. */
export const COLUMNS: Readonly<Record<ListName, readonly string[]>> = {
  cases: CASE_COLUMNS,
  visits: ['visit', 'scanned_on', 'patient_id', 'findings', 'what', ...SCANNER, 'study_instance_uid'],
  files: [
    ...['file_id', 'state', 'reason', 'path', 'facts', 'file', 'bytes', 'times_received', 'received', 'sha256'],
    'may_still_grow',
  ],
  unmapped: FINDING.toSpliced(2, 0, 'kind'),
  consistency: FINDING,
  history: ['finding', 'reason', 'path', 'facts', 'patient_id', 'found', 'study_instance_uid'],
  lsc: ['comparison', ...PAIR, 'delta', 'reason', 'not_known', ...SCANNER, 'study_instance_uid'],
  'not-comparable': ['comparison', ...PAIR, 'reason', 'reasons', 'not_known', ...SCANNER, 'study_instance_uid'],
  'vendor-change': [
    ...['comparison', ...PAIR, 'delta', 'percent', 'vendor_delta', 'vendor_percent', 'reason', 'not_known'],
    ...[...SCANNER, 'study_instance_uid'],
  ],
  uncompared: STUDY,
  'short-intervals': STUDY,
  demographics: STUDY,
  rejections: [
    ...['rejection', 'reason', 'title', 'patient_id', 'scanned_on', 'sop_instance_uid', 'study_instance_uid', 'since'],
    ...['instance_file_id', 'file', 'file_id', 'received'],
  ],
};

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(text).join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** One line of any list but the cases. */
function plainLine(list: ListName, row: ListRow): Line {
  const all: Record<string, string | number> = {
    finding: text(row['id']),
    comparison: text(row['id']),
    rejection: text(row['id']),
    visit: text(row['id']),
    findings: text(row['findings']),
    what: text(row['says']),
    file_id: text(row['sourceFileId'] ?? row['id']),
    state: text(row['state']),
    reason: text(row['reason']),
    reasons: text(row['reasons']),
    not_known: text(row['notKnown']),
    path: text(row['path']),
    facts: text(row['facts']),
    file: text(row['dropName']),
    bytes: Number(row['byteCount'] ?? 0),
    times_received: Number(row['timesReceived'] ?? 0),
    received: text(row['receivedAt']),
    found: text(row['foundAt']),
    sha256: text(row['sha256']),
    may_still_grow: row['mayStillGrow'] === true ? 'yes' : '',
    patient_id: text(row['patientId']),
    region: formatRegion(text(row['region']), text(row['vertebrae']), text(row['laterality'])),
    kind: text(row['kind']),
    reference_on: text(row['referenceOn']),
    follow_up_on: text(row['followUpOn']),
    reference_bmd: roundDecimal(text(row['referenceBmdGramsPerCm2']) || null, 3),
    follow_up_bmd: roundDecimal(text(row['followUpBmdGramsPerCm2']) || null, 3),
    delta: signedDecimal(text(row['deltaGramsPerCm2']) || null, 3),
    percent: signedDecimal(text(row['deltaPercent']) || null, 1),
    vendor_delta: text(row['vendorDeltas']),
    vendor_percent: text(row['vendorPercents']),
    scanned_on: text(row['scannedOn']),
    previous_on: text(row['previousOn']),
    interval_days: typeof row['intervalDays'] === 'number' ? row['intervalDays'] : '',
    changed: text(row['changedDemographics']).replaceAll('_', ' '),
    institution: text(row['institution']),
    model: text(row['modelName']),
    serial: text(row['deviceSerialNumber']),
    study_instance_uid: text(row['studyInstanceUid']),
    sop_instance_uid: text(row['sopInstanceUid']),
    instance_file_id: text(row['instanceFileId']),
    title: text(row['title']).replaceAll('_', ' '),
    since: text(row['since']),
  };
  return Object.fromEntries(COLUMNS[list].map((name) => [name, all[name] ?? '']));
}

/** The rows of the list of cases are cases as a whole. */
export const lineOf = (list: ListName, row: ListRow): Line =>
  list === 'cases' ? caseLine(row as unknown as ListedCase) : plainLine(list, row);
