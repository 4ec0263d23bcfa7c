import type { Queryable } from '../pool.ts';
import { loadStatement } from '../statement.ts';
import type { ReadHistory } from './history.ts';

const WRITE = loadStatement(import.meta.dirname, 'write-history-findings', {
  patient_id: 'bigint',
  findings: 'jsonb',
  judged_study_ids: 'bigint[]',
  is_phantom: 'boolean',
});

/**
 * Writes what the patient's reports say against each other, in place of what was written before, and whether the patient
 * is a phantom; studies that are not judged lose their line among the follow-ups. Any other patient named by a contested study
 * is judged again, once: that judgement writes the same finding there.
 */
export async function writeHistoryFindings(
  database: Queryable,
  { patientId, studies, findings, isPhantom }: ReadHistory,
): Promise<void> {
  await database.query(
    WRITE({
      patient_id: patientId,
      findings: JSON.stringify(findings),
      judged_study_ids: studies.map(({ studyId }) => studyId),
      is_phantom: isPhantom,
    }),
  );
}

export type FindingOfStudy = {
  readonly code: string;
  /** A region as `regionKey` writes it, or the name of a header field. */
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  readonly studyId: string;
  readonly studyInstanceUid: string;
  readonly scannedOn: string;
};

/** What the reports of a patient's studies say against each other, in the order of the scans. */
export async function listFindingsOfPatient(
  database: Queryable,
  patientId: string,
): Promise<readonly FindingOfStudy[]> {
  const { rows } = await database.query<FindingOfStudy>(
    `select h.code, h.subject, h.facts, s.id::text as "studyId", s.study_instance_uid as "studyInstanceUid",
            (select left(min(r.scanned_at), 10) from stored_report r where r.study_id = s.id) as "scannedOn"
       from history_finding h join study s on s.id = h.study_id
      where h.patient_id = $1 order by "scannedOn", h.study_id, h.code, h.subject`,
    [patientId],
  );
  return rows;
}

export type ListedFinding = {
  readonly code: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly studyInstanceUid: string;
  readonly issuerOfPatientId: string;
  readonly patientId: string;
  readonly foundAt: Date;
};

/** What studies say against themselves, newest first; only those of `code` where one is given. */
export async function listHistoryFindings(
  database: Queryable,
  options: { readonly code: string | null; readonly limit: number },
): Promise<readonly ListedFinding[]> {
  const { rows } = await database.query<ListedFinding>(
    `select h.code, h.subject, h.facts, s.study_instance_uid as "studyInstanceUid",
            p.issuer_of_patient_id as "issuerOfPatientId", p.patient_id as "patientId", h.found_at as "foundAt"
       from history_finding h join study s on s.id = h.study_id join patient p on p.id = h.patient_id
      where $1::text is null or h.code = $1
      order by h.found_at desc, h.study_id, h.code, h.subject limit $2`,
    [options.code, options.limit],
  );
  return rows;
}
