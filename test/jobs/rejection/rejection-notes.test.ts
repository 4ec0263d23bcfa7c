import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listAuditEvents } from '../../../src/db/audit.ts';
import { findReviewCase } from '../../../src/db/cases/review-case.ts';
import { findSourceFileDetail, listValuesOfFile } from '../../../src/db/files/source-file-detail.ts';
import { readHistory } from '../../../src/db/records/history.ts';
import { findPatient, listStudiesOfPatient } from '../../../src/db/records/patient.ts';
import { listRepeatScans } from '../../../src/db/registry/repeat-scans.ts';
import {
  findRejections,
  listNotes,
  listRejectionsOfFile,
  listRejectionsOfPatient,
} from '../../../src/db/rejection/shown.ts';
import { codeOf } from '../../../src/errors/errors.ts';
import { actOnCase, CASE_ACTION } from '../../../src/jobs/cases/review.ts';
import { mergePatients, unmergePatient } from '../../../src/jobs/merge/patient-merge.ts';
import { pinBaseline } from '../../../src/jobs/registry/baseline-pin.ts';
import { decideInstances } from '../../../src/jobs/rejection/decide-instances.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';
import { assessWaiting, currentComparisons } from '../../support/stored/judged.ts';
import { imageFile, noteFile, reportFile, studyUid, uid } from '../../support/stored/rejected-visit.ts';
import { fileTestLsc } from '../../support/stored/stored-visit.ts';
import { openTakenFiles, type TakenFiles } from '../../support/stored/taken-files.ts';

const SIGNED = { by: 'M. Weber', note: 'rejected by mistake' };
const FIELD = join(import.meta.dirname, '../../../../shared/samples/field/11-rejection-note');

const BASELINE = reportFile({ what: 'R1', day: '2020-01-10', spine: '0.900', hip: '0.800' });
const FOLLOW_UP = reportFile({ what: 'R2', day: '2022-01-10', spine: '0.960', hip: '0.750' });
const D1 = 'D1_SPINE_UP_HIP_DOWN';

let database: TestDatabase;
let files: TakenFiles;
beforeEach(async () => {
  database = await createTestDatabase();
  files = openTakenFiles(database.pool);
  await fileTestLsc(database.pool, '0.020', '0.020');
});
afterEach(async () => {
  files.close();
  await database.drop();
});

/** Takes files in one after the other, and judges whom they concern; returns their ids. */
async function come(...given: readonly Uint8Array[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const bytes of given) {
    ids.push(await files.take(bytes));
    await files.ingestWaiting();
    await settle();
  }
  return ids;
}
async function settle(): Promise<void> {
  while ((await assessWaiting(database.pool)).length > 0);
}
async function rows(sql: string): Promise<readonly string[]> {
  return (await database.pool.query<{ line: string }>(sql)).rows.map(({ line }) => line);
}
const statuses = async () =>
  await rows(
    `select concat_ws(' ', n.title, r.source_file_id, t.status) as line from rejection_target t
       join rejection_note n on n.id = t.rejection_note_id left join stored_report r on r.sop_instance_uid = t.sop_instance_uid order by t.id`,
  );
const cases = async () =>
  await rows(
    `select concat_ws(' ', state, withdrawn_reason) as line from review_case where rule = '${D1}' order by id`,
  );
const states = async () =>
  await rows('select concat_ws($$ $$, state, reason_code) as line from source_file order by id');
const patientOf = async (fileId: string) =>
  (
    await rows(
      `select s.patient_id as line from stored_report r join study s on s.id = r.study_id where r.source_file_id = ${fileId}`,
    )
  )[0] ?? '';
const standing = async () => await rows('select source_file_id::text as line from report order by 1');

describe('a rejection note', () => {
  it('has an outcome of its own, and takes the report it names out of everything that counts', async () => {
    const [first = '', second = ''] = await come(BASELINE, FOLLOW_UP);
    expect(await cases()).toEqual(['open']);
    expect(await currentComparisons(database.pool)).toHaveLength(2);
    const more = { reason: ['111209', 'DCM', 'Positioning'], description: 'hip rotated' } as const;
    const [note = ''] = await come(noteFile({ what: 'N', title: 'quality', names: ['R2'], ...more }));
    expect(await states()).toEqual(['stored', 'stored', 'noted']);
    expect(await findSourceFileDetail(database.pool, note)).toMatchObject({
      state: 'noted',
      reasonCode: null,
      findings: [],
    });
    expect(await statuses()).toEqual([`quality ${second} applied`]);

    const patient = await patientOf(second);
    expect(await standing()).toEqual([first]);
    expect(await currentComparisons(database.pool)).toEqual([]);
    expect(await cases()).toEqual(['withdrawn VALUES_OUT_OF_USE']);
    expect((await readHistory(database.pool, patient)).studies).toHaveLength(1);
    expect(await listRepeatScans(database.pool, [patient], '2022-01-01', '2022-12-31')).toEqual([]);
    expect(await rows('select distinct sop_instance_uid as line from current_measurement')).toEqual([uid('R1')]);
    // Kept and shown.
    expect((await listValuesOfFile(database.pool, second)).map(({ value }) => value)).toEqual(['0.960000', '0.750000']);
    expect((await listStudiesOfPatient(database.pool, patient)).map(({ outOfUse }) => outOfUse)).toEqual([false, true]);
    expect(await findPatient(database.pool, patient)).toMatchObject({
      studies: 1,
      lastScanOn: '2020-01-10',
      waitingCases: 0,
    });
    // Traceable.
    expect(await listRejectionsOfFile(database.pool, second)).toMatchObject([
      {
        sopInstanceUid: uid('R2'),
        outOfUse: true,
        decision: null,
        notes: [
          {
            noteFileId: note,
            title: 'quality',
            reasons: ['Positioning'],
            description: 'hip rotated',
            status: 'applied',
          },
        ],
      },
    ]);
  });

  it('takes a reference out, and the next comparable scan is compared instead', async () => {
    await come(BASELINE, reportFile({ what: 'R0', day: '2018-01-10', spine: '0.930', hip: '0.810' }), FOLLOW_UP);
    await come(noteFile({ what: 'N', title: 'patient_safety', names: ['R1'] }));
    expect(await currentComparisons(database.pool)).toEqual([
      'previous spine none 2018-01-10>2022-01-10 up 0.030000 lsc 0.020000',
      'previous total_hip left 2018-01-10>2022-01-10 down -0.060000 lsc 0.020000',
    ]);
  });

  it('puts the earlier analysis of the study back in use', async () => {
    const [, early = '', late = ''] = await come(
      BASELINE,
      FOLLOW_UP,
      reportFile({ what: 'R2-again', day: '2022-01-10', contentTime: '113000', spine: '0.905', hip: '0.800' }),
    );
    const deltas = async () => (await currentComparisons(database.pool)).map((line) => line.split(' ').at(-3));
    expect(await deltas()).toEqual(['0.005000', '0.000000']);
    await come(noteFile({ what: 'N', title: 'quality', names: ['R2-again'] }));
    expect(await statuses()).toEqual([`quality ${late} applied`]);
    expect(await deltas()).toEqual(['0.060000', '-0.050000']);
    expect(await cases()).toEqual(['open']);
    expect(await standing()).toContain(early);
  });

  it('applies to the instance, whichever of its files is in use', async () => {
    const again = (bmd: string, contentTime: string) =>
      reportFile({ what: 'R2', day: '2022-01-10', contentTime, spine: bmd, hip: '0.750' });
    await come(BASELINE, again('0.960', '102030'), noteFile({ what: 'N', title: 'quality', names: ['R2'] }));
    await come(again('0.950', '113000'));
    expect(await states()).toEqual(['stored', 'conflicted SOP_INSTANCE_CONFLICT', 'noted', 'stored']);
    expect(await statuses()).toEqual(['quality 4 applied']);
    expect(await currentComparisons(database.pool)).toEqual([]);
  });

  it('that arrives first waits, is listed, and takes the report out of use from the start', async () => {
    const names = ['R2', 'I1'];
    const [, note = ''] = await come(BASELINE, noteFile({ what: 'N', title: 'wrong_worklist_entry', names }));
    expect(await statuses()).toEqual(['wrong_worklist_entry waiting', 'wrong_worklist_entry waiting']);
    expect(await listNotes(database.pool, 10)).toMatchObject([{ fileId: note, statuses: { waiting: 2 } }]);
    const patient = await patientOf('1');
    expect(await listRejectionsOfPatient(database.pool, patient)).toMatchObject([
      { outOfUse: null, notes: [{ status: 'waiting' }] },
      { outOfUse: null, notes: [{ status: 'waiting' }] },
    ]);
    await come(FOLLOW_UP, imageFile({ what: 'I1', day: '2022-01-10' }));
    expect((await statuses()).toSorted()).toEqual(['wrong_worklist_entry 3 applied', 'wrong_worklist_entry no_values']);
    expect(await standing()).toEqual(['1']);
    expect(await cases()).toEqual([]);
    expect(await rows('select count(*)::text as line from comparison')).toEqual(['0']);
  });

  it.each(['retention_expired', 'restore'] as const)('of the title %s takes nothing out', async (title) => {
    await come(BASELINE, FOLLOW_UP, noteFile({ what: 'N', title, names: ['R2'] }));
    expect(await states()).toEqual(['stored', 'stored', 'noted']);
    expect(await statuses()).toEqual([`${title} 2 no_effect`]);
    expect(await cases()).toEqual(['open']);
  });

  it('is not made from an ordinary key object, which is refused as before', async () => {
    await come(BASELINE, noteFile({ what: 'K', title: 'of_interest', names: ['R1'] }));
    expect(await states()).toEqual(['stored', 'refused NOT_DXA']);
    expect(await standing()).toEqual(['1']);
  });

  it('about another patient is listed and changes nothing, until the two are found to be one', async () => {
    await come(BASELINE, FOLLOW_UP, reportFile({ what: 'X', patient: 'P2', day: '2010-01-10', spine: '0.900' }));
    await come(noteFile({ what: 'N', title: 'wrong_worklist_entry', names: ['R2'], patient: 'P2' }));
    expect(await statuses()).toEqual(['wrong_worklist_entry 2 other_patient']);
    expect(await cases()).toEqual(['open']);
    const merge = { from: 'P2', into: 'P1', signature: SIGNED, despite: null };
    await mergePatients(database.pool, merge);
    await settle();
    expect(await statuses()).toEqual(['wrong_worklist_entry 2 applied']);
    expect(await cases()).toEqual(['withdrawn VALUES_OUT_OF_USE']);
    await unmergePatient(database.pool, 'P2', SIGNED);
    await settle();
    expect(await statuses()).toEqual(['wrong_worklist_entry 2 other_patient']);
    expect(await cases()).toEqual(['open']);
  });

  it('keeps a report out of use through a merge of its patient', async () => {
    await come(BASELINE, FOLLOW_UP, reportFile({ what: 'X', patient: 'P2', day: '2010-01-10', spine: '0.900' }));
    await come(noteFile({ what: 'N', title: 'quality', names: ['R2'] }));
    await mergePatients(database.pool, { from: 'P1', into: 'P2', signature: SIGNED, despite: null });
    await settle();
    expect(await statuses()).toEqual(['quality 2 applied']);
    expect(await standing()).toEqual(['1', '3']);
    const patient = await patientOf('2');
    expect((await listRejectionsOfPatient(database.pool, patient)).map(({ outOfUse }) => outOfUse)).toEqual([true]);
  });

  it('received again, also in other bytes, is the same note; a later content under its UID replaces it', async () => {
    const note = { what: 'N', title: 'quality', names: ['R2'] } as const;
    await come(BASELINE, FOLLOW_UP, noteFile(note));
    const since = await rows('select status_since::text as line from rejection_target');
    await come(
      noteFile({ ...note, transferSyntax: 'implicit' }),
      noteFile({ ...note, transferSyntax: 'deflated' }),
      noteFile(note),
    );
    expect((await states()).toSorted()).toEqual(['duplicate', 'duplicate', 'noted', 'stored', 'stored']);
    expect(await statuses()).toEqual(['quality 2 applied']);
    expect(await rows('select status_since::text as line from rejection_target')).toEqual(since);
    await come(noteFile({ ...note, names: ['R1'], at: '2024-06-01 08:00:00' }));
    expect((await states()).slice(2)).toEqual([...Array(3).fill('conflicted SOP_INSTANCE_CONFLICT'), 'noted']);
    expect(await statuses()).toEqual(['quality 1 applied']);
    expect(await standing()).toEqual(['2']);
  });

  it('does not go with one of two notes about an instance, and goes with both', async () => {
    await come(BASELINE, FOLLOW_UP);
    await come(
      noteFile({ what: 'N1', title: 'quality', names: ['R2'] }),
      noteFile({ what: 'N2', title: 'patient_safety', names: ['R2'] }),
    );
    expect(await statuses()).toEqual(['quality 2 applied', 'patient_safety 2 applied']);
    await come(noteFile({ what: 'M1', title: 'quality', names: ['N1'], at: '2024-05-02 08:00:00' }));
    expect(await standing()).toEqual(['1']);
    await come(noteFile({ what: 'M2', title: 'quality', names: ['N2'], at: '2024-05-02 08:00:00' }));
    expect(await standing()).toEqual(['1', '2']);
    expect((await statuses()).slice(0, 2)).toEqual(['quality 2 note_rejected', 'patient_safety 2 note_rejected']);
    expect(await cases()).toEqual(['open']);
  });

  it('frees a study that named two patients when it takes the misfiled report out', async () => {
    const study = 'shared';
    await come(
      reportFile({ what: 'A0', patient: 'PA', day: '2020-01-10', spine: '0.900' }),
      reportFile({ what: 'A1', patient: 'PA', day: '2022-01-10', study, spine: '0.960' }),
      reportFile({ what: 'B1', patient: 'PB', day: '2022-01-10', study, hip: '0.700' }),
    );
    expect(await rows('select distinct code as line from history_finding')).toEqual(['STUDY_OF_TWO_PATIENTS']);
    expect(await currentComparisons(database.pool)).toEqual([]);
    await come(noteFile({ what: 'N', title: 'wrong_worklist_entry', names: ['B1'], patient: 'PB' }));
    expect(await rows('select code as line from history_finding')).toEqual([]);
    expect(await currentComparisons(database.pool)).toEqual([
      'previous spine none 2020-01-10>2022-01-10 up 0.060000 lsc 0.020000',
    ]);
  });

  it('makes a patient a person again who was a phantom only by a rejected report', async () => {
    await come(
      BASELINE,
      FOLLOW_UP,
      reportFile({ what: 'PH', day: '2023-01-10', spine: '1.000', name: 'Spine Phantom' }),
    );
    expect(await rows('select is_phantom::text as line from patient')).toEqual(['true']);
    await come(noteFile({ what: 'N', title: 'wrong_worklist_entry', names: ['PH'] }));
    expect(await rows('select is_phantom::text as line from patient')).toEqual(['false']);
    expect(await cases()).toEqual(['open']);
  });

  it('says that a pinned baseline is out of use, and the first comparable scan is used instead', async () => {
    const pinned = reportFile({ what: 'R1b', day: '2021-01-10', spine: '0.940', hip: '0.790' });
    await come(
      BASELINE,
      pinned,
      reportFile({ what: 'R1c', day: '2021-06-10', spine: '0.950', hip: '0.780' }),
      FOLLOW_UP,
    );
    const place = { studyInstanceUid: studyUid({ day: '2021-01-10' }), region: 'spine', laterality: 'none' } as const;
    await pinBaseline(database.pool, place, SIGNED);
    await settle();
    const baselines = async () =>
      (await currentComparisons(database.pool)).filter((line) => /baseline spine .*>2022/.test(line));
    expect(await baselines()).toMatchObject([expect.stringContaining('2021-01-10>2022-01-10')]);
    await come(noteFile({ what: 'N', title: 'quality', names: ['R1b'] }));
    expect(await baselines()).toMatchObject([expect.stringContaining('2020-01-10>2022-01-10')]);
    expect(await rows(`select code || ' ' || subject as line from history_finding`)).toEqual([
      'PINNED_BASELINE_OUT_OF_USE spine|spine||none',
    ]);
    await decideInstances(database.pool, { sopInstanceUid: uid('R1b') }, 'in_use', SIGNED);
    await settle();
    expect(await rows('select code as line from history_finding')).toEqual([]);
    expect(await baselines()).toMatchObject([expect.stringContaining('2021-01-10>2022-01-10')]);
  });

  it.skipIf(!readable(FIELD))('made for this project by others is read', async () => {
    const [first = '', second = '', note = ''] = await come(
      ...readdirSync(FIELD)
        .sort()
        .map((name) => readFileSync(join(FIELD, name))),
    );
    expect(await states()).toEqual(['stored', 'stored', 'noted']);
    expect(await standing()).toEqual([first]);
    expect(await listRejectionsOfFile(database.pool, second)).toMatchObject([
      { notes: [{ noteFileId: note, title: 'wrong_worklist_entry' }] },
    ]);
  });
});

function readable(folder: string): boolean {
  try {
    return readdirSync(folder).length === 3;
  } catch {
    return false;
  }
}

describe('what a person decides', () => {
  const NOTE = noteFile({ what: 'N', title: 'quality', names: ['R2'] });
  const restore = async (note = 'rejected by mistake') => {
    const decided = await decideInstances(database.pool, { sopInstanceUid: uid('R2') }, 'in_use', {
      by: 'M. Weber',
      note,
    });
    await settle();
    return decided;
  };

  it('about a case is kept when its values go out of use and back in use', async () => {
    await come(BASELINE, FOLLOW_UP);
    const [id = ''] = await rows(`select id::text as line from review_case where rule = '${D1}'`);
    const action = { caseId: id, by: 'Dr One', version: null, kind: 'resolve', disposition: 'artefact', note: 'seen' };
    await actOnCase(database.pool, CASE_ACTION.parse(action));
    await come(NOTE);
    const decided = { state: 'resolved', disposition: 'artefact', resolvedBy: 'Dr One' };
    expect(await findReviewCase(database.pool, id)).toMatchObject({
      ...decided,
      flagged: false,
      patientName: 'Fixture, Anna',
    });
    await restore();
    expect(await findReviewCase(database.pool, id)).toMatchObject({ ...decided, flagged: true });
  });

  it('puts a report back in use, with its reason in the audit, and no machine takes it out again by the same note', async () => {
    await come(BASELINE, FOLLOW_UP, NOTE);
    expect(await cases()).toEqual(['withdrawn VALUES_OUT_OF_USE']);
    expect((await restore()).instances).toEqual([uid('R2')]);
    expect([await cases(), await statuses(), await standing()]).toEqual([
      ['open'],
      ['quality 2 overruled'],
      ['1', '2'],
    ]);
    const [id = ''] = await rows('select id::text as line from instance_decision');
    expect(await listAuditEvents(database.pool, 'instance_decision', id)).toMatchObject([
      { actor: 'M. Weber', action: 'restore', note: 'rejected by mistake' },
    ]);
    // The note again, in other bytes, and read again.
    await come(noteFile({ what: 'N', title: 'quality', names: ['R2'], transferSyntax: 'implicit' }));
    await database.pool.query(`update source_file set state = 'received', duplicate_of_id = null`);
    await files.ingestWaiting();
    await settle();
    expect([await cases(), await standing()]).toEqual([['open'], ['1', '2']]);
    expect((await restore()).instances).toEqual([]);
  });

  it('does not overrule a note that arrives later', async () => {
    await come(BASELINE, FOLLOW_UP, NOTE);
    await restore();
    await come(noteFile({ what: 'N2', title: 'patient_safety', names: ['R2'], at: '2024-07-01 08:00:00' }));
    expect(await statuses()).toEqual(['quality 2 overruled', 'patient_safety 2 applied']);
    expect(await standing()).toEqual(['1']);
    await restore('Dr. Lee looked again');
    expect(await statuses()).toEqual(['quality 2 overruled', 'patient_safety 2 overruled']);
    expect(await rows('select count(*)::text as line from instance_decision where retired_at is null')).toEqual(['1']);
    const [first = ''] = await rows('select id::text as line from instance_decision order by id');
    const events = await listAuditEvents(database.pool, 'instance_decision', first);
    expect(events.map(({ action }) => action)).toEqual(['restore', 'replace']);
  });

  it('can overrule a waiting note, and the report is in use when it arrives', async () => {
    const [note = ''] = await come(NOTE);
    await decideInstances(database.pool, { fileId: note }, 'in_use', SIGNED);
    await come(BASELINE, FOLLOW_UP);
    expect([await statuses(), await cases()]).toEqual([['quality 3 overruled'], ['open']]);
  });

  it('takes out what a note about another patient names, or what no note names, and puts it back', async () => {
    const other = noteFile({ what: 'N', title: 'quality', names: ['R2'], patient: 'P9' });
    const [, second = ''] = await come(BASELINE, FOLLOW_UP, other);
    const takeOut = async (fileId: string) => {
      await decideInstances(database.pool, { fileId }, 'out_of_use', { by: 'M. Weber', note: 'not hers' });
      await settle();
    };
    await takeOut(second);
    expect([await statuses(), await standing(), await cases()]).toEqual([
      ['quality 2 confirmed'],
      ['1'],
      ['withdrawn VALUES_OUT_OF_USE'],
    ]);
    await takeOut('1');
    expect(await standing()).toEqual([]);
    const shown = await findRejections(database.pool, [uid('R1')]);
    expect(shown).toMatchObject([
      { outOfUse: true, notes: [], decision: { decision: 'out_of_use', by: 'M. Weber', note: 'not hers' } },
    ]);
    // It stays out when its file is read again.
    await database.pool.query(`update source_file set state = 'received' where id = 1`);
    await files.ingestWaiting();
    expect(await standing()).toEqual([]);
    await decideInstances(database.pool, { fileId: '1' }, 'in_use', SIGNED);
    await restore();
    expect([await standing(), await cases()]).toEqual([['1', '2'], ['open']]);
  });

  it('needs a reason and a subject', async () => {
    await come(BASELINE);
    const fails = async (given: Parameters<typeof decideInstances>[1], note: string) =>
      await decideInstances(database.pool, given, 'in_use', { by: 'M. Weber', note }).then(() => 'done', codeOf);
    expect(await fails({ fileId: '1' }, ' ')).toBe('REASON_EMPTY');
    expect(await fails({ fileId: '99' }, 'why')).toBe('INSTANCE_UNKNOWN');
    expect(await fails({ sopInstanceUid: '1.2.3' }, 'why')).toBe('INSTANCE_UNKNOWN');
  });
});
