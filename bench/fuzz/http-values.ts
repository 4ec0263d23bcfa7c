import type { Random } from '../../src/simulate/scanner/random.ts';
import type { PlantedSite } from '../../test/support/stored/planted-site.ts';

/** Stands in every made-up text that is sent, so that a log that repeats any of them is found out. */
export const MARK = 'Qzmarked';

const HOSTILE = [
  ...['', ' ', '0', '-1', '1', '1.5', '1e999', '-0', 'NaN', 'Infinity', 'null', 'true', '[]', '{}', '٣', '+1', '0x10'],
  ...['9223372036854775807', '9223372036854775808', '2147483648', '999999999999999999', '99999999999999999999999'],
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty', '-constructor', 'valueOf'],
  ...['0000-01-01', '2024-02-30', '9999-12-31', '10000-01-01', '2024-1-1', '-0001-01-01', 'infinity', 'epoch', 'now'],
  ...['5~5', '~', '2024-01-01 25:00:00+00', 'file-1', 'patient-x'],
  ...[
    '["-priority","1e999","5"]',
    '["-priority","5","99999999999999999999"]',
    '["opened","2024-01-01 25:00:00+00","1"]',
    '["-date","0000-00-00","1"]',
    '[1,2]',
  ].map((text) => Buffer.from(text).toString('base64url')),
  ...['\0', `a\0${MARK}`, '\ud800', `\udfff${MARK}`, '\u202e', '\u001b[2J', '\uffff', '\u{10ffff}', 'é', 'ﬁ', '👨‍👩‍👧'],
  ...[
    "'",
    '"; drop table x; --',
    '<script>',
    '../../etc/passwd',
    '%',
    '%00',
    '%zz',
    '\r\nx: y',
    `${MARK}^NAME`,
    '$1',
    '{{7*7}}',
  ],
  ...['x'.repeat(300), MARK.repeat(2_000)],
] as const;

/** Values that some parameter takes. */
const PLAIN = [
  ...[
    'waiting',
    'all',
    'open',
    'resolved',
    'review',
    'check',
    'strength',
    'oldest',
    'newest',
    '-date',
    'date',
    '-priority',
  ],
  ...[
    'D1_SPINE_UP_HIP_DOWN',
    'TRUNCATED',
    'PROCESSING_FAILED',
    'file',
    'patient',
    'archive',
    'yes',
    'no',
    '-',
    '5',
    '100',
  ],
  ...['2024-01-31', '2020-03-01', 'artefact', 'other', 'IMAGES', 'spine', 'total_hip', 'm.weber', 'local', 'therapy'],
] as const;

export const QUERY_NAMES = [
  ...[
    'limit',
    'after',
    'before',
    'sort',
    'from',
    'to',
    'state',
    'tier',
    'rule',
    'assignee',
    'scanner',
    'patient',
    'file',
  ],
  ...[
    'reason',
    'region',
    'institution',
    'kind',
    'code',
    'step',
    'all',
    'files',
    'patients',
    'min-age-days',
    'max-age-days',
  ],
  ...['v', '__proto__', 'constructor', '', 'a[b]', '\0'],
] as const;

export const BODY_NAMES = [
  ...[
    'version',
    'text',
    'note',
    'to',
    'assignee',
    'item',
    'ticked',
    'disposition',
    'back',
    'name',
    'password',
    'kind',
    'id',
  ],
  ...['code', 'all', 'vendor', 'label', 'code_scheme', 'code_value', 'scan_type', 'region', 'vertebrae', 'laterality'],
  ...['model_name', 'quantity', '__proto__', 'constructor', ''],
] as const;

export const CSV_HEADS = [
  'patient_id,agent,started_on,ended_on,source,recorded_by',
  'patient_id,marker,taken_on,value,unit,source,recorded_by',
  'patient_id,risk,since,source,recorded_by',
] as const;

const of = <T>(random: Random, items: readonly T[]): T => items[random.integer(0, items.length - 1)] as T;

export type Values = {
  readonly any: () => string;
  /** A row id that is there as often as not. */
  readonly id: (place: string) => string;
  readonly pick: <T>(items: readonly T[]) => T;
  readonly chance: (share: number) => boolean;
  readonly bytes: (length: number) => Buffer;
};

export function valuesOf(random: Random, site: PlantedSite): Values {
  const any = () => of(random, random.uniform() < 0.6 ? HOSTILE : PLAIN);
  const idsOf = (place: string): readonly string[] => {
    if (place.includes('/patients/')) return site.patients;
    if (place.includes('/files/')) return site.files;
    if (place.includes('/cases/')) return site.cases;
    return place.includes('/nights/') ? site.nights : site.scanners;
  };
  return {
    any,
    id: (place) => (random.uniform() < 0.6 ? of(random, idsOf(place)) : any()),
    pick: (items) => of(random, items),
    chance: (share) => random.uniform() < share,
    bytes: (length) => Buffer.from(Array.from({ length }, () => random.integer(0, 255))),
  };
}
