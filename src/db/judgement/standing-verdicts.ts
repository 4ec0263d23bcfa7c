import type { Queryable } from '../pool.ts';

/** What stands of a patient's judgement: verdicts by what they are of, and the last thing that happened to a case. */
export type StandingVerdicts = {
  readonly comparisons: Readonly<Record<string, string>>;
  readonly trends: Readonly<Record<string, string>>;
  readonly lastEventId: string;
};

const KEY = `concat_ws('/', c.region, nullif(c.vertebrae, ''), c.laterality)`;

/** Reads it in the caller's transaction, which may have judged before and judge again. */
export async function readStandingVerdicts(database: Queryable, patientId: string): Promise<StandingVerdicts> {
  const { rows } = await database.query<StandingVerdicts>({
    name: 'standing-verdicts',
    text: `select
      coalesce((select json_object_agg(concat_ws(' ', c.kind, ${KEY}, c.follow_up_study_id), c.verdict) from comparison c
                 where c.patient_id = $1 and c.superseded_at is null), '{}') as comparisons,
      coalesce((select json_object_agg(concat_ws(' ', ${KEY}, c.follow_up_study_id), c.verdict) from trend c
                 where c.patient_id = $1 and c.superseded_at is null), '{}') as trends,
      (select coalesce(max(e.id), 0)::text from review_case k join review_case_event e on e.review_case_id = k.id
        where k.patient_id = $1) as "lastEventId"`,
    values: [patientId],
  });
  return rows[0] ?? { comparisons: {}, trends: {}, lastEventId: '0' };
}

/** What happened to the patient's cases since. */
export async function listEventsSince(
  database: Queryable,
  patientId: string,
  eventId: string,
): Promise<readonly { readonly rule: string; readonly event: string }[]> {
  const { rows } = await database.query<{ rule: string; event: string }>({
    name: 'case-events-since',
    text: `select k.rule, e.event from review_case k join review_case_event e on e.review_case_id = k.id
            where k.patient_id = $1 and e.id > $2 order by e.id`,
    values: [patientId, eventId],
  });
  return rows;
}
