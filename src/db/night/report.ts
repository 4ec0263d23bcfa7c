import type { Queryable } from '../pool.ts';
import type { NightChange } from './change.ts';

export const CHANGE_KINDS = ['file', 'patient', 'archive', 'failure'] as const;

export type ReportFilter = { readonly step: string | null; readonly kind: NightChange['kind'] | null };

/** A line of a run's report with what a person knows the file and patient by. */
export type ReportLine = NightChange & {
  readonly id: string;
  readonly happenedAt: Date;
  /** Name below the drop folder. */
  readonly dropName: string | null;
  /** Id that the hospital gave the patient. */
  readonly namedPatientId: string | null;
};

/**
 * A page of a run's report, in the order in which things changed. Cases that the run opened carry their ids as well:
 * when the line was written they were still being made.
 */
export async function listReportLines(
  database: Queryable,
  runId: string,
  { step, kind }: ReportFilter,
  afterId: string,
  limit: number,
): Promise<readonly ReportLine[]> {
  const { rows } = await database.query<ReportLine>(
    `select n.id::text, n.step, n.kind, n.source_file_id::text as "sourceFileId", n.patient_id::text as "patientId",
            n.causes, n.happened_at as "happenedAt", f.drop_name as "dropName", p.patient_id as "namedPatientId",
            case when n.detail ? 'cases' then n.detail || jsonb_build_object('cases', (
              select coalesce(jsonb_agg(d.one || jsonb_build_object('caseId', c.id::text) order by d.place), '[]')
                from jsonb_array_elements(n.detail -> 'cases') with ordinality as d (one, place)
                left join study s on s.study_instance_uid = d.one ->> 'studyInstanceUid'
                left join review_case c on c.follow_up_study_id = s.id and c.rule = d.one ->> 'rule'
                      and c.region_pair = d.one ->> 'regionPair')) else n.detail end as detail
       from night_change n
       left join source_file f on f.id = n.source_file_id
       left join patient p on p.id = n.patient_id
      where n.night_run_id = $1 and n.id > $2 and ($3::text is null or n.step = $3) and ($4::text is null or n.kind = $4)
      order by n.id limit $5`,
    [runId, afterId, step, kind, limit],
  );
  return rows;
}

/** How many lines of each kind the reports of these runs hold. */
export async function countReportLines(
  database: Queryable,
  runIds: readonly string[],
): Promise<
  readonly {
    readonly runId: string;
    readonly step: string;
    readonly kind: NightChange['kind'];
    readonly count: number;
  }[]
> {
  const { rows } = await database.query<{ runId: string; step: string; kind: NightChange['kind']; count: number }>(
    `select night_run_id::text as "runId", step, kind, count(*)::int as count
       from night_change where night_run_id = any($1) group by 1, 2, 3 order by 1, 2, 3`,
    [runIds],
  );
  return rows;
}
