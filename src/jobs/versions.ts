import type { Versions } from '../db/night/run.ts';
import type { ReadLimits } from '../dicom/encoding/limits.ts';
import { READER_VERSION } from '../dicom/read-report.ts';
import { RULE_SET_VERSION } from '../dxa/assess-patient.ts';
import { ADAPTERS } from '../vendors/adapters.ts';
import { REJECTION_NOTE_VERSION } from '../vendors/rejection-note.ts';

/** What this release reads and judges with. */
export const VERSIONS: Versions = {
  reader: READER_VERSION,
  adapters: {
    ...Object.fromEntries(ADAPTERS.map(({ vendor, version }) => [vendor, version])),
    'rejection-note': REJECTION_NOTE_VERSION,
  },
  ruleSet: RULE_SET_VERSION,
};

/** What a refusal hangs on: the reader and every adapter, any of which might take the file in a later release. */
export const READING_VERSION: string = [
  VERSIONS.reader,
  ...Object.entries(VERSIONS.adapters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([vendor, version]) => `${vendor}=${version}`),
].join(' ');

/**
 * What the refusal of a file with this code hangs on. The limits belong to it where one of them was met: under others the
 * file may be a report.
 */
export const readingOf = (code: string, limits: ReadLimits): string =>
  code.startsWith('LIMIT_') ? readingUnder(limits) : READING_VERSION;

/** What a refusal for a limit hangs on. */
export const readingUnder = (limits: ReadLimits): string =>
  [
    READING_VERSION,
    ...Object.entries(limits)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([limit, value]) => `${limit}=${value}`),
  ].join(' ');
