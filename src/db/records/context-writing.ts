import { raiseRevisions } from '../locks.ts';
import type { Queryable } from '../pool.ts';

/** Whose fact it is, and who says so. */
export type Recorded = {
  readonly issuerOfPatientId: string;
  readonly patientId: string;
  readonly note: string;
  readonly source: string;
  readonly recordedBy: string;
};

export type TherapyRow = Recorded & {
  readonly agent: string;
  readonly startedOn: string;
  readonly endedOn: string | null;
};
export type MarkerRow = Recorded & {
  readonly marker: string;
  readonly takenOn: string;
  readonly value: string;
  readonly unit: string;
};
export type RiskRow = Recorded & { readonly factor: string; readonly value: string; readonly notedOn: string };

const RECORDED = '"issuerOfPatientId" text, "patientId" text, note text, source text, "recordedBy" text';

/** Puts facts on file; returns how many are new or differ from what was there. */
async function upsert(database: Queryable, sql: string, rows: readonly Recorded[]): Promise<number> {
  const { rowCount } = await database.query(sql, [JSON.stringify(rows)]);
  return rowCount ?? 0;
}

export async function writeTherapies(database: Queryable, rows: readonly TherapyRow[]): Promise<number> {
  return await upsert(
    database,
    `insert into therapy_episode as t (issuer_of_patient_id, patient_id, agent, started_on, ended_on, note, source, recorded_by)
     select n."issuerOfPatientId", n."patientId", n.agent, n."startedOn", n."endedOn", n.note, n.source, n."recordedBy"
       from jsonb_to_recordset($1::jsonb) as n (${RECORDED}, agent text, "startedOn" date, "endedOn" date)
     on conflict (issuer_of_patient_id, patient_id, agent, started_on) do update set ended_on = excluded.ended_on,
       note = excluded.note, source = excluded.source, recorded_by = excluded.recorded_by, recorded_at = now()
     where (t.ended_on, t.note, t.source) is distinct from (excluded.ended_on, excluded.note, excluded.source)`,
    rows,
  );
}

export async function writeMarkers(database: Queryable, rows: readonly MarkerRow[]): Promise<number> {
  return await upsert(
    database,
    `insert into bone_turnover_marker as t (issuer_of_patient_id, patient_id, marker, taken_on, value, unit, note, source, recorded_by)
     select n."issuerOfPatientId", n."patientId", n.marker, n."takenOn", n.value, n.unit, n.note, n.source, n."recordedBy"
       from jsonb_to_recordset($1::jsonb) as n (${RECORDED}, marker text, "takenOn" date, value numeric, unit text)
     on conflict (issuer_of_patient_id, patient_id, marker, taken_on) do update set value = excluded.value,
       unit = excluded.unit, note = excluded.note, source = excluded.source, recorded_by = excluded.recorded_by,
       recorded_at = now()
     where (t.value, t.unit, t.note, t.source) is distinct from (excluded.value, excluded.unit, excluded.note, excluded.source)`,
    rows,
  );
}

export async function writeRisks(database: Queryable, rows: readonly RiskRow[]): Promise<number> {
  return await upsert(
    database,
    `insert into risk_factor as t (issuer_of_patient_id, patient_id, factor, value, noted_on, note, source, recorded_by)
     select n."issuerOfPatientId", n."patientId", n.factor, n.value, n."notedOn", n.note, n.source, n."recordedBy"
       from jsonb_to_recordset($1::jsonb) as n (${RECORDED}, factor text, value text, "notedOn" date)
     on conflict (issuer_of_patient_id, patient_id, factor, value, noted_on) do update set note = excluded.note,
       source = excluded.source, recorded_by = excluded.recorded_by, recorded_at = now()
     where (t.note, t.source) is distinct from (excluded.note, excluded.source)`,
    rows,
  );
}

const NAMED = `select distinct x."issuerOfPatientId" as issuer, x."patientId" as patient
  from jsonb_to_recordset($1::jsonb) as x ("issuerOfPatientId" text, "patientId" text)`;

/**
 * Marks the patients that these identifiers name, and those they were merged into, for a new judgement. Returns how many
 * were marked, and how many identifiers match no patient yet: their facts wait for the first scan.
 */
export async function touchPatientsNamed(
  database: Queryable,
  named: readonly Pick<Recorded, 'issuerOfPatientId' | 'patientId'>[],
): Promise<{ readonly patientsToAssess: number; readonly notSeenYet: number }> {
  const identifiers = JSON.stringify(
    named.map(({ issuerOfPatientId, patientId }) => ({ issuerOfPatientId, patientId })),
  );
  const patientsToAssess = await raiseRevisions(
    database,
    `select coalesce(p.merged_into_id, p.id) from (${NAMED}) n
       join patient p on p.issuer_of_patient_id = n.issuer and p.patient_id = n.patient`,
    [identifiers],
  );
  const { rows } = await database.query<{ notSeenYet: number }>(
    `select count(*)::int as "notSeenYet" from (${NAMED}) n where not exists (
       select 1 from patient p where p.issuer_of_patient_id = n.issuer and p.patient_id = n.patient)`,
    [identifiers],
  );
  return { patientsToAssess, notSeenYet: rows[0]?.notSeenYet ?? 0 };
}
