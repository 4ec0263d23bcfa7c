import type { Agent, Marker, PatientContext } from '../../dxa/study/context.ts';
import type { Queryable } from '../pool.ts';

/** Units in which laboratories give a marker, with what makes them comparable: ratios are taken of values in one unit. */
export const MARKER_UNITS: Readonly<Record<Marker, Readonly<Record<string, number>>>> = {
  P1NP: { 'ug/L': 1, 'ng/mL': 1 },
  CTX: { 'ng/L': 1, 'pg/mL': 1, 'ug/L': 1000, 'ng/mL': 1000 },
};

type MarkerOnFile = {
  readonly marker: Marker;
  readonly takenOn: string;
  readonly value: number;
  readonly unit: string;
};

type Row = {
  readonly therapies:
    | readonly { readonly agent: Agent | 'none'; readonly startedOn: string; readonly endedOn: string | null }[]
    | null;
  readonly markers: readonly MarkerOnFile[] | null;
  readonly factors: readonly { readonly factor: string; readonly value: string; readonly notedOn: string }[] | null;
};

/** The patient's own identifiers and those of everyone who was merged into the patient. */
const SQL = `
with recursive merged as (
  select id, issuer_of_patient_id, patient_id from patient where id = $1
  union
  select p.id, p.issuer_of_patient_id, p.patient_id from patient p join merged m on p.merged_into_id = m.id)
select (select jsonb_agg(jsonb_build_object('agent', t.agent, 'startedOn', t.started_on, 'endedOn', t.ended_on)
                         order by t.started_on, t.agent)
          from therapy_episode t join merged m using (issuer_of_patient_id, patient_id)) as therapies,
       (select jsonb_agg(jsonb_build_object('marker', b.marker, 'takenOn', b.taken_on, 'value', b.value, 'unit', b.unit)
                         order by b.taken_on, b.marker)
          from bone_turnover_marker b join merged m using (issuer_of_patient_id, patient_id)) as markers,
       (select jsonb_agg(jsonb_build_object('factor', f.factor, 'value', f.value, 'notedOn', f.noted_on)
                         order by f.noted_on, f.value)
          from risk_factor f join merged m using (issuer_of_patient_id, patient_id)) as factors`;

/**
 * What is known of a patient beside the scans. Null stands for what was not recorded; a line that says "none" makes it an
 * empty list. Of each single fact the latest note counts.
 */
export async function readPatientContext(database: Queryable, patientId: string): Promise<PatientContext> {
  const { rows } = await database.query<Row>({ name: 'patient-context', text: SQL, values: [patientId] });
  const { therapies = null, markers = null, factors = null } = rows[0] ?? {};
  const latest = (factor: string) => factors?.findLast((one) => one.factor === factor)?.value ?? null;
  const causes = factors?.filter((one) => one.factor === 'secondary_cause').map(({ value }) => value) ?? [];
  const adherence = latest('adherence');
  const falls = latest('falls_in_last_year');
  const assessed = latest('vertebral_fracture_assessment');
  return {
    therapies: therapies?.flatMap(({ agent, ...episode }) => (agent === 'none' ? [] : [{ agent, ...episode }])) ?? null,
    markers:
      markers?.map(({ unit, value, ...result }) => ({
        ...result,
        value: value * (MARKER_UNITS[result.marker][unit] ?? 1),
      })) ?? null,
    adherence: adherence === 'taken' || adherence === 'partly_taken' || adherence === 'not_taken' ? adherence : null,
    secondaryCauses: causes.length === 0 ? null : [...new Set(causes.filter((cause) => cause !== 'none'))],
    fallsInLastYear: falls === null ? null : Number(falls),
    vertebralFractureAssessment: assessed === 'done' || assessed === 'not_done' ? assessed : null,
  };
}
