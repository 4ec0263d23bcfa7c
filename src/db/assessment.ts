import { createHash } from 'node:crypto';
import type { Assessment, Comparison } from '../dxa/assessment.ts';
import { formatMicro } from '../dxa/quantity.ts';
import { vertebraeKey } from '../dxa/region.ts';
import type { WithdrawnReason } from './case-decision.ts';
import { type CaseChange, type CaseOnFile, type JudgedCase, writeCases } from './case-judging.ts';
import type { Queryable } from './pool.ts';
import { type StudyFollowUp, writeStudyFollowUps } from './study-follow-up.ts';

const hash = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
const numeric = (value: number | null) => (value === null ? null : formatMicro(value, 6));

/**
 * Takes the right to judge this patient until the end of the transaction and returns the revision to be judged. Two
 * workers on one patient would otherwise both replace the other's rows.
 */
export async function lockPatientForAssessment(
  database: Queryable,
  patientId: string,
): Promise<{
  readonly revision: string;
  readonly assessedRevision: string;
  readonly assessedRuleSet: string | null;
} | null> {
  await database.query('select pg_advisory_xact_lock(1, hashtext($1))', [`assess:${patientId}`]);
  const { rows } = await database.query<{ revision: string; assessedRevision: string; assessedRuleSet: string | null }>(
    `select revision::text, assessed_revision::text as "assessedRevision", assessed_rule_set as "assessedRuleSet"
       from patient where id = $1`,
    [patientId],
  );
  return rows[0] ?? null;
}

function comparisonRow(comparison: Comparison, ruleSetVersion: string) {
  const row = {
    follow_up_study_id: comparison.followUp.studyId,
    reference_study_id: comparison.reference.studyId,
    kind: comparison.kind,
    region: comparison.roi.region,
    vertebrae: vertebraeKey(comparison.roi.vertebrae),
    laterality: comparison.laterality,
    reference_on: comparison.reference.scannedOn,
    follow_up_on: comparison.followUp.scannedOn,
    reference_bmd_g_per_cm2: numeric(comparison.reference.bmd),
    follow_up_bmd_g_per_cm2: numeric(comparison.followUp.bmd),
    reference_sources: comparison.reference.sourceValueIds,
    follow_up_sources: comparison.followUp.sourceValueIds,
    rebuilt: comparison.rebuilt,
    verdict: comparison.verdict,
    delta_g_per_cm2: numeric(comparison.delta),
    delta_percent: numeric(comparison.percent),
    lsc_id: comparison.lsc?.lscId ?? null,
    lsc_g_per_cm2: numeric(comparison.lsc?.leastSignificantChange ?? null),
    lsc_source: comparison.lsc === null ? null : lscSource(comparison.lsc),
    strength: comparison.strength,
    robust: comparison.robust,
    checks: comparison.checks,
    rule_set_version: ruleSetVersion,
  };
  return { ...row, content_hash: hash(row) };
}

function lscSource(lsc: NonNullable<Comparison['lsc']>): string {
  return lsc.crossCalibrationId === null ? lsc.source : 'cross_calibration';
}

/** Replaces the patient's current comparisons where they differ; replaced ones stay as history. */
async function writeComparisons(database: Queryable, patientId: string, assessment: Assessment): Promise<void> {
  const rows = assessment.comparisons.map((comparison) => comparisonRow(comparison, assessment.ruleSetVersion));
  // A study that came from another patient brings comparisons along that nobody would judge any more.
  await database.query(
    `update comparison c set superseded_at = now() from study s
      where s.patient_id = $1 and c.follow_up_study_id = s.id and c.superseded_at is null and c.patient_id <> $1`,
    [patientId],
  );
  await database.query(
    `update comparison c set superseded_at = now()
      where c.patient_id = $1 and c.superseded_at is null
        and not exists (select 1 from jsonb_to_recordset($2::jsonb) as n (content_hash text)
                         where n.content_hash = c.content_hash)`,
    [patientId, JSON.stringify(rows.map((row) => ({ content_hash: row.content_hash })))],
  );
  await database.query(
    `insert into comparison (patient_id, follow_up_study_id, reference_study_id, kind, region, vertebrae, laterality,
        reference_on, follow_up_on, reference_bmd_g_per_cm2, follow_up_bmd_g_per_cm2, reference_sources,
        follow_up_sources, rebuilt, verdict, delta_g_per_cm2, delta_percent, lsc_id, lsc_g_per_cm2, lsc_source, strength,
        robust, checks, rule_set_version, content_hash)
     select $1, n.follow_up_study_id, n.reference_study_id, n.kind, n.region, n.vertebrae, n.laterality, n.reference_on,
        n.follow_up_on, n.reference_bmd_g_per_cm2, n.follow_up_bmd_g_per_cm2, n.reference_sources, n.follow_up_sources,
        n.rebuilt, n.verdict, n.delta_g_per_cm2, n.delta_percent, n.lsc_id, n.lsc_g_per_cm2, n.lsc_source, n.strength,
        n.robust, n.checks, n.rule_set_version, n.content_hash
       from jsonb_to_recordset($2::jsonb) as n (follow_up_study_id bigint, reference_study_id bigint, kind text,
        region text, vertebrae text, laterality text, reference_on date, follow_up_on date,
        reference_bmd_g_per_cm2 numeric, follow_up_bmd_g_per_cm2 numeric, reference_sources text[],
        follow_up_sources text[], rebuilt boolean, verdict text, delta_g_per_cm2 numeric, delta_percent numeric,
        lsc_id bigint, lsc_g_per_cm2 numeric, lsc_source text, strength double precision, robust boolean, checks jsonb,
        rule_set_version text, content_hash text)
      where not exists (select 1 from comparison c where c.patient_id = $1 and c.superseded_at is null
                           and c.content_hash = n.content_hash)`,
    [patientId, JSON.stringify(rows)],
  );
}

/** Everything that one judgement of a patient says. */
export type Judgement = {
  readonly assessment: Assessment;
  readonly cases: readonly JudgedCase[];
  readonly followUps: readonly StudyFollowUp[];
  readonly reasonGone: (before: CaseOnFile) => WithdrawnReason;
};

/** Writes a judgement and notes which revision of the patient it saw; run it in the transaction that holds the lock. */
export async function writeAssessment(
  database: Queryable,
  patientId: string,
  revision: string,
  { assessment, cases, followUps, reasonGone }: Judgement,
): Promise<readonly CaseChange[]> {
  const { ruleSetVersion } = assessment;
  await writeComparisons(database, patientId, assessment);
  await writeStudyFollowUps(database, patientId, ruleSetVersion, followUps);
  const changes = await writeCases(database, patientId, ruleSetVersion, cases, reasonGone);
  await database.query(
    'update patient set assessed_revision = $2, assessed_rule_set = $3, assessed_at = now() where id = $1',
    [patientId, revision, ruleSetVersion],
  );
  return changes;
}

/** Patients whose reports changed after their last assessment, or that an older rule set judged: a page of the sweep. */
export async function listPatientsToAssess(
  database: Queryable,
  ruleSetVersion: string,
  afterId: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select id::text from patient
      where id > $2 and (assessed_revision < revision or assessed_rule_set is distinct from $1)
      order by id limit $3`,
    [ruleSetVersion, afterId, limit],
  );
  return rows.map((row) => row.id);
}
