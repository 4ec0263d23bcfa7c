import { createHash } from 'node:crypto';
import type { Assessment, ComparedScan, Comparison, DiscordanceCase } from '../dxa/assessment.ts';
import { formatMicro } from '../dxa/quantity.ts';
import { vertebraeKey } from '../dxa/region.ts';
import type { Queryable } from './pool.ts';

const MACHINE = 'dxaflow';

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

const scanEvidence = (scan: ComparedScan) => ({
  studyId: scan.studyId,
  scannedOn: scan.scannedOn,
  bmdGramsPerCm2: numeric(scan.bmd),
  sources: scan.sourceValueIds,
});

/** What a reader is shown of one comparison: both values and dates, the change, the LSC and why they may be compared. */
const comparisonEvidence = (comparison: Comparison) => ({
  region: comparison.roi.region,
  vertebrae: vertebraeKey(comparison.roi.vertebrae),
  laterality: comparison.laterality,
  kind: comparison.kind,
  verdict: comparison.verdict,
  rebuilt: comparison.rebuilt,
  reference: scanEvidence(comparison.reference),
  followUp: scanEvidence(comparison.followUp),
  deltaGramsPerCm2: numeric(comparison.delta),
  deltaPercent: numeric(comparison.percent),
  lscGramsPerCm2: numeric(comparison.lsc?.leastSignificantChange ?? null),
  lscId: comparison.lsc?.lscId ?? null,
  lscSource: comparison.lsc?.source ?? null,
  strength: comparison.strength,
  robust: comparison.robust,
  checks: comparison.checks,
});

export type ComparisonEvidence = ReturnType<typeof comparisonEvidence>;
export type CaseEvidence = { readonly comparisons: readonly ComparisonEvidence[] };

function caseRow(found: DiscordanceCase, assessment: Assessment) {
  const evidence: CaseEvidence = {
    comparisons: found.comparisons
      .map((index) => assessment.comparisons[index])
      .filter((comparison) => comparison !== undefined)
      .map(comparisonEvidence),
  };
  return {
    follow_up_study_id: found.followUpStudyId,
    rule: found.rule,
    tier: found.tier,
    region_pair: found.regionPair,
    strength: found.strength,
    statement: found.statement,
    evidence,
    evidence_hash: hash({ rule: found.rule, tier: found.tier, evidence }),
    rule_set_version: assessment.ruleSetVersion,
  };
}

/** What the machine did to a case; the same words as in review_case_event. */
export type CaseChange = {
  readonly id: string;
  readonly rule: string;
  readonly event: 'opened' | 'evidence_changed' | 'reopened' | 'withdrawn';
};

/**
 * Opens, refreshes, reopens or withdraws cases. What a person resolved stays resolved unless the evidence changed, and
 * then it is reopened with its history, never rewritten.
 */
async function writeCases(
  database: Queryable,
  patientId: string,
  assessment: Assessment,
): Promise<readonly CaseChange[]> {
  // Information is kept in the comparisons; a case is work for a person.
  const rows = assessment.cases
    .filter((found) => found.tier !== 'information')
    .map((found) => caseRow(found, assessment));
  const opened = await database.query<CaseChange>(
    `with n as (select * from jsonb_to_recordset($2::jsonb) as n (follow_up_study_id bigint, rule text, tier text,
          region_pair text, strength double precision, statement text, evidence jsonb, evidence_hash text,
          rule_set_version text)),
        before as (select id, follow_up_study_id, rule, region_pair, state, evidence, evidence_hash
                     from review_case where patient_id = $1 for update),
        written as (
          insert into review_case (patient_id, follow_up_study_id, rule, tier, region_pair, strength, statement, evidence,
              evidence_hash, rule_set_version)
          select $1, n.* from n
          on conflict (patient_id, follow_up_study_id, rule, region_pair) do update set
            tier = excluded.tier, strength = excluded.strength, statement = excluded.statement,
            evidence = excluded.evidence, evidence_hash = excluded.evidence_hash,
            rule_set_version = excluded.rule_set_version, version = review_case.version + 1, updated_at = now(),
            withdrawn_reason = null,
            state = case review_case.state when 'resolved' then 'reopened' when 'withdrawn' then 'open'
                      else review_case.state end
            where review_case.evidence_hash <> excluded.evidence_hash or review_case.state = 'withdrawn'
          returning id, rule, state, evidence_hash),
        noted as (
          insert into review_case_event (review_case_id, actor, event, detail)
          select w.id, $3,
                 case when b.id is null then 'opened' when b.state = w.state then 'evidence_changed' else 'reopened' end,
                 case when b.id is null then '{}'::jsonb else jsonb_build_object('previousEvidence', b.evidence) end
            from written w left join before b on b.id = w.id
          returning review_case_id, event)
     select w.id::text, w.rule, noted.event from written w join noted on noted.review_case_id = w.id order by w.id`,
    [patientId, JSON.stringify(rows), MACHINE],
  );
  const withdrawn = await database.query<CaseChange>(
    `with gone as (
       update review_case c set state = 'withdrawn', withdrawn_reason = 'NO_LONGER_FLAGGED', version = version + 1,
              updated_at = now()
        where c.patient_id = $1 and c.state in ('open', 'in_review', 'reopened')
          and not exists (select 1 from jsonb_to_recordset($2::jsonb) as n (follow_up_study_id bigint, rule text, region_pair text)
                           where n.follow_up_study_id = c.follow_up_study_id and n.rule = c.rule and n.region_pair = c.region_pair)
       returning id, rule, evidence),
     noted as (
       insert into review_case_event (review_case_id, actor, event, detail)
       select id, $3, 'withdrawn', jsonb_build_object('reason', 'NO_LONGER_FLAGGED', 'previousEvidence', evidence) from gone)
     select id::text, rule, 'withdrawn' as event from gone order by id`,
    [patientId, JSON.stringify(rows), MACHINE],
  );
  return [...opened.rows, ...withdrawn.rows];
}

/** Writes an assessment and notes which revision of the patient it judged; run it in the transaction that holds the lock. */
export async function writeAssessment(
  database: Queryable,
  patientId: string,
  revision: string,
  assessment: Assessment,
): Promise<readonly CaseChange[]> {
  await writeComparisons(database, patientId, assessment);
  const changes = await writeCases(database, patientId, assessment);
  await database.query(
    'update patient set assessed_revision = $2, assessed_rule_set = $3, assessed_at = now() where id = $1',
    [patientId, revision, assessment.ruleSetVersion],
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
