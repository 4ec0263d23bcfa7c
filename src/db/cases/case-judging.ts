import {
  type CaseBefore,
  type CaseDecision,
  decideFlagged,
  decideNoLongerFlagged,
  type WithdrawnReason,
} from '../../dxa/cases/case-decision.ts';
import type { CaseEvidence } from '../../dxa/cases/case-evidence.ts';
import { type FiledCase, matchCases } from '../../dxa/cases/match-cases.ts';
import type { DiscordanceCase, RuleTier } from '../../dxa/values/assessment.ts';
import type { Queryable } from '../pool.ts';

const MACHINE = 'dxaflow';

/** A discordance or a loss with everything that is kept of it. */
export type JudgedCase = Pick<
  DiscordanceCase,
  'followUpStudyId' | 'studyIds' | 'caseKey' | 'topic' | 'rule' | 'regionPair' | 'strength' | 'statement'
> & {
  readonly tier: RuleTier;
  readonly followUpOn: string;
  readonly scannerKey: string;
  readonly evidence: CaseEvidence;
  readonly evidenceHash: string;
  readonly explanations: readonly unknown[];
  readonly checklist: readonly unknown[];
};

/** What the machine did to a case; the same words as in review_case_event. */
export type CaseChange = {
  readonly id: string;
  readonly rule: string;
  readonly event:
    | 'opened'
    | 'moved'
    | 'explanations_changed'
    | Extract<CaseDecision, { readonly kind: 'change' }>['event'];
};

/** What a judgement was made with. */
export type JudgedBy = { readonly ruleSetVersion: string; readonly settingsVersion: string };

/** A case that is already there, as far as judging needs it. */
export type CaseOnFile = CaseBefore &
  FiledCase & {
    readonly rule: string;
    readonly regionPair: string;
    readonly evidence: CaseEvidence;
  };

/** A case stays under the study it was opened under, as long as that is one of its visit's. */
const underItsStudy = (judged: JudgedCase, { followUpStudyId }: CaseOnFile): JudgedCase =>
  judged.studyIds.includes(followUpStudyId) ? { ...judged, followUpStudyId } : judged;

/**
 * Cases go where their study goes: after a merge of patients they are found at the one that has the study. Those and the
 * patient's own are locked together, by their ids: a judgement of the other patient may be about the same ones.
 */
async function adoptCases(database: Queryable, patientId: string): Promise<readonly CaseChange[]> {
  await database.query(
    `select 1 from review_case
      where id in (select id from review_case where patient_id = $1
                   union select c.id from study s join review_case c on c.follow_up_study_id = s.id where s.patient_id = $1)
      order by id for update`,
    [patientId],
  );
  const { rows } = await database.query<CaseChange>(
    `with moved as (
       update review_case c set patient_id = $1, version = c.version + 1, updated_at = now()
         from study s
        where s.id = c.follow_up_study_id and s.patient_id = $1 and c.patient_id <> $1
       returning c.id, c.rule, c.version),
     noted as (
       insert into review_case_event (review_case_id, actor, event, case_version)
       select id, $2, 'moved', version from moved)
     select id::text, rule, 'moved' as event from moved order by id`,
    [patientId, MACHINE],
  );
  return rows;
}

/**
 * Reads the patient's cases, which are locked. A statement of its own on purpose: it sees what a reviewer, on whom the lock
 * had to wait, has just written. A case whose study went to another patient is left for that patient's judgement.
 */
async function readCases(database: Queryable, patientId: string): Promise<readonly CaseOnFile[]> {
  const { rows } = await database.query<CaseOnFile>(
    `select c.id::text, c.rule, c.follow_up_study_id::text as "followUpStudyId", c.region_pair as "regionPair", c.state,
            c.study_ids::text[] as "studyIds", c.case_key as "caseKey", c.flagged, c.evidence,
            c.evidence_hash as "evidenceHash",
            exists (select 1 from review_case_event e where e.review_case_id = c.id and e.actor_kind = 'person') as touched
       from review_case c join study s on s.id = c.follow_up_study_id
      where c.patient_id = $1 and s.patient_id = $1
      order by c.id`,
    [patientId],
  );
  return rows;
}

const COLUMNS = `follow_up_study_id bigint, study_ids bigint[], case_key text, topic text, rule text, tier text, region_pair text, strength double precision,
  statement text, evidence jsonb, evidence_hash text, explanations jsonb, checklist jsonb, follow_up_on date, scanner_key text`;

const row = (judged: JudgedCase) => ({
  follow_up_study_id: judged.followUpStudyId,
  study_ids: judged.studyIds,
  case_key: judged.caseKey,
  topic: judged.topic,
  rule: judged.rule,
  tier: judged.tier,
  region_pair: judged.regionPair,
  strength: judged.strength,
  statement: judged.statement,
  evidence: judged.evidence,
  evidence_hash: judged.evidenceHash,
  explanations: judged.explanations,
  checklist: judged.checklist,
  follow_up_on: judged.followUpOn,
  scanner_key: judged.scannerKey,
});

/** What moves quietly while the rule looks at the same. */
const QUIET = [
  'follow_up_study_id',
  'study_ids',
  'region_pair',
  'evidence',
  'statement',
  'strength',
  'follow_up_on',
  'scanner_key',
];
const REFRESHED = QUIET.map((column) => `${column} = n.${column}`).join(', ');
const listed = (of: 'c' | 'n') => QUIET.map((column) => `${of}.${column}`).join(', ');

async function openCases(
  database: Queryable,
  patientId: string,
  judgedBy: JudgedBy,
  judged: readonly JudgedCase[],
): Promise<readonly CaseChange[]> {
  if (judged.length === 0) return [];
  const { rows } = await database.query<CaseChange>(
    `with opened as (
       insert into review_case (patient_id, rule_set_version, settings_version, follow_up_study_id, study_ids, case_key, topic, rule, tier, region_pair, strength,
           statement, evidence, evidence_hash, explanations, checklist, follow_up_on, scanner_key)
       select $1, $2, $5, n.* from jsonb_to_recordset($3::jsonb) as n (${COLUMNS})
       returning id, rule),
     noted as (
       insert into review_case_event (review_case_id, actor, event) select id, $4, 'opened' from opened)
     select id::text, rule, 'opened' as event from opened order by id`,
    [patientId, judgedBy.ruleSetVersion, JSON.stringify(judged.map(row)), MACHINE, judgedBy.settingsVersion],
  );
  return rows;
}

/**
 * Brings what the machine wrote of a case up to date where the rule looked at the same: ids, file places and wording move
 * quietly, another ranking of explanations is noted, and a decision stays.
 */
async function refreshCase(
  database: Queryable,
  before: CaseOnFile,
  judgedBy: JudgedBy,
  judged: JudgedCase,
): Promise<readonly CaseChange[]> {
  await database.query(
    `update review_case c set ${REFRESHED}, rule_set_version = $2, settings_version = $4
       from jsonb_to_recordset($3::jsonb) as n (${COLUMNS})
      where c.id = $1 and (c.rule_set_version, ${listed('c')}) is distinct from ($2, ${listed('n')})`,
    [before.id, judgedBy.ruleSetVersion, JSON.stringify([row(judged)]), judgedBy.settingsVersion],
  );
  const { rows } = await database.query<CaseChange>(
    `with previous as (select id, explanations, checklist from review_case where id = $1),
     changed as (
       update review_case c set explanations = $2, checklist = $3, settings_version = $5, version = version + 1,
              updated_at = now()
        where c.id = $1 and (c.explanations <> $2 or c.checklist <> $3)
       returning c.id, c.rule, c.version),
     noted as (
       insert into review_case_event (review_case_id, actor, event, case_version, detail)
       select c.id, $4, 'explanations_changed', c.version,
              jsonb_build_object('previousExplanations', p.explanations, 'previousChecklist', p.checklist)
         from changed c join previous p on p.id = c.id)
     select id::text, rule, 'explanations_changed' as event from changed`,
    [
      before.id,
      JSON.stringify(judged.explanations),
      JSON.stringify(judged.checklist),
      MACHINE,
      judgedBy.settingsVersion,
    ],
  );
  return rows;
}

/** Carries out a decision; both evidences go into the event, so that they can be held side by side at any time. */
async function rejudgeCase(
  database: Queryable,
  before: CaseOnFile,
  decision: Extract<CaseDecision, { readonly kind: 'change' }>,
  judgedBy: JudgedBy,
  judged: JudgedCase | null,
): Promise<CaseChange> {
  const detail = {
    ...(judged === null || judged.rule === before.rule ? {} : { previousRule: before.rule, rule: judged.rule }),
    ...(decision.withdrawnReason === null ? {} : { reason: decision.withdrawnReason }),
    previousEvidence: before.evidence,
    ...(judged === null ? {} : { evidence: judged.evidence }),
  };
  await database.query(
    `with changed as (
       update review_case c set state = $2, flagged = $3, withdrawn_reason = $4, version = c.version + 1, updated_at = now(),
              settings_version = $8,
              times_reopened = c.times_reopened + case when $2 = 'reopened' and c.state <> 'reopened' then 1 else 0 end,
              disposition = case when $2 = 'resolved' then c.disposition end,
              resolved_by = case when $2 = 'resolved' then c.resolved_by end,
              resolved_at = case when $2 = 'resolved' then c.resolved_at end
        where c.id = $1
       returning c.id, c.version)
     insert into review_case_event (review_case_id, actor, event, case_version, detail)
     select id, $5, $6, version, $7 from changed`,
    [
      before.id,
      decision.state,
      decision.flagged,
      decision.withdrawnReason,
      MACHINE,
      decision.event,
      detail,
      judgedBy.settingsVersion,
    ],
  );
  if (judged !== null) {
    await database.query(
      `update review_case c set rule = n.rule, topic = n.topic, tier = n.tier, evidence_hash = n.evidence_hash,
              explanations = n.explanations, checklist = n.checklist, ${REFRESHED}, rule_set_version = $2
         from jsonb_to_recordset($3::jsonb) as n (${COLUMNS}) where c.id = $1`,
      [before.id, judgedBy.ruleSetVersion, JSON.stringify([row(judged)])],
    );
  }
  return { id: before.id, rule: judged?.rule ?? before.rule, event: decision.event };
}

/**
 * Opens, refreshes, reopens or withdraws a patient's cases and says what it did. Run it in the transaction that holds
 * the patient's lock.
 */
export async function writeCases(
  database: Queryable,
  patientId: string,
  judgedBy: JudgedBy,
  judged: readonly JudgedCase[],
  withdrawalReason: (before: CaseOnFile) => WithdrawnReason,
): Promise<readonly CaseChange[]> {
  const changes: CaseChange[] = [...(await adoptCases(database, patientId))];
  const onFile = await readCases(database, patientId);
  const found = matchCases(judged, onFile);
  const seen = new Set(found.values());
  // Those that the rules see no more come first: another case of their kind may take their place.
  for (const before of onFile) {
    if (seen.has(before)) continue;
    const decision = decideNoLongerFlagged(before, withdrawalReason(before));
    if (decision.kind === 'change') changes.push(await rejudgeCase(database, before, decision, judgedBy, null));
  }
  for (const [one, before] of found) {
    const now = underItsStudy(one, before);
    const decision = decideFlagged(before, one.evidenceHash);
    if (decision.kind === 'nothing') changes.push(...(await refreshCase(database, before, judgedBy, now)));
    else changes.push(await rejudgeCase(database, before, decision, judgedBy, now));
  }
  const opened = judged.filter((one) => !found.has(one));
  changes.push(...(await openCases(database, patientId, judgedBy, opened)));
  return changes;
}
