import type { AssessedVisit } from '../../dxa/values/assessment.ts';
import type { Queryable } from '../pool.ts';

/** A visit as it is on file: what the assessment says of it, with a draft of its report. */
export type WrittenVisit = AssessedVisit & { readonly report: string; readonly ruleSetVersion: string };
export type VisitToWrite = Omit<WrittenVisit, 'ruleSetVersion'>;

const contentOf = (visit: WrittenVisit) =>
  JSON.stringify([
    visit.ruleSetVersion,
    visit.studyIds,
    visit.scannedOn,
    visit.scannerId,
    visit.report,
    visit.remarks.map(({ code, kind, subject, says, facts }) => [
      code,
      kind,
      subject,
      says,
      Object.entries(facts).sort(),
    ]),
  ]);

/** Writes a patient's visits where they differ from `written`, and takes away those that are none any more. Says whether any did. */
export async function writeVisits(
  database: Queryable,
  patientId: string,
  ruleSetVersion: string,
  visits: readonly VisitToWrite[],
  written: readonly WrittenVisit[],
): Promise<boolean> {
  const before = new Map(written.map((visit) => [visit.studyId, contentOf(visit)]));
  const changed = visits.filter((visit) => before.get(visit.studyId) !== contentOf({ ...visit, ruleSetVersion }));
  const now = new Set(visits.map(({ studyId }) => studyId));
  const gone = written.map(({ studyId }) => studyId).filter((studyId) => !now.has(studyId));
  if (gone.length > 0) {
    await database.query(
      `with held as materialized (
         select study_id from visit where patient_id = $1 and study_id = any($2::bigint[]) order by study_id for update)
       delete from visit v using held h where v.study_id = h.study_id`,
      [patientId, gone],
    );
  }
  if (changed.length === 0) return gone.length > 0;
  const rows = changed.map(({ remarks, ...visit }) => ({
    ...visit,
    remarks,
    findings: [...new Set(remarks.filter(({ kind }) => kind === 'finding').map(({ code }) => code))].sort(),
  }));
  await database.query({
    name: 'write-visits',
    text: `insert into visit (study_id, patient_id, rule_set_version, scanned_on, scanner_key, study_ids, findings, remarks, report)
     select n."studyId", $1::bigint, $2, n."scannedOn", n."scannerId", n."studyIds", n.findings, n.remarks, n.report
       from jsonb_to_recordset($3::jsonb) as n ("studyId" bigint, "scannedOn" date, "scannerId" text, "studyIds" bigint[],
            findings text[], remarks jsonb, report text)
      order by n."studyId"
     on conflict (study_id) do update set
        patient_id = excluded.patient_id, rule_set_version = excluded.rule_set_version, scanned_on = excluded.scanned_on,
        scanner_key = excluded.scanner_key, study_ids = excluded.study_ids, findings = excluded.findings,
        remarks = excluded.remarks, report = excluded.report`,
    values: [patientId, ruleSetVersion, JSON.stringify(rows)],
  });
  return true;
}
