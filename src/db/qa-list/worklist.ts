import type { CaseState } from '../../dxa/cases/case-decision.ts';
import { RULE_TOPICS, type RuleTopic } from '../../dxa/values/assessment.ts';
import { CHECKS_OF_EVIDENCE, notKnownCodes } from '../not-known.ts';
import type { Queryable } from '../pool.ts';
import { CASES } from './cases.ts';
import type { ListDefinition } from './definition.ts';
import { countRows, type Page, readPage } from './read-list.ts';

export const WORKLIST_STATES = ['waiting', 'open', 'in_review', 'reopened', 'resolved', 'withdrawn', 'all'] as const;
export const WORKLIST_SORTS = ['strength', 'oldest', 'newest'] as const;

export type WorklistFilter = {
  /** `waiting` is every state that waits for a person. */
  readonly state: (typeof WORKLIST_STATES)[number];
  readonly tier: 'review' | 'check' | 'information' | null;
  readonly topic: RuleTopic | null;
  readonly rule: string | null;
  /** Row id. */
  readonly patientKey: string | null;
  /** Empty: unassigned. */
  readonly assignee: string | null;
  /** Row id. */
  readonly scannerId: string | null;
  /** Days of the follow-up scan. */
  readonly from: string | null;
  readonly to: string | null;
  readonly sort: (typeof WORKLIST_SORTS)[number];
};

/** A change as the worklist shows it. */
export type WorklistChange = {
  readonly region: string;
  readonly vertebrae: string;
  readonly laterality: string;
  readonly verdict: string;
  readonly referenceOn: string;
  readonly deltaGramsPerCm2: string | null;
  readonly deltaPercent: string | null;
  readonly strength: number | null;
};

export type WorklistRow = {
  readonly id: string;
  readonly version: number;
  readonly rule: string;
  readonly tier: string;
  readonly topic: RuleTopic;
  readonly state: CaseState;
  readonly strength: number;
  readonly regionPair: string;
  readonly openedAt: Date;
  readonly assignee: string | null;
  readonly patientKey: string;
  readonly patientId: string;
  readonly patientName: string | null;
  readonly followUpOn: string;
  /** Changes of spine, total hip and femoral neck since the previous scan, as they stand now. */
  readonly changes: readonly WorklistChange[];
  /** Groups of the explanations, likeliest first. */
  readonly reasons: readonly string[];
  /** Codes of the comparability rules that warned. */
  readonly warnings: readonly string[];
  /** Codes of those that could not be asked. */
  readonly notKnown: readonly string[];
};

/** Names of the orders in the list of cases. */
const SORTS = {
  strength: '-priority',
  oldest: 'opened',
  newest: '-date',
} as const satisfies Record<WorklistFilter['sort'], string>;

/** The list of cases as people work through it: what is seen of a case in one line of the page. */
const WORKLIST: ListDefinition = {
  ...CASES,
  filters: {
    ...CASES.filters,
    patientKey: (text, bind) => `c.patient_id = ${bind(text)}::bigint`,
    scannerId: (text, bind) => `c.scanner_key = (select identity_key from scanner where id = ${bind(text)}::bigint)`,
  },
  select: `c.id::text, c.version, c.rule, c.tier, c.topic, c.state, c.strength, c.region_pair as "regionPair",
    c.opened_at as "openedAt", c.patient_id::text as "patientKey", p.patient_id as "patientId",
    r.patient_name as "patientName", c.follow_up_on as "followUpOn", c.assignee,
    coalesce((select jsonb_agg(jsonb_build_object('region', k.region, 'vertebrae', k.vertebrae,
        'laterality', k.laterality, 'verdict', k.verdict, 'referenceOn', k.reference_on,
        'deltaGramsPerCm2', k.delta_g_per_cm2::text, 'deltaPercent', k.delta_percent::text, 'strength', k.strength))
       from comparison k
      where k.follow_up_study_id = any(c.study_ids) and k.kind = 'previous' and k.superseded_at is null
        and k.region in ('spine', 'total_hip', 'femoral_neck')), '[]') as changes,
    jsonb_path_query_array(c.explanations, '$[*].group') as reasons,
    jsonb_path_query_array(c.evidence, '$.comparisons[*].checks[*] ? (@.outcome == "warn").code') as warnings,
    ${notKnownCodes('c.evidence', CHECKS_OF_EVIDENCE)} as "notKnown"`,
  joins: `join patient p on p.id = c.patient_id
    left join lateral (select patient_name from stored_report r where r.study_id = c.follow_up_study_id
                        order by r.out_of_use, r.content_at desc, r.sop_instance_uid desc limit 1) r on true`,
};

const filtersOf = ({ sort: _sort, ...filters }: WorklistFilter) =>
  Object.fromEntries(Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== null));

/** A page of the worklist. `after` is the `next` of the page before. */
export async function listWorklist(
  database: Queryable,
  filter: WorklistFilter,
  after: string | null,
  limit: number,
): Promise<Page<WorklistRow>> {
  const query = { filters: filtersOf(filter), sort: SORTS[filter.sort], limit, after };
  const { rows, next } = await readPage<WorklistRow>(database, WORKLIST, query);
  return { rows: rows.map((row) => ({ ...row, warnings: [...new Set(row.warnings)].sort() })), next };
}

/** How many cases of each topic the filter finds beside its own, counted no further than `most` each. */
export async function countTopics(
  database: Queryable,
  filter: WorklistFilter,
  most: number,
): Promise<Readonly<Record<RuleTopic, number>>> {
  const counts = await Promise.all(
    RULE_TOPICS.map(async (topic) => [topic, await countWorklist(database, { ...filter, topic }, most)] as const),
  );
  return Object.fromEntries(counts) as Record<RuleTopic, number>;
}

/** How many cases the filter finds, counted no further than `most`. */
export async function countWorklist(database: Queryable, filter: WorklistFilter, most: number): Promise<number> {
  return await countRows(database, WORKLIST, filtersOf(filter), most);
}
