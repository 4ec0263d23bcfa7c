import { ROOT_ROW } from '../document/element-table.ts';
import { addFinding } from '../document/findings.ts';
import { formatTag } from '../document/refused.ts';
import type { CodedConcept, DecimalText, DocumentHeader } from '../document/sr-document.ts';
import { TAG } from '../encoding/tags.ts';
import { readDate, readDateTime, readTime, readUtcOffset } from '../text/date-time.ts';
import { readDecimalString } from '../text/decimal.ts';
import type { Reading } from '../text/values.ts';
import { type Context, conceptsAt } from './code-sequence.ts';
import { personNameAt, stringAt, textAt, timeAt, uidAt } from './content-value.ts';

/** What the file as a whole says about itself, outside the patient, study, series and equipment modules. */
export type Identity = {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string | null;
};

/** Reads the attributes of PS3.3 A.35 that the product uses; `context` carries the document's character set. */
export function readHeader(reading: Reading, identity: Identity, context: Context): DocumentHeader {
  const string = (tag: number) => stringAt(reading, ROOT_ROW, tag, null);
  const text = (tag: number) => textAt(reading, ROOT_ROW, tag, context);
  const uid = (tag: number) => uidAt(reading, ROOT_ROW, tag, null);
  const date = (tag: number) => timeAt(reading, ROOT_ROW, tag, null, readDate);
  const time = (tag: number) => timeAt(reading, ROOT_ROW, tag, null, readTime);
  const name = (tag: number) => personNameAt(reading, ROOT_ROW, tag, context);
  return {
    ...identity,
    modality: string(TAG.Modality),
    instanceNumber: string(TAG.InstanceNumber),
    contentDate: date(TAG.ContentDate),
    contentTime: time(TAG.ContentTime),
    acquisitionDateTime: timeAt(reading, ROOT_ROW, TAG.AcquisitionDateTime, null, readDateTime),
    acquisitionDate: date(TAG.AcquisitionDate),
    acquisitionTime: time(TAG.AcquisitionTime),
    timezoneOffsetMinutes: timezone(reading),
    completionFlag: string(TAG.CompletionFlag),
    verificationFlag: string(TAG.VerificationFlag),
    imageComments: textAt(reading, ROOT_ROW, TAG.ImageComments, context, true),
    laterality: string(TAG.Laterality),
    imageLaterality: string(TAG.ImageLaterality),
    patient: {
      patientId: text(TAG.PatientID),
      issuerOfPatientId: text(TAG.IssuerOfPatientID),
      name: name(TAG.PatientName),
      birthDate: date(TAG.PatientBirthDate),
      sex: string(TAG.PatientSex),
      age: string(TAG.PatientAge),
      size: decimal(reading, TAG.PatientSize),
      weight: decimal(reading, TAG.PatientWeight),
      ethnicGroup: text(TAG.EthnicGroup),
    },
    study: {
      studyInstanceUid: uid(TAG.StudyInstanceUID),
      studyDate: date(TAG.StudyDate),
      studyTime: time(TAG.StudyTime),
      accessionNumber: text(TAG.AccessionNumber),
      description: text(TAG.StudyDescription),
    },
    series: {
      seriesInstanceUid: uid(TAG.SeriesInstanceUID),
      seriesDate: date(TAG.SeriesDate),
      seriesTime: time(TAG.SeriesTime),
      description: text(TAG.SeriesDescription),
    },
    performedProcedure: {
      stepId: text(TAG.PerformedProcedureStepID),
      description: text(TAG.PerformedProcedureStepDescription),
      codes: [TAG.PerformedProcedureCodeSequence, TAG.PerformedProtocolCodeSequence].reduce<readonly CodedConcept[]>(
        (found, tag) => (found.length > 0 ? found : conceptsAt(reading, ROOT_ROW, tag, context)),
        [],
      ),
    },
    equipment: {
      manufacturer: text(TAG.Manufacturer),
      modelName: text(TAG.ManufacturerModelName),
      deviceSerialNumber: text(TAG.DeviceSerialNumber),
      stationName: text(TAG.StationName),
      institutionName: text(TAG.InstitutionName),
      softwareVersions: (text(TAG.SoftwareVersions) ?? '')
        .split('\\')
        .map((version) => version.trim())
        .filter((version) => version !== ''),
    },
  };
}

function decimal(reading: Reading, tag: number): DecimalText | null {
  const raw = stringAt(reading, ROOT_ROW, tag, null);
  if (raw === null) return null;
  const value = readDecimalString(raw);
  if (value.decimal === null) addFinding(reading.findings, 'VALUE_UNREADABLE', formatTag(tag));
  return value;
}

function timezone(reading: Reading): number | null {
  const raw = stringAt(reading, ROOT_ROW, TAG.TimezoneOffsetFromUTC, null);
  if (raw === null) return null;
  const offset = readUtcOffset(raw);
  if (offset === null) addFinding(reading.findings, 'VALUE_UNREADABLE', formatTag(TAG.TimezoneOffsetFromUTC));
  return offset;
}
