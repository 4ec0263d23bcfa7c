import type { CaseState } from '../../dxa/cases/case-decision.ts';
import type { Queryable } from '../pool.ts';
import { isSortValue, type SortType } from '../sort-value.ts';
import { cursorInvalid } from './cursor.ts';

export const WORKLIST_STATES = ['waiting', 'open', 'in_review', 'reopened', 'resolved', 'withdrawn', 'all'] as const;
export const WORKLIST_SORTS = ['strength', 'oldest', 'newest'] as const;

export type WorklistFilter = {
  /** `waiting` is every state that waits for a person. */
  readonly state: (typeof WORKLIST_STATES)[number];
  readonly tier: 'review' | 'check' | 'information' | null;
  readonly rule: string | null;
  /** Row id. */
  readonly patientKey: string | null;
  /** Empty: of nobody. */
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
};

/** Keys that have an index each; ties are broken by id in the same direction. */
const SORTS = {
  strength: { column: 'priority', type: 'double precision', direction: 'desc' },
  oldest: { column: 'opened_at', type: 'timestamptz', direction: 'asc' },
  newest: { column: 'follow_up_on', type: 'date', direction: 'desc' },
} as const satisfies Record<WorklistFilter['sort'], { column: string; type: SortType; direction: 'asc' | 'desc' }>;

/** Conditions on review_case with their values; the literal list of states is what the partial indexes are made for. */
function conditionsOf(filter: WorklistFilter, after: Cursor | null) {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const conditions: string[] = [];
  if (filter.state === 'waiting') conditions.push(`state in ('open', 'reopened', 'in_review')`);
  else if (filter.state !== 'all') conditions.push(`state = ${value(filter.state)}`);
  if (filter.tier !== null) conditions.push(`tier = ${value(filter.tier)}`);
  if (filter.rule !== null) conditions.push(`rule = ${value(filter.rule)}`);
  if (filter.patientKey !== null) conditions.push(`patient_id = ${value(filter.patientKey)}::bigint`);
  if (filter.assignee === '') conditions.push('assignee is null');
  else if (filter.assignee !== null) conditions.push(`assignee = ${value(filter.assignee)}`);
  if (filter.scannerId !== null)
    conditions.push(`scanner_key = (select identity_key from scanner where id = ${value(filter.scannerId)}::bigint)`);
  if (filter.from !== null) conditions.push(`follow_up_on >= ${value(filter.from)}`);
  if (filter.to !== null) conditions.push(`follow_up_on <= ${value(filter.to)}`);
  if (after !== null) {
    const { column, type, direction } = SORTS[filter.sort];
    if (!isSortValue(type, after[0])) throw cursorInvalid();
    const compare = direction === 'asc' ? '>' : '<';
    conditions.push(`(${column}, id) ${compare} (${value(after[0])}::${type}, ${value(after[1])}::bigint)`);
  }
  return { where: conditions.length === 0 ? 'true' : conditions.join(' and '), values, value };
}

/** Sort key and id of the last row of a page. */
export type Cursor = readonly [key: string, id: string];
export type WorklistPage = { readonly rows: readonly WorklistRow[]; readonly next: Cursor | null };

/** A page of the worklist. `after` is the `next` of the page before. */
export async function listWorklist(
  database: Queryable,
  filter: WorklistFilter,
  after: Cursor | null,
  limit: number,
): Promise<WorklistPage> {
  const { column, direction } = SORTS[filter.sort];
  const { where, values, value } = conditionsOf(filter, after);
  const { rows } = await database.query<WorklistRow & { readonly key: string }>(
    `with c as materialized (
       select * from review_case where ${where} order by ${column} ${direction}, id ${direction} limit ${value(limit + 1)})
     select c.id::text, c.version, c.rule, c.tier, c.state, c.strength, c.region_pair as "regionPair",
            c.opened_at as "openedAt", c.patient_id::text as "patientKey", p.patient_id as "patientId",
            r.patient_name as "patientName", c.follow_up_on as "followUpOn", c.assignee, c.${column}::text as key,
            coalesce((select jsonb_agg(jsonb_build_object('region', k.region, 'vertebrae', k.vertebrae,
                'laterality', k.laterality, 'verdict', k.verdict, 'referenceOn', k.reference_on,
                'deltaGramsPerCm2', k.delta_g_per_cm2::text, 'deltaPercent', k.delta_percent::text, 'strength', k.strength))
               from comparison k
              where k.follow_up_study_id = c.follow_up_study_id and k.kind = 'previous' and k.superseded_at is null
                and k.region in ('spine', 'total_hip', 'femoral_neck')), '[]') as changes,
            jsonb_path_query_array(c.explanations, '$[*].group') as reasons,
            jsonb_path_query_array(c.evidence, '$.comparisons[*].checks[*] ? (@.outcome == "warn").code') as warnings
       from c
       join patient p on p.id = c.patient_id
       left join lateral (select patient_name from report r where r.study_id = c.follow_up_study_id
                      order by r.content_at desc, r.sop_instance_uid desc limit 1) r on true
      order by c.${column} ${direction}, c.id ${direction}`,
    values,
  );
  const shown = rows.slice(0, limit).map((row) => ({ ...row, warnings: [...new Set(row.warnings)].sort() }));
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? [last.key, last.id] : null };
}

/** How many cases the filter finds, counted no further than `most`. */
export async function countWorklist(database: Queryable, filter: WorklistFilter, most: number): Promise<number> {
  const { where, values, value } = conditionsOf(filter, null);
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int as count from (select 1 from review_case where ${where} limit ${value(most)}) as found`,
    values,
  );
  return rows[0]?.count ?? 0;
}
