import { lockRegistry, type Signature } from '../../db/audit.ts';
import { endRowsOfStudies } from '../../db/judgement/current-rows.ts';
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts';
import { type PatientSide, readPatientSide } from '../../db/records/patient-identity.ts';
import {
  endPatientMerge,
  findPatientById,
  findPatientsByIdentity,
  findSurvivor,
  insertPatientMerge,
  type PatientIdentity,
  settleMerges,
} from '../../db/records/patient-merge.ts';
import { disagreeingFields, type IdentityField } from '../../dxa/study/same-person.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';

const refuse = (code: string, message: string) => new DxaflowError(code, message, { exitCode: EXIT.usage });

/** A patient as a person names it, "ID" or as HL7 writes it "ID^^^ISSUER", or as a page does, by the row. */
export type GivenPatient = string | { readonly rowId: string };

/** Throws PATIENT_UNKNOWN or, when several issuers gave out the id, PATIENT_AMBIGUOUS. */
export async function findGivenPatient(database: Queryable, given: GivenPatient): Promise<PatientIdentity> {
  if (typeof given !== 'string') {
    const patient = await findPatientById(database, given.rowId);
    if (patient === null) throw refuse('PATIENT_UNKNOWN', 'There is no such patient.');
    return patient;
  }
  const [patientId = '', issuer] = given.trim().split('^^^');
  const found = await findPatientsByIdentity(database, patientId, issuer ?? null);
  const [only] = found;
  if (only === undefined) throw refuse('PATIENT_UNKNOWN', 'No stored report names this patient (ID or ID^^^ISSUER).');
  if (found.length > 1) {
    throw refuse('PATIENT_AMBIGUOUS', 'This patient ID exists under several issuers; give it as ID^^^ISSUER.');
  }
  return only;
}

export type Merging = {
  readonly from: GivenPatient;
  readonly into: GivenPatient;
  readonly signature: Signature;
  /** Why two are one person although their reports disagree; null refuses them then. */
  readonly despite: string | null;
};
export type Merged = { readonly patientsToAssess: number };

/** The two who would become one, and in what their reports disagree. */
export type MergeSides = {
  readonly from: PatientSide;
  /** Whom studies of `from` would be judged with: `into`, or whom that is merged into. */
  readonly into: PatientSide;
  readonly disagreements: readonly IdentityField[];
};

const FIELD_WORDS: Readonly<Record<IdentityField, string>> = { name: 'name', sex: 'sex', birth_date: 'birth date' };

/** Names of the fields, never what stands in them. */
export const formatFields = (fields: readonly IdentityField[]): string =>
  new Intl.ListFormat('en-GB').format(fields.map((field) => FIELD_WORDS[field]));

/** Reads both sides, before anything is merged. Throws PATIENT_MERGE_CIRCLE and PATIENT_MERGE_PHANTOM. */
async function readSides(database: Queryable, gone: PatientIdentity, stays: PatientIdentity): Promise<MergeSides> {
  const survivor = await findSurvivor(database, stays.id);
  if (survivor === gone.id) {
    throw refuse('PATIENT_MERGE_CIRCLE', 'The second patient is the first one, or was merged into it.');
  }
  const [from, into] = [await readPatientSide(database, gone.id), await readPatientSide(database, survivor)];
  if (from.isPhantom !== into.isPhantom) {
    throw refuse(
      'PATIENT_MERGE_PHANTOM',
      'Not merged: one of the two is a phantom or test patient, and the other would be treated as one too. If it is a person, retire the pattern first (dxaflow patient phantom list).',
    );
  }
  return { from, into, disagreements: disagreeingFields(from.identities, into.identities) };
}

async function settle(database: Queryable): Promise<Merged> {
  const { movedStudyIds, patientsToAssess } = await settleMerges(database);
  await endRowsOfStudies(database, movedStudyIds);
  return { patientsToAssess };
}

/** Merges in the caller's transaction whatever disagrees, and returns who they are. */
export async function mergeAnyway(database: Queryable, merging: Merging): Promise<MergeSides & Merged> {
  // Merges come one after the other: two at once could make a circle.
  await lockRegistry(database);
  const gone = await findGivenPatient(database, merging.from);
  const stays = await findGivenPatient(database, merging.into);
  const sides = await readSides(database, gone, stays);
  const note = { disagreements: sides.disagreements, despite: merging.despite };
  if ((await insertPatientMerge(database, gone.id, stays.id, merging.signature, note)) === null) {
    throw refuse('PATIENT_MERGED_ALREADY', 'The first patient is already merged; undo that first.');
  }
  return { ...sides, ...(await settle(database)) };
}

/**
 * Has the studies of one patient judged as another's. Reports keep the patient that they name, so that it can be taken
 * back. Throws PATIENT_UNKNOWN, PATIENT_AMBIGUOUS, PATIENT_MERGE_CIRCLE, PATIENT_MERGED_ALREADY, PATIENT_MERGE_PHANTOM,
 * and PATIENT_MERGE_DISAGREES unless it is told despite what.
 */
export async function mergePatients(pool: Pool, merging: Merging): Promise<Merged> {
  const despite = merging.despite?.trim() ?? '';
  return await inTransaction(pool, async (transaction) => {
    const merged = await mergeAnyway(transaction, { ...merging, despite: despite === '' ? null : despite });
    const { disagreements, patientsToAssess } = merged;
    if (disagreements.length > 0 && despite === '') {
      throw refuse(
        'PATIENT_MERGE_DISAGREES',
        `Not merged: the reports of the two disagree in ${formatFields(disagreements)}. Compare both side by side (preview); if they are the same person nevertheless, say why (despite).`,
      );
    }
    return { patientsToAssess };
  });
}

/** Takes a merge back. Throws PATIENT_UNKNOWN, PATIENT_AMBIGUOUS or PATIENT_NOT_MERGED. */
export async function unmergePatient(pool: Pool, from: GivenPatient, signature: Signature): Promise<Merged> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const gone = await findGivenPatient(transaction, from);
    if (!(await endPatientMerge(transaction, gone.id, signature))) {
      throw refuse('PATIENT_NOT_MERGED', 'This patient is not merged into another.');
    }
    return await settle(transaction);
  });
}
