import { BARE_HEADER } from '../../../src/dicom/document/bare-header.ts';
import type { DicomDateTime, DocumentHeader } from '../../../src/dicom/document/sr-document.ts';

export type HeaderDates = {
  readonly acquisitionDateTime: DicomDateTime | null;
  readonly acquisitionDate: DicomDateTime | null;
  readonly acquisitionTime: DicomDateTime | null;
  readonly studyDate: DicomDateTime | null;
  readonly studyTime: DicomDateTime | null;
  readonly seriesDate: DicomDateTime | null;
  readonly contentDate: DicomDateTime | null;
  readonly contentTime: DicomDateTime | null;
};

/** The header of a document that says nothing but when. */
export function headerWith({ studyDate, studyTime, seriesDate, ...rest }: HeaderDates): DocumentHeader {
  return {
    ...BARE_HEADER,
    ...rest,
    patient: { ...BARE_HEADER.patient, patientId: 'P' },
    study: { ...BARE_HEADER.study, studyDate, studyTime },
    series: { ...BARE_HEADER.series, seriesDate },
  };
}
