import type { Queryable } from './pool.ts';

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

/** Writes the lines of a patient's studies; lines that stay the same are not touched. */
export async function writeStudyFollowUps(
  database: Queryable,
  patientId: string,
  ruleSetVersion: string,
  lines: readonly StudyFollowUp[],
): Promise<void> {
  await database.query({
    name: 'write-study-follow-ups',
    text: `insert into study_follow_up as f (study_id, patient_id, rule_set_version, scanned_on, scanner_key, previous_study_id,
        previous_on, interval_days, short_interval, compared, changed_demographics)
     select n."studyId", $1, $2, n."scannedOn", n."scannerKey", n."previousStudyId", n."previousOn", n."intervalDays",
            n."shortInterval", n.compared, n."changedDemographics"
       from jsonb_to_recordset($3::jsonb) as n ("studyId" bigint, "scannedOn" date, "scannerKey" text,
            "previousStudyId" bigint, "previousOn" date, "intervalDays" integer, "shortInterval" boolean, compared boolean,
            "changedDemographics" text[])
     on conflict (study_id) do update set
        patient_id = excluded.patient_id, rule_set_version = excluded.rule_set_version, scanned_on = excluded.scanned_on,
        scanner_key = excluded.scanner_key, previous_study_id = excluded.previous_study_id,
        previous_on = excluded.previous_on, interval_days = excluded.interval_days,
        short_interval = excluded.short_interval, compared = excluded.compared,
        changed_demographics = excluded.changed_demographics
      where (f.patient_id, f.rule_set_version, f.scanned_on, f.scanner_key, f.previous_study_id, f.previous_on,
             f.interval_days, f.short_interval, f.compared, f.changed_demographics) is distinct from
            (excluded.patient_id, excluded.rule_set_version, excluded.scanned_on, excluded.scanner_key,
             excluded.previous_study_id, excluded.previous_on, excluded.interval_days, excluded.short_interval,
             excluded.compared, excluded.changed_demographics)`,
    values: [patientId, ruleSetVersion, JSON.stringify(lines)],
  });
}
