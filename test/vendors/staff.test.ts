import { describe, expect, it } from 'vitest';
import { reportRow } from '../../src/db/records/report-row.ts';
import { describeDocument } from '../../src/dicom/describe.ts';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { STAFF } from '../../src/simulate/writers/staff.ts';
import { adaptImage } from '../../src/vendors/adapt-image.ts';
import { adaptReport } from '../../src/vendors/adapt-report.ts';
import { FIXTURES } from '../fixtures/definitions/all.ts';
import { RECEIVED_ON } from '../support/dicom/received.ts';
import { surveyOf } from '../support/dicom/survey.ts';

const NAMES = Object.values(STAFF).flatMap((name) => name.split('^'));

describe('the people at the scanner', () => {
  const densitometry = FIXTURES.filter(({ folder }) => /^(?:ge-lunar|hologic|generic)\//.test(folder));

  it('are named by every file of a densitometer', () => {
    const silent = densitometry.filter(({ bytes }) => {
      const text = Buffer.from(bytes()).toString('latin1');
      return NAMES.some((name) => !text.includes(name));
    });
    expect(silent.map(({ folder }) => folder)).toEqual([]);
  });

  it.each(densitometry)('are in nothing that is read, shown or stored of $folder', ({ bytes }) => {
    const file = bytes();
    const read = readReport(file, READ_LIMITS);
    const adapted = read.ok ? adaptReport(read.document, RECEIVED_ON) : adaptImage(file, READ_LIMITS, RECEIVED_ON);
    const all = [
      JSON.stringify([read, adapted]),
      ...(read.ok ? [describeDocument(read.document)] : []),
      surveyOf([file]),
      ...(adapted.ok ? [JSON.stringify(reportRow(adapted.report, 'test'))] : []),
    ].join('\n');
    expect(NAMES.filter((name) => all.includes(name))).toEqual([]);
  });
});
