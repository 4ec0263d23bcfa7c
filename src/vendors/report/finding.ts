import type { Finding } from '../../dxa/values/finding.ts';
import type { FindingCode } from './codes.ts';

/** Builds a finding whose code is in the vendors' table. */
export function finding(code: FindingCode, path: string | null, facts?: NonNullable<Finding['facts']>): Finding {
  return facts === undefined ? { code, path } : { code, path, facts };
}
