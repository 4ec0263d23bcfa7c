import type { Queryable } from '../pool.ts';
import { FILE_UNREAD } from './source-file.ts';

export type Backlog = {
  /** Age of the oldest file that has no outcome yet; null when every file has one. */
  readonly oldestFileSeconds: number | null;
  readonly patientsToAssess: number;
  readonly cases: readonly {
    readonly rule: string;
    readonly tier: string;
    readonly state: string;
    readonly count: number;
  }[];
  readonly problems: readonly { readonly code: string; readonly count: number }[];
  /** Files that the archive does not hold as they were received. */
  readonly archiveProblems: readonly { readonly code: string; readonly count: number }[];
  /** Originals that are watched because their sender may go on writing. */
  readonly held: number;
};

/** What waits, whatever the queue says of it: rows without a result, cases without a decision, files not taken in. */
export async function readBacklog(database: Queryable): Promise<Backlog> {
  const { rows } = await database.query<Backlog>(
    `select (select extract(epoch from now() - min(received_at))::float8 from source_file
              where ${FILE_UNREAD}) as "oldestFileSeconds",
            (select count(*)::int from patient where assessed_revision < revision) as "patientsToAssess",
            (select coalesce(jsonb_agg(c), '[]') from (
               select rule, tier, state, count(*)::int as count from review_case group by 1, 2, 3) c) as cases,
            (select coalesce(jsonb_agg(p), '[]') from (
               select code, count(*)::int as count from intake_problem group by 1) p) as problems,
            (select coalesce(jsonb_agg(a), '[]') from (
               select archive_problem as code, count(*)::int as count from source_file
                where archive_problem is not null group by 1 order by 1) a) as "archiveProblems",
            (select count(*)::int from held_original) as held`,
  );
  const none = { oldestFileSeconds: null, patientsToAssess: 0, cases: [], problems: [], archiveProblems: [], held: 0 };
  return rows[0] ?? none;
}
