import type { NightChange } from '../../../src/db/night/change.ts';
import type { Queryable } from '../../../src/db/pool.ts';

/** Everything that a run may change, without ids and times that every rewriting gives anew. */
export async function nightContent(database: Queryable): Promise<unknown> {
  const { rows } = await database.query(
    `select (select jsonb_agg(to_jsonb(v) - 'id' - 'report_id' || jsonb_build_object('uid', r.sop_instance_uid, 'adapter', r.adapter_version)
               order by r.sop_instance_uid, v.tree_path, v.quantity, v.laterality, v.region, v.scan_label)
               from measured_value v join report r on r.id = v.report_id) as values,
            (select jsonb_agg(to_jsonb(c) - 'id' - 'made_at' - 'superseded_at' order by c.follow_up_study_id, c.kind, c.region, c.vertebrae, c.laterality)
               from comparison c where superseded_at is null) as comparisons,
            (select jsonb_agg(to_jsonb(c) order by c.id) from review_case c) as cases,
            (select jsonb_agg(jsonb_build_array(f.id, f.state, f.reason_code, f.reader_version) order by f.id) from source_file f) as files,
            (select count(*) from night_run) as runs, (select count(*) from night_change) as changes`,
  );
  return rows[0];
}

/** Changes without ids and times, in an order of their own: what a dry run and a run that writes must share. */
export const comparable = (changes: readonly NightChange[]) =>
  changes
    .map(({ step, kind, sourceFileId, patientId, causes, detail }) => ({
      step,
      kind,
      sourceFileId,
      patientId,
      causes,
      detail,
    }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
