import type { Queryable } from '../pool.ts';

/** What is said of one patient now, for holding it against what would be said. */
export type JudgedPatient = {
  readonly comparisons: readonly {
    /** Kind, region, side and studies of the pair. */
    readonly key: string;
    readonly region: string;
    readonly verdict: string;
    /** g/cm²; null where there is none. */
    readonly lsc: string | null;
  }[];
  readonly cases: readonly {
    readonly id: string;
    readonly rule: string;
    readonly tier: string;
    readonly state: string;
  }[];
};

/** Current comparisons and every case of a patient. Run it in the transaction that has judged the patient. */
export async function readJudgedPatient(database: Queryable, patientId: string): Promise<JudgedPatient> {
  const { rows } = await database.query<JudgedPatient>({
    name: 'judged-patient',
    text: `select coalesce((select jsonb_agg(jsonb_build_object(
                      'key', concat_ws(' ', c.kind, c.region, c.vertebrae, c.laterality, c.follow_up_study_id),
                      'region', c.region, 'verdict', c.verdict, 'lsc', c.lsc_g_per_cm2::text) order by c.id)
                   from comparison c where c.patient_id = $1 and c.superseded_at is null), '[]') as comparisons,
            coalesce((select jsonb_agg(jsonb_build_object('id', c.id::text, 'rule', c.rule, 'tier', c.tier,
                      'state', c.state) order by c.id)
                   from review_case c where c.patient_id = $1), '[]') as cases`,
    values: [patientId],
  });
  return rows[0] ?? { comparisons: [], cases: [] };
}
