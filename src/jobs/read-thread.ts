import type { ReadLimits } from '../dicom/limits.ts';
import { readReport } from '../dicom/read-report.ts';
import type { Finding } from '../dxa/finding.ts';
import type { NormalisedReport } from '../dxa/report.ts';
import { adaptReport } from '../vendors/adapt-report.ts';

export type ReadTask = { readonly bytes: Uint8Array; readonly limits: ReadLimits };

/** What a file says, or why it is none of ours. Plain data: it crosses from the thread that read it. */
export type ReadOutcome =
  | { readonly ok: true; readonly report: NormalisedReport }
  | {
      readonly ok: false;
      readonly code: string;
      readonly path: string | null;
      readonly facts: NonNullable<Finding['facts']>;
      readonly sopInstanceUid: string | null;
      readonly findings: readonly Finding[];
    };

/** Reads and adapts one file: the whole of what runs in a reading thread. */
export function readAndAdapt(task: ReadTask): ReadOutcome {
  const read = readReport(task.bytes, task.limits);
  if (!read.ok) {
    const { code, path, offset, facts } = read.refusal;
    return {
      ok: false,
      code,
      path,
      facts: offset === null ? (facts ?? {}) : { ...facts, offset },
      sopInstanceUid: read.sopInstanceUid,
      findings: [],
    };
  }
  const adapted = adaptReport(read.document);
  if (!adapted.ok) {
    return {
      ok: false,
      code: adapted.code,
      path: adapted.path,
      facts: adapted.facts,
      sopInstanceUid: read.document.header.sopInstanceUid,
      findings: read.document.findings,
    };
  }
  const findings = [...read.document.findings, ...adapted.report.findings];
  return { ok: true, report: { ...adapted.report, findings } };
}
