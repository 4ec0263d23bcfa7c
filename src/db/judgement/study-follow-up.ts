import type { Queryable } from '../pool.ts';

/** What can be said of a study beside its comparisons. */
export type StudyFollowUp = {
  readonly studyId: string;
  readonly scannedOn: string;
  readonly scannerKey: string;
  /** The latest study of an earlier day that measured one of the same regions. */
  readonly previousStudyId: string | null;
  readonly previousOn: string | null;
  readonly intervalDays: number | null;
  readonly shortInterval: boolean;
  readonly compared: boolean;
  readonly changedDemographics: readonly string[];
};

export type WrittenFollowUp = StudyFollowUp & { readonly ruleSetVersion: string };

const contentOf = (line: WrittenFollowUp) =>
  JSON.stringify([
    line.ruleSetVersion,
    line.scannedOn,
    line.scannerKey,
    line.previousStudyId,
    line.previousOn,
    line.intervalDays,
    line.shortInterval,
    line.compared,
    line.changedDemographics,
  ]);

/** Lines that differ from what is written; the others are not touched. */
export function changedFollowUps(
  lines: readonly StudyFollowUp[],
  ruleSetVersion: string,
  written: readonly WrittenFollowUp[],
): readonly StudyFollowUp[] {
  const before = new Map(written.map((line) => [line.studyId, contentOf(line)]));
  return lines.filter((line) => before.get(line.studyId) !== contentOf({ ...line, ruleSetVersion }));
}

/** Writes lines of a patient's studies, and with them which revision of the patient the judgement saw. */
export async function writeFollowUpsAndRevision(
  database: Queryable,
  patientId: string,
  judged: { readonly revision: string; readonly ruleSetVersion: string; readonly settingsVersion: string },
  lines: readonly StudyFollowUp[],
): Promise<void> {
  await database.query({
    name: 'write-study-follow-ups',
    text: `with written as (
     insert into study_follow_up (study_id, patient_id, rule_set_version, scanned_on, scanner_key, previous_study_id,
        previous_on, interval_days, short_interval, compared, changed_demographics)
     select n."studyId", $1::bigint, $2, n."scannedOn", n."scannerKey", n."previousStudyId", n."previousOn", n."intervalDays",
            n."shortInterval", n.compared, n."changedDemographics"
       from jsonb_to_recordset($3::jsonb) as n ("studyId" bigint, "scannedOn" date, "scannerKey" text,
            "previousStudyId" bigint, "previousOn" date, "intervalDays" integer, "shortInterval" boolean, compared boolean,
            "changedDemographics" text[])
      order by n."studyId"
     on conflict (study_id) do update set
        patient_id = excluded.patient_id, rule_set_version = excluded.rule_set_version, scanned_on = excluded.scanned_on,
        scanner_key = excluded.scanner_key, previous_study_id = excluded.previous_study_id,
        previous_on = excluded.previous_on, interval_days = excluded.interval_days,
        short_interval = excluded.short_interval, compared = excluded.compared,
        changed_demographics = excluded.changed_demographics)
     update patient set assessed_revision = $4, assessed_rule_set = $2, assessed_settings_version = $5, assessed_at = now()
      where id = $1::bigint`,
    values: [patientId, judged.ruleSetVersion, JSON.stringify(lines), judged.revision, judged.settingsVersion],
  });
}
