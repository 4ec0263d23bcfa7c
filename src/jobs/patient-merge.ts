import { lockRegistry, type Signature } from '../db/audit.ts';
import {
  endPatientMerge,
  findPatientsByIdentity,
  findSurvivor,
  insertPatientMerge,
  type PatientIdentity,
  settleMerges,
} from '../db/patient-merge.ts';
import { inTransaction, type Pool, type Queryable } from '../db/pool.ts';
import { DxaflowError, EXIT } from '../errors.ts';

const refuse = (code: string, message: string) => new DxaflowError(code, message, { exitCode: EXIT.usage });

/**
 * Finds the patient that a person means by "ID" or, as HL7 writes it, "ID^^^ISSUER". Throws PATIENT_UNKNOWN or, when
 * several issuers gave out the id, PATIENT_AMBIGUOUS.
 */
async function findGivenPatient(database: Queryable, given: string): Promise<PatientIdentity> {
  const [patientId = '', issuer] = given.split('^^^');
  const found = await findPatientsByIdentity(database, patientId, issuer ?? null);
  const [only] = found;
  if (only === undefined) throw refuse('PATIENT_UNKNOWN', 'No stored report names this patient (ID or ID^^^ISSUER).');
  if (found.length > 1) {
    throw refuse('PATIENT_AMBIGUOUS', 'Several issuers gave out this patient ID; write it as ID^^^ISSUER.');
  }
  return only;
}

export type Merged = { readonly patientsToAssess: number };

/**
 * Has the studies of one patient judged as another's. Reports keep the patient that they name, so that it can be taken
 * back. Throws PATIENT_UNKNOWN, PATIENT_AMBIGUOUS, PATIENT_MERGE_CIRCLE, PATIENT_MERGED_ALREADY.
 */
export async function mergePatients(pool: Pool, from: string, into: string, signature: Signature): Promise<Merged> {
  return await inTransaction(pool, async (transaction) => {
    // Merges come one after the other: two at once could make a circle.
    await lockRegistry(transaction);
    const gone = await findGivenPatient(transaction, from);
    const stays = await findGivenPatient(transaction, into);
    if ((await findSurvivor(transaction, stays.id)) === gone.id) {
      throw refuse('PATIENT_MERGE_CIRCLE', 'The second patient is the first one, or was merged into it.');
    }
    if ((await insertPatientMerge(transaction, gone.id, stays.id, signature)) === null) {
      throw refuse('PATIENT_MERGED_ALREADY', 'The first patient is merged already; take that back first.');
    }
    return { patientsToAssess: await settleMerges(transaction) };
  });
}

/** Takes a merge back. Throws PATIENT_UNKNOWN, PATIENT_AMBIGUOUS or PATIENT_NOT_MERGED. */
export async function unmergePatient(pool: Pool, from: string, signature: Signature): Promise<Merged> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const gone = await findGivenPatient(transaction, from);
    if (!(await endPatientMerge(transaction, gone.id, signature))) {
      throw refuse('PATIENT_NOT_MERGED', 'This patient is not merged into another.');
    }
    return { patientsToAssess: await settleMerges(transaction) };
  });
}
