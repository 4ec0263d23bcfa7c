import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import { scannerKey } from '../../../src/dxa/values/scanner-key.ts';
import { readHeader } from '../../../src/vendors/report/header.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

const BLANK = '\u00a0\u2003\u0085 ';
const read = readReport(
  readFileSync(join(import.meta.dirname, '../../fixtures/ge-lunar/encore-16/spine/report.dcm')),
  READ_LIMITS,
);
if (!read.ok) throw new Error(read.refusal.code);
const { header } = read.document;

it('takes every Unicode white space from the ends of what names a patient and a device', () => {
  const pad = (text: string) => `${BLANK}${text}${BLANK}`;
  const padded = readHeader(
    {
      ...header,
      patient: { ...header.patient, patientId: pad('P 1') },
      equipment: {
        ...header.equipment,
        manufacturer: pad('GE'),
        modelName: pad('iDXA'),
        deviceSerialNumber: BLANK,
        stationName: pad('ROOM1'),
      },
    },
    RECEIVED_ON,
  );
  expect(padded).toMatchObject({
    patient: { patientId: 'P 1' },
    equipment: { manufacturer: 'GE', modelName: 'iDXA', deviceSerialNumber: null, stationName: 'ROOM1' },
  });
});

it('refuses a patient ID of white space alone', () => {
  expect(readHeader({ ...header, patient: { ...header.patient, patientId: BLANK } }, RECEIVED_ON)).toMatchObject({
    ok: false,
    code: 'NO_PATIENT_ID',
  });
});

it('does not call a device identified by a serial number of white space alone', () => {
  expect(scannerKey({ manufacturer: 'GE', modelName: 'iDXA', deviceSerialNumber: BLANK, stationName: BLANK })).toEqual({
    key: 'ge|idxa|unidentified',
    identified: false,
  });
});
