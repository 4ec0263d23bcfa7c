import { SCHEMA_CODES } from '../db/codes.ts';
import { READER_CODES } from '../dicom/document/codes.ts';
import { VISIT_CODES } from '../dxa/metadata/codes.ts';
import { COMPARABILITY_CODES } from '../dxa/values/codes.ts';
import type { CodeEntry } from '../dxa/values/finding.ts';
import { DATABASE_CODES } from '../embedded/codes.ts';
import { CONDITION_CODES } from '../health/condition.ts';
import { JOB_CODES } from '../jobs/codes.ts';
import { VENDOR_CODES } from '../vendors/report/codes.ts';
import { CLI_CODES } from './cli-codes.ts';
import { HTTP_CODES } from './http-codes.ts';

/** Every code a user can meet, by the part of the product that gives it; docs/codes.md lists the same. */
export const ALL_CODES: Readonly<Record<string, Readonly<Record<string, CodeEntry>>>> = {
  'Reading files': READER_CODES,
  'Vendor adapters': VENDOR_CODES,
  Processing: JOB_CODES,
  'Comparability of scans': COMPARABILITY_CODES,
  'Visits of a patient': VISIT_CODES,
  'Pages and API': HTTP_CODES,
  'Command line': CLI_CODES,
  Database: DATABASE_CODES,
  'Health of a process': CONDITION_CODES,
  'Schema of the database': SCHEMA_CODES,
};

const BY_CODE: ReadonlyMap<string, CodeEntry> = new Map(
  Object.values(ALL_CODES).flatMap((table) => Object.entries(table)),
);

/** What a code means and what to do about it; undefined for a code of another release. */
export function explainCode(code: string): CodeEntry | undefined {
  return BY_CODE.get(code);
}
