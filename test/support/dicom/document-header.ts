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
    ...rest,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.88.22',
    sopInstanceUid: '2.25.1',
    transferSyntaxUid: null,
    modality: null,
    instanceNumber: null,
    timezoneOffsetMinutes: null,
    completionFlag: null,
    verificationFlag: null,
    imageComments: null,
    laterality: null,
    imageLaterality: null,
    patient: {
      patientId: 'P',
      issuerOfPatientId: null,
      name: null,
      birthDate: null,
      sex: null,
      age: null,
      size: null,
      weight: null,
      ethnicGroup: null,
    },
    study: { studyInstanceUid: '2.25.2', studyDate, studyTime, accessionNumber: null, description: null },
    series: { seriesInstanceUid: null, seriesDate, seriesTime: null, description: null },
    performedProcedure: { stepId: null, description: null, codes: [] },
    equipment: {
      manufacturer: null,
      modelName: null,
      deviceSerialNumber: null,
      stationName: null,
      institutionName: null,
      softwareVersions: [],
    },
  };
}
