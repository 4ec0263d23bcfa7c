import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { noteIntakeProblem } from '../../../src/db/files/intake-problem.ts';
import type { Pool } from '../../../src/db/pool.ts';
import { storeNote } from '../../../src/db/rejection/note.ts';
import { settleInstances } from '../../../src/db/rejection/settle.ts';
import { archivePathOf } from '../../../src/jobs/archive/archive.ts';
import { dicomFile } from '../dicom/dicom-bytes.ts';
import { report, text } from '../dicom/dicom-report.ts';
import { plantFailedFile, plantFailedPatient } from './planted-failures.ts';
import { plantNight } from './planted-night.ts';

/** Stands in every text about a patient that this plants, and nowhere else. */
export const PLANTED = 'Qplanted';

/** Row ids of what was planted, as the routes name them. */
export type PlantedSite = {
  readonly patients: readonly string[];
  readonly files: readonly string[];
  readonly cases: readonly string[];
  readonly nights: readonly string[];
  readonly scanners: readonly string[];
};

/** Archives bytes and puts a file of this state on record, without a report. */
async function plantFile(
  pool: Pool,
  archiveDir: string,
  bytes: Buffer,
  state: string,
  code: string | null,
): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = archivePathOf(sha256);
  await mkdir(dirname(join(archiveDir, path)), { recursive: true });
  await writeFile(join(archiveDir, path), bytes);
  const { rows } = await pool.query<{ id: string }>(
    `insert into source_file (sha256, byte_count, archive_path, drop_name, state, reason_code)
     values ($1, $2, $3, $4, $5, $6) returning id::text`,
    [sha256, bytes.length, path, `${PLANTED}^${state}.dcm`, state, code],
  );
  return rows[0]?.id ?? '';
}

const documentOf = (name: string) =>
  dicomFile(report([text(['1', '99TEST', 'Remark'], name)], { attributes: [[0x00100010, 'PN', name]] }));

/**
 * Everything that pages, lists and the API can show, with PLANTED in every text of a patient: stored visits with a case
 * and its history, a night, failures, an unknown label, and files without a report in every state.
 */
export async function plantSite(pool: Pool, archiveDir: string): Promise<PlantedSite> {
  const { run, patient } = await plantNight(pool, archiveDir, `${PLANTED}-1`);
  const unjudged = await plantFailedPatient(pool, `${PLANTED}-2`, 'P0001');
  await pool.query(`update report set patient_name = '${PLANTED}^ANNA', accession_number = '${PLANTED}-A'`);
  await pool.query(`update source_file set drop_name = '${PLANTED}-' || id || '.dcm'`);
  const refused = await plantFile(pool, archiveDir, documentOf(`${PLANTED}^REFUSED`), 'refused', 'NOT_DXA');
  const without = [
    refused,
    await plantFile(pool, archiveDir, documentOf(`${PLANTED}^CONFLICTED`), 'conflicted', 'SOP_INSTANCE_CONFLICT'),
    await plantFile(pool, archiveDir, Buffer.from('no report'), 'refused', 'NOT_DICOM'),
    await plantFile(pool, archiveDir, documentOf(`${PLANTED}^RECEIVED`), 'received', null),
    await plantFailedFile(pool, `${PLANTED}^failed.dcm`, 'PROCESSING_FAILED', 'EIO'),
  ];
  const note = await plantFile(pool, archiveDir, documentOf(`${PLANTED}^NOTED`), 'noted', null);
  await storeNote(pool, note, {
    ...{ sopInstanceUid: '2.25.77', contentAt: '2026-01-01', title: 'retention_expired', studyInstanceUid: null },
    ...{ patient: { issuerOfPatientId: '', patientId: `${PLANTED}-1` }, reasons: [], description: `${PLANTED} text` },
    names: (await pool.query<{ uid: string }>('select sop_instance_uid as uid from report')).rows.map(({ uid }) => ({
      ...{ sopInstanceUid: uid, sopClassUid: null, studyInstanceUid: null, seriesInstanceUid: null },
    })),
  });
  await settleInstances(pool, ['2.25.77']);
  await noteIntakeProblem(pool, `${PLANTED}^stuck.dcm`, 'EISDIR');
  await pool.query(
    `insert into finding (source_file_id, code, path, facts)
     select min(source_file_id), 'UNKNOWN_REGION', '1.3', jsonb_build_object('scanType', 'hip', 'scheme', '99SITE', 'value', 'X',
            'label', '${PLANTED} label') from report`,
  );
  await pool.query(
    `insert into history_finding (patient_id, study_id, code, subject, facts)
     select patient_id, id, 'PATIENT_DISAGREES', '${PLANTED} subject', '{}' from study limit 1`,
  );
  const idsOf = async (sql: string) => (await pool.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  return {
    patients: [patient, unjudged],
    files: [...without, note, ...(await idsOf('select source_file_id::text as id from report'))],
    cases: await idsOf('select id::text from review_case'),
    nights: [run],
    scanners: await idsOf('select id::text from scanner'),
  };
}
