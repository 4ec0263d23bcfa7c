import { describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { readAndAdapt } from '../../src/jobs/ingest/read-thread.ts';
import { type KeyObject, writeKeyObject } from '../../src/simulate/writers/rejection-note.ts';
import { readRejectionNote } from '../../src/vendors/rejection-note.ts';
import { makeCase } from '../support/dicom/dicom-mutate.ts';
import { RECEIVED_ON } from '../support/dicom/received.ts';

const ref = (study: string, uid: string) => ({
  studyInstanceUid: study,
  seriesInstanceUid: `${study}.1`,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.88.22',
  sopInstanceUid: uid,
});
const NOTE: KeyObject = {
  ...{ title: 'quality', sopInstanceUid: '2.25.1', studyInstanceUid: '2.25.2', seriesInstanceUid: '2.25.3' },
  patient: { name: 'A^B', id: 'P1', issuer: 'H', birthDate: '19500301', sex: 'F' },
  ...{ contentDate: '20240501', contentTime: '080000', names: [ref('2.25.4', '2.25.5'), ref('2.25.6', '2.25.7')] },
};

function readNote(more: Partial<KeyObject> = {}) {
  const read = readReport(writeKeyObject({ ...NOTE, ...more }), READ_LIMITS);
  if (!read.ok) throw new Error(read.refusal.code);
  return readRejectionNote(read.document, RECEIVED_ON);
}

describe('a rejection note', () => {
  it.each(['explicit', 'implicit', 'big-endian', 'deflated'] as const)('is read in %s', (transferSyntax) => {
    expect(readNote({ transferSyntax })).toEqual({
      note: {
        ...{ sopInstanceUid: '2.25.1', contentAt: '2024-05-01T08:00:00', title: 'quality', studyInstanceUid: '2.25.2' },
        patient: { issuerOfPatientId: 'H', patientId: 'P1' },
        ...{ reasons: [], description: null },
        names: [ref('2.25.4', '2.25.5'), ref('2.25.6', '2.25.7')],
      },
      findings: [],
    });
  });

  it('is told by its code, and nothing else is one', () => {
    expect(readNote({ codingSchemeVersion: '01' })?.note.title).toBe('quality');
    expect(readNote({ title: 'of_interest' })).toBeNull();
    const read = readReport(writeKeyObject({ ...NOTE, title: 'quality' }), READ_LIMITS);
    if (!read.ok) throw new Error(read.refusal.code);
    const { header } = read.document;
    const enhanced = { ...read.document, header: { ...header, sopClassUid: '1.2.840.10008.5.1.4.1.1.88.22' } };
    expect(readRejectionNote(enhanced, RECEIVED_ON)).toBeNull();
  });

  it('names each instance once, wherever it occurs', () => {
    const twice = [ref('2.25.4', '2.25.5'), ref('2.25.4', '2.25.5')];
    expect(readNote({ names: twice })?.note.names).toEqual([ref('2.25.4', '2.25.5')]);
    const onlyInTree = readNote({ names: [], inTree: [ref('2.25.4', '2.25.5')] });
    expect(onlyInTree?.note.names).toMatchObject([{ sopInstanceUid: '2.25.5', studyInstanceUid: null }]);
    expect(onlyInTree?.findings).toMatchObject([{ code: 'NOTE_REFERENCES_DIFFER', facts: { onlyInTree: 1 } }]);
    expect(readNote({ inTree: [ref('2.25.4', '2.25.5')] })?.findings).toEqual([]);
  });

  it('with a date that cannot be believed counts as earlier than every other', () => {
    const odd = readNote({ contentDate: '20991231' });
    expect(odd?.note.contentAt).toBe('');
    expect(odd?.findings.map(({ code }) => code)).toContain('IMPOSSIBLE_DATE');
  });

  it('never crashes the reader, whatever happens to its bytes', () => {
    const files = [writeKeyObject(NOTE), writeKeyObject({ ...NOTE, transferSyntax: 'implicit' })].map(Buffer.from);
    let read = 0;
    for (let number = 0; number < 2000; number += 1) {
      const outcome = readAndAdapt({ bytes: makeCase(files, 3, number), limits: READ_LIMITS, receivedOn: RECEIVED_ON });
      if (!outcome.ok && outcome.note !== undefined) read += 1;
    }
    expect(read).toBeGreaterThan(300);
  });
});
