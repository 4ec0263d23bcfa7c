import { noteArchiveProblem } from '../files/archive-problem.ts';
import { FILE_COLUMNS, type SourceFile } from '../files/source-file.ts';
import { holdFiles } from '../locks.ts';
import type { Queryable } from '../pool.ts';
import { removeReport } from './report.ts';

/**
 * Several files may claim one SOP Instance UID. Of those that can be read the latest analysis stands; of one moment the
 * greater content identity; of one content a file whose archived bytes are there, and then the greater hash: arbitrary, but
 * the same in whatever order they came. The others keep no values: those of the same content are its duplicates, those of
 * another are conflicted.
 */
export type Claim = {
  readonly contentAt: string;
  /** Of the content; a file that an earlier release read has its hash instead, so that it equals no other. */
  readonly identity: string;
  readonly sha256: string;
  readonly readable: boolean;
};

/** Whether `a` stands where `b` claims the same instance. */
export function takesPrecedence(a: Claim, b: Claim): boolean {
  if (a.contentAt !== b.contentAt) return a.contentAt > b.contentAt;
  if (a.identity !== b.identity) return a.identity > b.identity;
  if (a.readable !== b.readable) return a.readable;
  return a.sha256 > b.sha256;
}

export type StandingFile = Claim & { readonly id: string };

const IDENTITY = 'coalesce(f.content_identity, f.sha256)';

/**
 * Locks the rows of a file and of all others that claim its SOP instances, by their ids, then those of the patients whom
 * their reports and the report to come concern.
 */
export async function holdClaimants(
  database: Queryable,
  fileId: string,
  sopInstanceUids: readonly string[],
  patient: { readonly issuerOfPatientId: string; readonly patientId: string } | null,
): Promise<void> {
  await holdFiles(database, [fileId], sopInstanceUids);
  await database.query({
    name: 'hold-concerned',
    text: `select 1 from patient p
            where p.id in (
              select s.patient_id from stored_report r join study s on s.id = r.study_id
               where r.source_file_id = $1::bigint or r.sop_instance_uid = any($2::text[])
              union all
              select unnest(array[n.id, n.merged_into_id]) from patient n
               where n.issuer_of_patient_id = $3 and n.patient_id = $4)
            order by p.id for no key update`,
    values: [fileId, sopInstanceUids, patient?.issuerOfPatientId ?? null, patient?.patientId ?? null],
  });
}

/** The file whose report, or which as a note, stands for an instance; null when none does. */
export async function findStanding(database: Queryable, sopInstanceUid: string): Promise<StandingFile | null> {
  const { rows } = await database.query<StandingFile>({
    name: 'find-standing',
    text: `select f.id::text, r.content_at as "contentAt", ${IDENTITY} as identity, f.sha256,
                  f.archive_problem is null as readable
             from standing_file r join source_file f on f.id = r.source_file_id where r.sop_instance_uid = $1`,
    values: [sopInstanceUid],
  });
  return rows[0] ?? null;
}

/**
 * Takes the report of a file away in favour of another, whose claim comes first; a note is left for the code that writes the other.
 * Its findings stay, as of any file without values. Returns the patient who lost it.
 */
export async function displace(
  database: Queryable,
  { id, contentAt }: StandingFile,
  readingVersion: string,
): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>(
    `with gone as (delete from stored_report where source_file_id = $1 returning study_id),
          findings as (update finding set scanner_key = null where source_file_id = $1),
          noted as (
            update source_file set state = 'conflicted', reason_code = 'SOP_INSTANCE_CONFLICT', reason_path = null,
                   reason_facts = '{}', content_at = $2, reader_version = $3 where id = $1)
     update patient set revision = revision + 1 where id in (select s.patient_id from study s join gone on gone.study_id = s.id)
     returning id::text`,
    [id, contentAt, readingVersion],
  );
  return rows[0]?.id ?? null;
}

/** Calls the files that claim an instance in vain duplicates of the one that stands, or conflicted, by their content. */
export async function sortClaimants(database: Queryable, sopInstanceUid: string): Promise<void> {
  await database.query(
    `with standing as (
       select f.id, ${IDENTITY} as identity
         from standing_file r join source_file f on f.id = r.source_file_id where r.sop_instance_uid = $1),
     sorted as (
       select f.id, case when ${IDENTITY} = s.identity then s.id end as of_id
         from source_file f, standing s
        where f.sop_instance_uid = $1 and f.id <> s.id and f.state in ('conflicted', 'duplicate'))
     update source_file f
        set state = case when s.of_id is null then 'conflicted' else 'duplicate' end,
            reason_code = case when s.of_id is null then 'SOP_INSTANCE_CONFLICT' end, duplicate_of_id = s.of_id
       from sorted s
      where f.id = s.id and (f.state, f.duplicate_of_id) is distinct from
            (case when s.of_id is null then 'conflicted' else 'duplicate' end, s.of_id)`,
    [sopInstanceUid],
  );
}

/**
 * Where nothing stands for an instance any more and nothing of it waits to be read, the best of the files that claimed it
 * in vain is put back to work, with those not yet read. Returns their ids; the sweep finds them
 * too. Run it after `lockInstances`.
 */
export async function requeueNextClaimant(database: Queryable, sopInstanceUid: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    `with claimants as (
       select f.id, f.content_at,
              row_number() over (order by f.content_at desc nulls last, ${IDENTITY} desc, f.archive_problem is not null,
                f.sha256 desc) as place
         from source_file f where f.sop_instance_uid = $1 and f.state in ('conflicted', 'duplicate')
          and not exists (select 1 from standing_file r where r.sop_instance_uid = $1)
          and not exists (select 1 from source_file w where w.sop_instance_uid = $1 and w.state = 'received')),
     held as materialized (
       select f.id from source_file f join claimants c on c.id = f.id where c.place = 1 or c.content_at is null
        order by f.id for no key update of f)
     update source_file f set state = 'received', reason_code = null, duplicate_of_id = null
       from held where f.id = held.id returning f.id::text`,
    [sopInstanceUid],
  );
  return rows.map(({ id }) => id);
}

/**
 * Notes that the archive has lost the bytes of a file, and puts a duplicate of it that is still there back to work: that
 * one stands from then on. Returns its id, if there is one.
 */
export async function requeueDuplicate(
  database: Queryable,
  fileId: string,
  problem: string,
): Promise<readonly string[]> {
  await noteArchiveProblem(database, fileId, problem);
  const { rows } = await database.query<{ id: string }>(
    `update source_file f set state = 'received', duplicate_of_id = null
      where f.id = (select d.id from source_file d
                     where d.duplicate_of_id = $1 and d.archive_problem is null order by d.sha256 desc limit 1 for update)
     returning f.id::text`,
    [fileId],
  );
  return rows.map(({ id }) => id);
}

/** Takes away what an earlier reading of the file stored. Returns the patient who lost it and the instance it stood for. */
export async function withdrawReport(
  database: Queryable,
  fileId: string,
): Promise<{ readonly patientId: string; readonly sopInstanceUid: string } | null> {
  const { rows } = await database.query<{ uid: string }>(
    'select sop_instance_uid as uid from stored_report where source_file_id = $1',
    [fileId],
  );
  const patientId = await removeReport(database, fileId);
  const uid = rows[0]?.uid;
  return patientId === null || uid === undefined ? null : { patientId, sopInstanceUid: uid };
}

/** Files that claim an instance and were read before contents had an identity. */
export async function listUnidentified(
  database: Queryable,
  sopInstanceUid: string,
  exceptFileId: string,
): Promise<readonly Pick<SourceFile, 'id' | 'archivePath' | 'sha256' | 'receivedOn'>[]> {
  const { rows } = await database.query<Pick<SourceFile, 'id' | 'archivePath' | 'sha256' | 'receivedOn'>>({
    name: 'list-unidentified',
    text: `select ${FILE_COLUMNS} from source_file f
            where f.sop_instance_uid = $1 and f.id <> $2 and f.content_identity is null
              and (f.state = 'conflicted' or exists (select 1 from standing_file r where r.source_file_id = f.id))
            order by f.id`,
    values: [sopInstanceUid, exceptFileId],
  });
  return rows;
}

export async function noteIdentity(database: Queryable, fileId: string, identity: string): Promise<void> {
  await database.query('update source_file set content_identity = $2 where id = $1 and content_identity is null', [
    fileId,
    identity,
  ]);
}
