import type { Queryable } from '../../../src/db/pool.ts';

/**
 * The content of the database as text that does not depend on when and in what order rows came: natural keys instead of
 * ids, no times, no counts of deliveries and attempts, sorted. What an earlier state of knowledge said (superseded
 * comparisons, cases that the machine withdrew untouched) depends on the order of arrival by its nature and is left out.
 */
export type DumpOptions = {
  /** False also leaves out where values stand: files, reports, findings of files, sources; for studies split differently. */
  readonly places: boolean;
};

const STUDY = (id: string) =>
  `(select ks.study_instance_uid || ' of ' || kn.issuer_of_patient_id || '/' || kn.patient_id
      from study ks join patient kn on kn.id = ks.named_patient_id where ks.id = ${id})`;
const PATIENT = (id: string) =>
  `(select kp.issuer_of_patient_id || '/' || kp.patient_id from patient kp where kp.id = ${id})`;
const LSC = (id: string) =>
  `(select to_jsonb(kl) - array['id', 'created_at', 'replaces_id'] from least_significant_change kl where kl.id = ${id})`;

/** One query a table; each gives one JSON object a row. */
const TABLES: readonly { readonly name: string; readonly place?: true; readonly sql: string }[] = [
  {
    name: 'patient',
    sql: `select jsonb_build_object('patient', ${PATIENT('p.id')}, 'merged into', ${PATIENT('p.merged_into_id')},
            'phantom', p.is_phantom, 'judged', p.assessed_revision = p.revision, 'rules', p.assessed_rule_set) as row
            from patient p`,
  },
  { name: 'scanner', sql: `select to_jsonb(c) - 'id' - 'created_at' as row from scanner c` },
  {
    name: 'study',
    sql: `select jsonb_build_object('study', ${STUDY('s.id')}, 'judged with', ${PATIENT('s.patient_id')}) as row from study s`,
  },
  {
    name: 'source_file',
    place: true,
    sql: `select to_jsonb(f) - array['id','drop_name','times_received','attempts','reader_version','received_at','last_received_at','processed_at',
              'duplicate_of_id','mapping_revision','superseded_by_id','archive_problem_at','archive_healed_at']
            || jsonb_build_object('duplicate of', (select d.sha256 from source_file d where d.id = f.duplicate_of_id)) as row
            from source_file f where f.superseded_by_id is null`,
  },
  {
    name: 'report',
    place: true,
    sql: `select to_jsonb(r) - array['id','source_file_id','study_id','scanner_id','stored_at'] || jsonb_build_object(
            'file', (select f.sha256 from source_file f where f.id = r.source_file_id), 'study', ${STUDY('r.study_id')},
            'scanner', (select c.identity_key from scanner c where c.id = r.scanner_id)) as row from stored_report r`,
  },
  {
    name: 'measured_value',
    place: true,
    sql: `select to_jsonb(v) - array['id','report_id'] || jsonb_build_object('report', r.sop_instance_uid) as row
            from measured_value v join stored_report r on r.id = v.report_id`,
  },
  {
    name: 'vendor_claim',
    place: true,
    sql: `select to_jsonb(v) - array['id','report_id'] || jsonb_build_object('report', r.sop_instance_uid) as row
            from vendor_claim v join stored_report r on r.id = v.report_id`,
  },
  {
    name: 'rejection',
    place: true,
    sql: `select to_jsonb(n) - array['id','source_file_id','noted_at'] || jsonb_build_object(
            'file', (select f.sha256 from source_file f where f.id = n.source_file_id),
            'names', (select jsonb_agg(to_jsonb(t) - array['id','rejection_note_id','status_since'] order by t.sop_instance_uid)
                        from rejection_target t where t.rejection_note_id = n.id)) as row
            from rejection_note n`,
  },
  {
    name: 'instance_decision',
    sql: `select to_jsonb(d) - array['id','created_at'] as row from instance_decision d where d.retired_at is null`,
  },
  {
    name: 'finding',
    place: true,
    sql: `select to_jsonb(g) - array['id','source_file_id','found_at'] || jsonb_build_object('file', f.sha256) as row
            from finding g join source_file f on f.id = g.source_file_id`,
  },
  {
    name: 'history_finding',
    place: true,
    sql: `select jsonb_build_object('study', ${STUDY('h.study_id')}, 'patient', ${PATIENT('h.patient_id')}, 'code', h.code,
            'subject', h.subject, 'facts', h.facts) as row from history_finding h`,
  },
  {
    name: 'current_measurement',
    sql: `select jsonb_build_object('study', ${STUDY('m.study_id')}, 'scan', m.scan_type, 'region', m.region,
            'vertebrae', m.vertebrae, 'laterality', m.laterality, 'quantity', m.quantity,
            'reference', m.reference_population, 'value', m.value) as row from current_measurement m`,
  },
  {
    name: 'comparison',
    sql: `select to_jsonb(c) - array['id','patient_id','follow_up_study_id','reference_study_id','lsc_id','content_hash','made_at']
            || jsonb_build_object('patient', ${PATIENT('c.patient_id')}, 'follow up', ${STUDY('c.follow_up_study_id')},
                 'reference', ${STUDY('c.reference_study_id')}, 'lsc', ${LSC('c.lsc_id')}) as row
            from comparison c where c.superseded_at is null`,
  },
  {
    name: 'trend',
    sql: `select to_jsonb(t) - array['id','patient_id','follow_up_study_id','baseline_study_id','study_ids','lsc_id','content_hash','made_at']
            || jsonb_build_object('patient', ${PATIENT('t.patient_id')}, 'follow up', ${STUDY('t.follow_up_study_id')},
                 'baseline', ${STUDY('t.baseline_study_id')}, 'lsc', ${LSC('t.lsc_id')},
                 'studies', (select jsonb_agg(${STUDY('x.id')} order by x.place) from unnest(t.study_ids) with ordinality x (id, place))) as row
            from trend t where t.superseded_at is null`,
  },
  {
    name: 'study_follow_up',
    sql: `select to_jsonb(u) - array['study_id','patient_id','previous_study_id'] || jsonb_build_object(
            'patient', ${PATIENT('u.patient_id')}, 'study', ${STUDY('u.study_id')}, 'previous', ${STUDY('u.previous_study_id')}) as row
            from study_follow_up u`,
  },
  {
    name: 'visit',
    sql: `select to_jsonb(v) - array['study_id','study_ids','patient_id'] || jsonb_build_object('patient', ${PATIENT('v.patient_id')},
            'studies', (select jsonb_agg(${STUDY('x.id')} order by x.place) from unnest(v.study_ids) with ordinality x (id, place))) as row
            from visit v`,
  },
  {
    name: 'review_case',
    // Which study of a visit a case was opened under depends on which came first.
    sql: `select to_jsonb(c) - array['id','patient_id','follow_up_study_id','study_ids','evidence_hash','version','opened_at','updated_at','resolved_at']
            || jsonb_build_object('patient', ${PATIENT('c.patient_id')},
                 'studies', (select jsonb_agg(${STUDY('x.id')} order by x.place) from unnest(c.study_ids) with ordinality x (id, place))) as row
            from review_case c
           where c.state <> 'withdrawn'
              or exists (select 1 from review_case_event e where e.review_case_id = c.id and e.actor_kind = 'person')`,
  },
];

/** Keys inside evidence, explanations and the like that hold row ids of studies, other row ids, or places in files. */
const STUDY_KEYS = new Set(['studyId', 'followUpStudyId', 'referenceStudyId', 'baselineStudyId']);
// The row itself stands beside them.
const OTHER_IDS = new Set(['lscId', 'lscIds', 'crossCalibrationId']);
const PLACE_KEYS = new Set(['sources', 'reference_sources', 'follow_up_sources', 'sourceValueIds', 'source']);

function withoutIds(value: unknown, names: ReadonlyMap<string, string>, places: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutIds(one, names, places));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !OTHER_IDS.has(key) && (places || !PLACE_KEYS.has(key)))
      .map(([key, one]) => [
        key,
        STUDY_KEYS.has(key) && one !== null ? (names.get(String(one)) ?? 'a row') : withoutIds(one, names, places),
      ]),
  );
}

/** JSON with keys in order, so that two equal objects are one text. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

export async function canonicalDump(database: Queryable, options: DumpOptions): Promise<string> {
  const { rows: studies } = await database.query<{ id: string; name: string }>(
    `select id::text, ${STUDY('study.id')} as name from study`,
  );
  const names = new Map(studies.map(({ id, name }) => [id, name]));
  const lines: string[] = [];
  for (const { name, place, sql } of TABLES) {
    if (place === true && !options.places) continue;
    const { rows } = await database.query<{ row: unknown }>(sql);
    lines.push(...rows.map(({ row }) => `${name} ${stable(withoutIds(row, names, options.places))}`).sort());
  }
  return `${lines.join('\n')}\n`;
}
