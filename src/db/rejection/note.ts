import type { RejectionNote } from '../../dxa/study/rejection.ts';
import type { Queryable } from '../pool.ts';

/** The instances that the notes under these SOP Instance UIDs name, as they stand. */
export async function listNamed(database: Queryable, noteUids: readonly string[]): Promise<readonly string[]> {
  const { rows } = await database.query<{ uid: string }>({
    name: 'list-named',
    text: `select distinct t.sop_instance_uid as uid
             from rejection_note n join rejection_target t on t.rejection_note_id = n.id
            where n.sop_instance_uid = any($1::text[])`,
    values: [noteUids],
  });
  return rows.map(({ uid }) => uid);
}

/**
 * Writes what a note says in place of what an earlier reading, or another file under its SOP Instance UID, wrote; an instance
 * that it named before keeps its row. Run `settleInstances` on all of them in the same transaction.
 */
export async function storeNote(database: Queryable, sourceFileId: string, note: RejectionNote): Promise<void> {
  await database.query('delete from rejection_note where source_file_id = $1 and sop_instance_uid <> $2', [
    sourceFileId,
    note.sopInstanceUid,
  ]);
  await database.query(
    `with written as (
       insert into rejection_note as n (source_file_id, sop_instance_uid, content_at, title, issuer_of_patient_id, patient_id,
              study_instance_uid, reasons, description)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (sop_instance_uid) do update set source_file_id = excluded.source_file_id,
         content_at = excluded.content_at, title = excluded.title, issuer_of_patient_id = excluded.issuer_of_patient_id,
         patient_id = excluded.patient_id, study_instance_uid = excluded.study_instance_uid, reasons = excluded.reasons,
         description = excluded.description
       returning id),
     named as (
       select x.* from jsonb_to_recordset($10::jsonb) as x ("sopInstanceUid" text, "studyInstanceUid" text,
              "seriesInstanceUid" text, "sopClassUid" text)),
     gone as (
       delete from rejection_target t using written w
        where t.rejection_note_id = w.id and t.sop_instance_uid not in (select "sopInstanceUid" from named))
     insert into rejection_target (rejection_note_id, sop_instance_uid, study_instance_uid, series_instance_uid, sop_class_uid)
     select w.id, x."sopInstanceUid", x."studyInstanceUid", x."seriesInstanceUid", x."sopClassUid"
       from written w cross join named x order by x."sopInstanceUid"
     on conflict (rejection_note_id, sop_instance_uid) do update set study_instance_uid = excluded.study_instance_uid,
       series_instance_uid = excluded.series_instance_uid, sop_class_uid = excluded.sop_class_uid`,
    [
      sourceFileId,
      note.sopInstanceUid,
      note.contentAt,
      note.title,
      note.patient?.issuerOfPatientId ?? '',
      note.patient?.patientId ?? null,
      note.studyInstanceUid,
      note.reasons,
      note.description,
      JSON.stringify(note.names),
    ],
  );
}

/** Takes away what an earlier reading of the file said as a note; settle what it named afterwards. */
export async function removeNote(database: Queryable, sourceFileId: string): Promise<void> {
  await database.query({
    name: 'remove-note',
    text: 'delete from rejection_note where source_file_id = $1',
    values: [sourceFileId],
  });
}
