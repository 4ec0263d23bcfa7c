import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';
import type { NormalisedReport } from '../../../src/dxa/values/report.ts';
import { adaptImage } from '../../../src/vendors/adapt-image.ts';
import { adaptReport } from '../../../src/vendors/adapt-report.ts';
import { readRejectionNote } from '../../../src/vendors/rejection-note.ts';
import { RECEIVED_ON } from './received.ts';

function linesOf({ study, contentAt, calibration, values, claims, findings, body }: NormalisedReport): string[] {
  return [
    `scannedAt ${study.scannedAt}`,
    `contentAt ${contentAt}`,
    `height ${body.heightM ?? '-'} weight ${body.weightKg ?? '-'}`,
    ...(calibration === undefined ? [] : [`calibration ${calibration.acf ?? '-'} ${calibration.bcf ?? '-'}`]),
    ...values.map(
      ({ roi, laterality, quantity, value }) =>
        `value ${roi.region} ${roi.vertebrae.join(',') || '-'} ${laterality} ${quantity} ${value}`,
    ),
    ...claims.map(({ kind, roi, date, value }) => `claim ${kind} ${roi.region} ${date ?? '-'} ${value ?? '-'}`),
    ...findings.map(({ code }) => `finding ${code}`),
  ];
}

/** What the product makes of the bytes of a file, a line each; numbers in millionths. */
export function readLines(bytes: Uint8Array): readonly string[] {
  const read = readReport(bytes, READ_LIMITS);
  if (read.ok) {
    const noted = readRejectionNote(read.document, RECEIVED_ON);
    if (noted !== null)
      return [
        `rejects ${noted.note.title}`,
        ...noted.note.names.map(({ sopInstanceUid }) => `names ${sopInstanceUid}`),
      ];
    const adapted = adaptReport(read.document, RECEIVED_ON);
    return adapted.ok ? linesOf(adapted.report) : [`refused ${adapted.code}`];
  }
  if (read.refusal.code !== 'NOT_STRUCTURED_REPORT') return [`refused ${read.refusal.code}`];
  const image = adaptImage(bytes, READ_LIMITS, RECEIVED_ON);
  return image.ok ? linesOf(image.report) : [`refused ${image.code}`];
}
