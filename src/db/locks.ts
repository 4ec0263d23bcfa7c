import { REGISTRY_LOCK } from './audit.ts';
import type { Queryable } from './pool.ts';

/**
 * Locks are always taken in this order, so that there is no deadlock (docs/decisions/0010):
 * registry, patients under judgement, site mappings, SOP instances, then rows: files, patients, cases, each by their ids;
 * rows that are new last, by their keys. The first keys of the advisory locks; that of the registry stands in audit.ts.
 */
const PATIENT_LOCK = 1;
const MAPPING_LOCK = 3;
const INSTANCE_LOCK = 4;

/**
 * Takes the right to judge these patients until the end of the transaction: two workers on one patient would otherwise
 * both replace the other's rows. The registry is held shared (see `lockRegistry`).
 */
export async function lockPatientsForAssessment(database: Queryable, patientIds: readonly string[]): Promise<void> {
  await database.query({
    name: 'lock-patients',
    text: `select case when k.key is null then pg_advisory_xact_lock_shared($1, 0) else pg_advisory_xact_lock($2, k.key) end
             from (select null::int as key
                   union all (select distinct hashtext('assess:' || id) from unnest($3::text[]) as p (id) order by 1)) k`,
    values: [REGISTRY_LOCK, PATIENT_LOCK, patientIds],
  });
}

/** The same for one more patient, for callers that hold rows already and must not wait; false when it is being assessed. */
export async function tryLockPatient(database: Queryable, patientId: string): Promise<boolean> {
  const { rows } = await database.query<{ taken: boolean }>(
    `select pg_try_advisory_xact_lock($1, hashtext('assess:' || $2)) as taken`,
    [PATIENT_LOCK, patientId],
  );
  return rows[0]?.taken === true;
}

/** Keeps files from being stored while the site's mappings change, or which instances are out of use. */
export async function lockStoring(database: Queryable): Promise<void> {
  await database.query('select pg_advisory_xact_lock($1, 0)', [MAPPING_LOCK]);
}

/** FNV-1a. Two instances of one number only take turns where they need not. */
function numberOf(sopInstanceUid: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < sopInstanceUid.length; at += 1) {
    hash = Math.imul(hash ^ sopInstanceUid.charCodeAt(at), 0x01000193);
  }
  return hash | 0;
}

/**
 * Takes the right to say which file stands for these SOP instances until the end of the transaction, and keeps the site's
 * mappings as they are. What a statement after this one reads of an instance is all there is of it.
 */
export async function lockInstances(database: Queryable, sopInstanceUids: readonly string[]): Promise<void> {
  const numbers = [...new Set(sopInstanceUids.map(numberOf))].sort((a, b) => a - b);
  await database.query({
    name: 'lock-instances',
    text: `select case when k.key is null then pg_advisory_xact_lock_shared($1, 0) else pg_advisory_xact_lock($2, k.key) end
             from unnest(array[null]::int[] || $3::int[]) as k (key)`,
    values: [MAPPING_LOCK, INSTANCE_LOCK, numbers],
  });
}

/** Locks the rows of files, and of all others that claim SOP instances of theirs, those with the lowest ids first. */
export async function holdFiles(
  database: Queryable,
  fileIds: readonly string[],
  sopInstanceUids: readonly string[],
): Promise<void> {
  await database.query({
    name: 'hold-files',
    text: `select 1 from source_file f where f.id = any($1::bigint[]) or f.sop_instance_uid = any($2::text[])
            order by f.id for no key update`,
    values: [fileIds, sopInstanceUids],
  });
}

/** Locks the rows of patients, those with the lowest ids first; for callers that change several. */
export async function holdPatients(database: Queryable, patientIds: readonly string[]): Promise<void> {
  await database.query({
    name: 'hold-patients',
    text: 'select 1 from patient where id = any($1::bigint[]) order by id for no key update',
    values: [patientIds],
  });
}

/**
 * Raises the revision of the patients whose ids a query gives, so that they are reassessed; returns how many. Their rows
 * are locked by their ids.
 */
export async function raiseRevisions(
  database: Queryable,
  patientIds: string,
  parameters: readonly unknown[],
): Promise<number> {
  const { rowCount } = await database.query(
    `with held as materialized (
       select p.id from patient p where p.id in (${patientIds}) order by p.id for no key update)
     update patient p set revision = p.revision + 1 from held where p.id = held.id`,
    [...parameters],
  );
  return rowCount ?? 0;
}
