import type { InstanceDecision, RejectionTitle, TargetStatus } from '../../dxa/study/rejection.ts';
import type { Queryable } from '../pool.ts';

/** What one rejection note does to an instance. */
export type NamedByNote = {
  readonly noteFileId: string;
  readonly title: RejectionTitle;
  readonly reasons: readonly string[];
  readonly description: string | null;
  readonly status: TargetStatus;
  /** Since when it stands so, ISO 8601. */
  readonly since: string;
};

/** An instance that a note or a person has said something of. */
export type RejectedInstance = {
  readonly sopInstanceUid: string;
  /** Null while no report of it is stored. */
  readonly outOfUse: boolean | null;
  /** Of its report, or of a file that gave none. */
  readonly fileId: string | null;
  readonly dropName: string | null;
  readonly scannedOn: string | null;
  readonly patientKey: string | null;
  /** Oldest first. */
  readonly notes: readonly NamedByNote[];
  readonly decision: {
    readonly decision: InstanceDecision['decision'];
    readonly by: string;
    readonly note: string;
    readonly at: string;
  } | null;
};

const at = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

const select = (uids: string) => `
select x.uid as "sopInstanceUid", r.out_of_use as "outOfUse", f.id::text as "fileId", f.drop_name as "dropName",
       left(r.scanned_at, 10) as "scannedOn", s.patient_id::text as "patientKey",
       coalesce((select jsonb_agg(jsonb_build_object('noteFileId', n.source_file_id::text, 'title', n.title,
                   'reasons', n.reasons, 'description', n.description, 'status', t.status, 'since', ${at('t.status_since')})
                   order by n.content_at, n.sop_instance_uid)
                   from rejection_target t join rejection_note n on n.id = t.rejection_note_id
                  where t.sop_instance_uid = x.uid), '[]') as notes,
       (select jsonb_build_object('decision', d.decision, 'by', d.author, 'note', d.note, 'at', ${at('d.created_at')})
          from instance_decision d where d.sop_instance_uid = x.uid and d.retired_at is null) as decision
  from (${uids}) x
  left join stored_report r on r.sop_instance_uid = x.uid
  left join study s on s.id = r.study_id
  left join lateral (
    select f.id, f.drop_name from source_file f
     where f.id = r.source_file_id
        or (r.id is null and f.sop_instance_uid = x.uid and f.state in ('refused', 'noted')) order by f.id limit 1) f on true
 order by r.scanned_at, x.uid`;

const SAID = (uid: string) => `(exists (select 1 from rejection_target t where t.sop_instance_uid = ${uid})
  or exists (select 1 from instance_decision d where d.sop_instance_uid = ${uid} and d.retired_at is null))`;

/** Those of these instances that a note or a person has said something of. */
export async function findRejections(
  database: Queryable,
  sopInstanceUids: readonly string[],
): Promise<readonly RejectedInstance[]> {
  if (sopInstanceUids.length === 0) return [];
  const { rows } = await database.query<RejectedInstance>(
    select(`select g.uid from unnest($1::text[]) as g (uid) where ${SAID('g.uid')} group by g.uid`),
    [sopInstanceUids],
  );
  return rows;
}

/** Those among a patient's reports, and what notes about the patient wait for. */
export async function listRejectionsOfPatient(
  database: Queryable,
  patientId: string,
): Promise<readonly RejectedInstance[]> {
  const { rows } = await database.query<RejectedInstance>(
    select(`select r.sop_instance_uid as uid from study s join stored_report r on r.study_id = s.id
             where s.patient_id = $1 and ${SAID('r.sop_instance_uid')}
            union
            select t.sop_instance_uid from patient p join rejection_note n
                on n.patient_id = p.patient_id and n.issuer_of_patient_id in (p.issuer_of_patient_id, '')
              join rejection_target t on t.rejection_note_id = n.id
             where (p.id = $1 or p.merged_into_id = $1) and t.status = 'waiting'`),
    [patientId],
  );
  return rows;
}

/** What a rejection note says; null for any other file. */
export type NoteOfFile = {
  readonly title: RejectionTitle;
  readonly contentAt: string;
  readonly patientId: string | null;
  readonly issuerOfPatientId: string;
  readonly reasons: readonly string[];
  readonly description: string | null;
};

export async function findNoteOfFile(database: Queryable, sourceFileId: string): Promise<NoteOfFile | null> {
  const { rows } = await database.query<NoteOfFile>(
    `select title, content_at as "contentAt", patient_id as "patientId", issuer_of_patient_id as "issuerOfPatientId",
            reasons, description
       from rejection_note where source_file_id = $1`,
    [sourceFileId],
  );
  return rows[0] ?? null;
}

/** The instances that a file is about: its own, or of a note those that it names, as far as there is something to say of them. */
export async function listRejectionsOfFile(
  database: Queryable,
  sourceFileId: string,
): Promise<readonly RejectedInstance[]> {
  const { rows } = await database.query<RejectedInstance>(
    select(`select f.sop_instance_uid as uid from source_file f where f.id = $1 and ${SAID('f.sop_instance_uid')}
            union
            select t.sop_instance_uid from rejection_note n join rejection_target t on t.rejection_note_id = n.id
             where n.source_file_id = $1`),
    [sourceFileId],
  );
  return rows;
}

export type ListedNote = {
  readonly fileId: string;
  readonly dropName: string;
  readonly title: RejectionTitle;
  readonly receivedAt: Date;
  /** Instances by status. */
  readonly statuses: Readonly<Partial<Record<TargetStatus, number>>>;
};

/** Rejection notes, latest first. */
export async function listNotes(database: Queryable, limit: number): Promise<readonly ListedNote[]> {
  const { rows } = await database.query<ListedNote>(
    `select f.id::text as "fileId", f.drop_name as "dropName", n.title, f.received_at as "receivedAt",
            coalesce((select jsonb_object_agg(k.status, k.amount) from (
              select t.status, count(*)::int as amount from rejection_target t where t.rejection_note_id = n.id group by 1) k), '{}') as statuses
       from rejection_note n join source_file f on f.id = n.source_file_id order by n.id desc limit $1`,
    [limit],
  );
  return rows;
}

/** Precision studies on file that were computed with a scan of this file: they stay as their author filed them. */
export async function listPrecisionStudiesOf(database: Queryable, sourceFileId: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select distinct p.precision_study_id::text as id
       from stored_report r join precision_scan p on split_part(p.source, '#', 1) = r.sop_instance_uid
      where r.source_file_id = $1 order by 1`,
    [sourceFileId],
  );
  return rows.map(({ id }) => id);
}
