import type { InstanceDecision } from '../../dxa/study/rejection.ts';
import { auditCreation, retireRow, type Signature } from '../audit.ts';
import type { Queryable } from '../pool.ts';

/** What is on record of an instance, for deciding about it. */
export type InstanceOnRecord = {
  readonly sopInstanceUid: string;
  /** Null while no report of it is stored. */
  readonly outOfUse: boolean | null;
  /** SOP Instance UIDs of the notes that name it. */
  readonly notes: readonly string[];
  readonly decisionId: string | null;
  readonly decision: InstanceDecision['decision'] | null;
  readonly answers: readonly string[];
};

const COLUMNS = `x.uid as "sopInstanceUid", r.out_of_use as "outOfUse",
  array(select n.sop_instance_uid from rejection_target t join rejection_note n on n.id = t.rejection_note_id
         where t.sop_instance_uid = x.uid order by 1) as notes,
  d.id::text as "decisionId", d.decision, coalesce(d.answers, '{}') as answers`;
const JOINS = `left join stored_report r on r.sop_instance_uid = x.uid
  left join instance_decision d on d.sop_instance_uid = x.uid and d.retired_at is null`;

/** One result a UID, in their order. */
export async function readInstances(
  database: Queryable,
  sopInstanceUids: readonly string[],
): Promise<readonly InstanceOnRecord[]> {
  const { rows } = await database.query<InstanceOnRecord>(
    `select ${COLUMNS} from unnest($1::text[]) with ordinality as x (uid, place) ${JOINS} order by x.place`,
    [sopInstanceUids],
  );
  return rows;
}

/** The instances that a file is about: its own, or of a rejection note those that it names. */
export async function listInstancesOfFile(database: Queryable, sourceFileId: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ uid: string }>(
    `select sop_instance_uid as uid from stored_report where source_file_id = $1
     union
     select t.sop_instance_uid from rejection_note n join rejection_target t on t.rejection_note_id = n.id
      where n.source_file_id = $1
     order by 1`,
    [sourceFileId],
  );
  return rows.map(({ uid }) => uid);
}

/** Puts what a person says of an instance in place of what was said before; both stay on record, and in the audit. */
export async function writeDecision(
  database: Queryable,
  { sopInstanceUid, notes, decisionId }: InstanceOnRecord,
  decision: InstanceDecision['decision'],
  signature: Signature,
): Promise<void> {
  if (decisionId !== null) await retireRow(database, 'instance_decision', decisionId, 'replace', signature);
  const { rows } = await database.query<{ id: string }>(
    `insert into instance_decision (sop_instance_uid, decision, answers, author, note)
     values ($1, $2, $3, $4, $5) returning id::text`,
    [sopInstanceUid, decision, notes, signature.by, signature.note],
  );
  const action = decision === 'in_use' ? 'restore' : 'take_out';
  await auditCreation(database, 'instance_decision', rows[0]?.id ?? '', action, signature);
}
