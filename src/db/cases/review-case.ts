import type { CaseState } from '../../dxa/cases/case-decision.ts';
import type { CaseEvidence, ComparisonEvidence } from '../../dxa/cases/case-evidence.ts';
import type { ChecklistItem } from '../../dxa/explanations/checklist.ts';
import type { Explanation } from '../../dxa/explanations/explanation.ts';
import type { RuleTopic } from '../../dxa/values/assessment.ts';
import { CHECKS_OF_EVIDENCE, notKnownCodes } from '../not-known.ts';
import type { Queryable } from '../pool.ts';

export type ReviewCase = {
  readonly id: string;
  readonly rule: string;
  readonly tier: string;
  readonly topic: RuleTopic;
  readonly state: CaseState;
  readonly withdrawnReason: string | null;
  readonly strength: number;
  readonly statement: string;
  readonly evidence: CaseEvidence;
  readonly ruleSetVersion: string;
  /** Raised by everything that happens to the case; an action names the one it was decided on. */
  readonly version: number;
  /** Whether the rule still sees it; a resolved case stays when it does not. */
  readonly flagged: boolean;
  readonly disposition: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: Date | null;
  readonly timesReopened: number;
  readonly assignee: string | null;
  /** Likeliest first. */
  readonly explanations: readonly Explanation[];
  readonly checklist: readonly ChecklistItem[];
  readonly openedAt: Date;
  readonly updatedAt: Date;
  readonly patientKey: string;
  readonly patientId: string;
  readonly issuerOfPatientId: string;
  readonly patientName: string | null;
  readonly birthDate: string | null;
  readonly sex: string | null;
  readonly followUpOn: string;
  /** Row ids of every study of the visit. */
  readonly studyIds: readonly string[];
  readonly studyInstanceUid: string;
  readonly accessionNumber: string | null;
};

const PLAIN_COLUMNS = `c.id::text, c.rule, c.tier, c.topic, c.state, c.withdrawn_reason as "withdrawnReason", c.strength, c.statement,
       c.rule_set_version as "ruleSetVersion", c.version, c.flagged, c.disposition, c.resolved_by as "resolvedBy",
       c.resolved_at as "resolvedAt", c.times_reopened as "timesReopened", c.assignee,
       c.opened_at as "openedAt", c.updated_at as "updatedAt",
       p.id::text as "patientKey", p.patient_id as "patientId", p.issuer_of_patient_id as "issuerOfPatientId",
       r.patient_name as "patientName", r.birth_date as "birthDate", r.sex, c.follow_up_on as "followUpOn",
       c.study_ids::text[] as "studyIds", s.study_instance_uid as "studyInstanceUid", r.accession_number as "accessionNumber"`;

/** Columns of a line of a list, over review_case as c and CASE_JOINS: a ListedCase. */
export const LISTED_COLUMNS = `${PLAIN_COLUMNS}, jsonb_build_object('comparisons', c.brief) as evidence,
       jsonb_path_query_array(c.explanations, '$[0]') as explanations,
       ${notKnownCodes('c.evidence', CHECKS_OF_EVIDENCE)} as "notKnown"`;

/** A case as a list shows it: its first two changes without their checks, and the likeliest explanation. */
export type ListedCase = Omit<ReviewCase, 'evidence' | 'checklist'> & {
  readonly evidence: { readonly comparisons: readonly Omit<ComparisonEvidence, 'checks'>[] };
  /** Codes of the comparability checks that could not be made. */
  readonly notKnown: readonly string[];
};

// Name and birth date are those of the latest analysis of the follow-up study, where there is one of those in use; a case
// stays when the study has no report left, without them.
export const CASE_JOINS = `join patient p on p.id = c.patient_id
  join study s on s.id = c.follow_up_study_id
  left join lateral (select * from stored_report r where r.study_id = s.id order by r.out_of_use, r.content_at desc, r.sop_instance_uid desc limit 1) r on true`;

const SELECT = `select ${PLAIN_COLUMNS}, c.evidence, c.explanations, c.checklist from review_case c ${CASE_JOINS}`;

export async function findReviewCase(database: Queryable, id: string): Promise<ReviewCase | null> {
  const { rows } = await database.query<ReviewCase>(`${SELECT} where c.id = $1`, [id]);
  return rows[0] ?? null;
}

export type CaseEvent = {
  readonly actor: string;
  readonly actorKind: 'system' | 'person';
  readonly event: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly happenedAt: Date;
  /** The version that the case had after it. */
  readonly caseVersion: number;
};

/** What happened to a case after it had `sinceVersion`, oldest first; 0 for everything. */
export async function listCaseEvents(
  database: Queryable,
  caseId: string,
  sinceVersion: number = 0,
): Promise<readonly CaseEvent[]> {
  const { rows } = await database.query<CaseEvent>(
    `select actor, actor_kind as "actorKind", event, detail, happened_at as "happenedAt", case_version as "caseVersion"
       from review_case_event where review_case_id = $1 and case_version > $2 order by id`,
    [caseId, sinceVersion],
  );
  return rows;
}

export type CaseTick = {
  readonly item: string;
  readonly note: string;
  readonly tickedBy: string;
  readonly tickedAt: Date;
  /** False when the rule has looked at something else since. */
  readonly onThisEvidence: boolean;
};

/** Which items of a case's checklist are ticked. */
export async function listCaseTicks(database: Queryable, caseId: string): Promise<readonly CaseTick[]> {
  const { rows } = await database.query<CaseTick>(
    `select t.item, t.note, t.ticked_by as "tickedBy", t.ticked_at as "tickedAt",
            t.evidence_hash = c.evidence_hash as "onThisEvidence"
       from review_case_tick t join review_case c on c.id = t.review_case_id
      where t.review_case_id = $1 order by t.item`,
    [caseId],
  );
  return rows;
}

export type ValueSource = {
  readonly source: string;
  readonly sourceFileId: string;
  readonly rawText: string;
  readonly rawUnit: string | null;
  readonly rawLabel: string;
  readonly scanLabel: string;
  readonly treePath: string;
  readonly dropName: string;
  readonly sha256: string;
  readonly adapterVersion: string;
  readonly scanner: string;
  readonly softwareVersions: readonly string[];
  /** A rejection note or a person took its report out of use since. */
  readonly outOfUse: boolean;
};

/** The raw text, place and file of values named as "SOP Instance UID#tree path". */
export async function findValueSources(
  database: Queryable,
  sources: readonly string[],
): Promise<readonly ValueSource[]> {
  const { rows } = await database.query<ValueSource>(
    `select x.source, f.id::text as "sourceFileId", v.raw_text as "rawText", v.raw_unit as "rawUnit",
            v.raw_label as "rawLabel", v.scan_label as "scanLabel", v.tree_path as "treePath", f.drop_name as "dropName",
            f.sha256, r.vendor || ' ' || r.adapter_version as "adapterVersion",
            concat_ws(' ', c.manufacturer, c.model_name, nullif(c.device_serial_number, '')) as scanner,
            r.software_versions as "softwareVersions", r.out_of_use as "outOfUse"
       from unnest($1::text[]) as x (source)
       join stored_report r on r.sop_instance_uid = split_part(x.source, '#', 1)
       join scanner c on c.id = r.scanner_id
       join source_file f on f.id = r.source_file_id
       join measured_value v on v.report_id = r.id and v.tree_path = split_part(x.source, '#', 2)`,
    [sources],
  );
  return rows;
}
