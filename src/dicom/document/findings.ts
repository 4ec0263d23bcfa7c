import type { Finding } from '../../dxa/values/finding.ts';
import type { ReaderCode } from './codes.ts';

/** Findings of one code that are listed one by one; the rest are counted in a MORE_FINDINGS entry. */
const LISTED_PER_CODE = 20;

/** Collects what a person should see while a file is read; a hostile file cannot make the list long. */
export type FindingList = {
  readonly listed: Finding[];
  readonly counts: Map<ReaderCode, number>;
  total: number;
};

export function createFindings(): FindingList {
  return { listed: [], counts: new Map(), total: 0 };
}

export function addFinding(findings: FindingList, code: ReaderCode, path: string | null, facts?: Finding['facts']) {
  const count = (findings.counts.get(code) ?? 0) + 1;
  findings.counts.set(code, count);
  findings.total++;
  if (count > LISTED_PER_CODE) return;
  findings.listed.push({ code, path, ...(facts === undefined ? {} : { facts }) });
}

/** The findings in the order they were made, with one MORE_FINDINGS for each code that was cut short. */
export function listFindings(findings: FindingList): readonly Finding[] {
  const result = [...findings.listed];
  for (const [code, count] of findings.counts) {
    if (count <= LISTED_PER_CODE) continue;
    result.push({ code: 'MORE_FINDINGS', path: null, facts: { of: code, count: count - LISTED_PER_CODE } });
  }
  return result;
}
