import { describe, expect, it } from 'vitest';
import {
  type InstanceDecision,
  judgeRejections,
  type NoteOnRecord,
  type RejectionTitle,
  type Subject,
} from '../../../src/dxa/study/rejection.ts';
import { openRandom } from '../../../src/simulate/scanner/random.ts';

const ANNA = { issuerOfPatientId: 'H', patientId: 'P1' };
const note = (
  sopInstanceUid: string,
  names: readonly string[],
  more: Partial<Omit<NoteOnRecord, 'names'>> = {},
): NoteOnRecord => ({
  sopInstanceUid,
  contentAt: '2024-05-01T08:00:00',
  title: 'quality',
  patient: ANNA,
  names,
  ...more,
});
const report = (sopInstanceUid: string, ids: Subject['ids'] = [ANNA]): Subject => ({
  sopInstanceUid,
  kind: 'report',
  ids,
});

function lines(
  notes: readonly NoteOnRecord[],
  subjects: readonly Subject[],
  decisions: readonly InstanceDecision[] = [],
) {
  const { statuses, outOfUse } = judgeRejections(notes, subjects, decisions);
  const said = [...statuses].flatMap(([by, of]) => [...of].map(([uid, status]) => `${by} ${uid} ${status}`));
  return { said: said.sort(), out: [...outOfUse].sort() };
}

describe('a rejection note', () => {
  it.each([
    ['quality', 'applied', ['R']],
    ['patient_safety', 'applied', ['R']],
    ['wrong_worklist_entry', 'applied', ['R']],
    ['retention_expired', 'no_effect', []],
    ['restore', 'no_effect', []],
  ] as const)('with the title %s: %s', (title: RejectionTitle, status, out) => {
    expect(lines([note('N', ['R'], { title })], [report('R')])).toEqual({ said: [`N R ${status}`], out });
  });

  it('waits for what is not on record, and has nothing to take from a file without values', () => {
    expect(lines([note('N', ['R', 'I'])], [{ sopInstanceUid: 'I', kind: 'file without values', ids: [] }])).toEqual({
      said: ['N I no_values', 'N R waiting'],
      out: [],
    });
  });

  it.each([
    ['the same id', { issuerOfPatientId: 'H', patientId: 'P1' }, 'applied'],
    ['the same id without its issuer', { issuerOfPatientId: '', patientId: 'P1' }, 'applied'],
    ['the same number of another issuer', { issuerOfPatientId: 'X', patientId: 'P1' }, 'other_patient'],
    ['another id', { issuerOfPatientId: 'H', patientId: 'P2' }, 'other_patient'],
    ['an id that was merged into it', { issuerOfPatientId: 'H', patientId: 'OLD' }, 'applied'],
    ['nobody', null, 'applied'],
  ])('about %s', (_, patient, status) => {
    const merged = [ANNA, { issuerOfPatientId: 'H', patientId: 'OLD' }];
    expect(lines([note('N', ['R'], { patient })], [report('R', merged)]).said).toEqual([`N R ${status}`]);
  });

  it('that a later note rejects no longer takes anything out, and so on', () => {
    const subjects = [report('R'), ...['N1', 'N2', 'N3'].map((uid): Subject => ({ ...report(uid), kind: 'note' }))];
    const first = note('N1', ['R'], { contentAt: '2024-05-01' });
    const second = note('N2', ['N1'], { contentAt: '2024-05-02' });
    const third = note('N3', ['N2'], { contentAt: '2024-05-03' });
    expect(lines([first, second], subjects)).toEqual({ said: ['N1 R note_rejected', 'N2 N1 applied'], out: ['N1'] });
    expect(lines([first, second, third], subjects)).toEqual({
      said: ['N1 R applied', 'N2 N1 note_rejected', 'N3 N2 applied'],
      out: ['N2', 'R'],
    });
  });

  it('rejects no later note, nor itself', () => {
    const subjects = [
      report('R'),
      { ...report('N1'), kind: 'note' } as const,
      { ...report('N2'), kind: 'note' } as const,
    ];
    const first = note('N1', ['N1', 'N2', 'R'], { contentAt: '2024-05-01' });
    const second = note('N2', ['R'], { contentAt: '2024-05-02' });
    expect(lines([first, second], subjects)).toEqual({
      said: ['N1 N1 no_effect', 'N1 N2 no_effect', 'N1 R applied', 'N2 R applied'],
      out: ['R'],
    });
  });

  it('is in force although another one was overruled by a person or rejected', () => {
    const notes = [note('N1', ['R']), note('N2', ['R'], { contentAt: '2024-06-01' })];
    const back: InstanceDecision = { sopInstanceUid: 'R', decision: 'in_use', answers: ['N1'] };
    expect(lines(notes, [report('R')], [back])).toEqual({ said: ['N1 R overruled', 'N2 R applied'], out: ['R'] });
    expect(lines(notes, [report('R')], [{ ...back, answers: ['N1', 'N2'] }]).out).toEqual([]);
  });

  it('that names another patient is answered by a person', () => {
    const of = note('N', ['R'], { patient: { issuerOfPatientId: 'H', patientId: 'P2' } });
    const out: InstanceDecision = { sopInstanceUid: 'R', decision: 'out_of_use', answers: ['N'] };
    expect(lines([of], [report('R')], [out])).toEqual({ said: ['N R confirmed'], out: ['R'] });
    expect(lines([of], [report('R')], [{ ...out, decision: 'in_use' }])).toEqual({ said: ['N R overruled'], out: [] });
  });

  it('that a person takes out of use no longer takes anything out', () => {
    const out: InstanceDecision = { sopInstanceUid: 'N', decision: 'out_of_use', answers: [] };
    expect(lines([note('N', ['R'])], [report('R'), { ...report('N'), kind: 'note' }], [out])).toEqual({
      said: ['N R note_rejected'],
      out: ['N'],
    });
  });
});

describe('what is out of use', () => {
  it('is a function of the set, whatever the notes say of each other', () => {
    const random = openRandom(7, 'rejections');
    const shuffled = <T>(list: readonly T[]) =>
      list
        .map((one) => [random.integer(0, 1_000_000), one] as const)
        .sort(([a], [b]) => a - b)
        .map(([, one]) => one);
    for (let round = 0; round < 300; round += 1) {
      const uids = ['R1', 'R2', 'R3', 'N1', 'N2', 'N3', 'N4'];
      const titles: readonly RejectionTitle[] = ['quality', 'patient_safety', 'retention_expired'];
      const notes = uids.slice(3).map((uid) =>
        note(
          uid,
          uids.filter(() => random.integer(0, 2) === 0),
          {
            contentAt: `2024-05-0${random.integer(1, 3)}`,
            title: titles[random.integer(0, 2)] ?? 'quality',
            patient: { issuerOfPatientId: 'H', patientId: random.integer(0, 5) === 0 ? 'P2' : 'P1' },
          },
        ),
      );
      const subjects = uids.map((uid): Subject => ({ ...report(uid), kind: uid.startsWith('N') ? 'note' : 'report' }));
      const decisions = uids.flatMap((sopInstanceUid): InstanceDecision[] =>
        random.integer(0, 4) > 0
          ? []
          : [{ sopInstanceUid, decision: random.integer(0, 1) === 0 ? 'in_use' : 'out_of_use', answers: ['N1', 'N2'] }],
      );
      const expected = lines(notes, subjects, decisions);
      expect(lines(shuffled(notes), shuffled(subjects), shuffled(decisions))).toEqual(expected);
      // And consistent: who holds takes out what it names, who does not takes out nothing.
      for (const line of expected.said) {
        const [by = '', uid = '', status = ''] = line.split(' ');
        if (status === 'applied')
          expect([expected.out.includes(uid), expected.out.includes(by)]).toEqual([true, false]);
        if (status === 'note_rejected') expect(expected.out).toContain(by);
      }
    }
  });
});
