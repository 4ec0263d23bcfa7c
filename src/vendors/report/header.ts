import type { DecimalText, DicomDateTime, DocumentHeader, PersonName } from '../../dicom/document/sr-document.ts';
import type { Finding } from '../../dxa/values/finding.ts';
import { type Micro, parseMicro } from '../../dxa/values/quantity.ts';
import type { IsoDate, NormalisedReport, PerformedProcedure } from '../../dxa/values/report.ts';
import { codeTriple } from '../text/item-text.ts';
import type { AdapterRefusal } from './adapter.ts';
import type { RefusalCode } from './codes.ts';
import { finding } from './finding.ts';
import { chooseDates, fullDate, isBirthDate } from './scan-dates.ts';

/** What a person's height and weight can be, lowest and highest. */
export const HEIGHT_M = [0.3, 2.6] as const;
export const WEIGHT_KG = [1, 400] as const;

export function isWithin(value: Micro, [low, high]: readonly [number, number]): boolean {
  return value >= low * 1e6 && value <= high * 1e6;
}

export type ReportHeader = Omit<NormalisedReport, 'vendor' | 'adapterVersion' | 'values' | 'claims'>;

/**
 * Reads patient, study, equipment and body from the header; the same for every vendor. `receivedOn`: the day on which the
 * file came, in UTC; no scan in it can be later.
 */
export function readHeader(header: DocumentHeader, receivedOn: IsoDate): ReportHeader | AdapterRefusal {
  const patientId = trimmed(header.patient.patientId);
  if (patientId === null) return refusal('NO_PATIENT_ID', '(0010,0020)');
  const { studyInstanceUid } = header.study;
  if (studyInstanceUid === null || studyInstanceUid === '') return refusal('NO_STUDY_UID', '(0020,000D)');
  const findings: Finding[] = [];
  const birthDate = readBirthDate(header.patient.birthDate, receivedOn, findings);
  const dates = chooseDates(header, { birthDate, receivedOn });
  if (dates === null) return refusal('NO_SCAN_DATE', '(0008,0020)');
  const { scannedAt, scanDateDoubted, contentAt } = dates;
  findings.push(...dates.findings);
  return {
    sopInstanceUid: header.sopInstanceUid,
    seriesInstanceUid: header.series.seriesInstanceUid,
    contentAt,
    patient: {
      patientId,
      issuerOfPatientId: trimmed(header.patient.issuerOfPatientId) ?? '',
      name: displayName(header.patient.name),
      sex: readSex(header.patient.sex, findings),
      birthDate,
    },
    study: {
      studyInstanceUid,
      accessionNumber: header.study.accessionNumber,
      scannedAt,
      ...(scanDateDoubted ? { scanDateDoubted } : {}),
      description: header.study.description,
      ...readPerformedProcedure(header.performedProcedure),
    },
    equipment: {
      manufacturer: trimmed(header.equipment.manufacturer) ?? '',
      modelName: trimmed(header.equipment.modelName) ?? '',
      deviceSerialNumber: trimmed(header.equipment.deviceSerialNumber),
      stationName: trimmed(header.equipment.stationName),
      institutionName: header.equipment.institutionName,
      softwareVersions: header.equipment.softwareVersions,
    },
    body: {
      // Metres and kilograms; a height in centimetres or a weight in grams is left out, not converted.
      heightM: readBody(header.patient.size, HEIGHT_M, '(0010,1020)', findings),
      weightKg: readBody(header.patient.weight, WEIGHT_KG, '(0010,1030)', findings),
      ethnicGroup: header.patient.ethnicGroup,
    },
    findings,
  };
}

/** Without white space around it, a no-break space or a next line (U+0085) included; null when nothing is left. */
export function trimmed(text: string | null): string | null {
  return text?.replaceAll('\u0085', ' ').trim() || null;
}

function refusal(code: RefusalCode, path: string): AdapterRefusal {
  return { ok: false, code, facts: {}, path };
}

const MOST_PROCEDURE_CODES = 16;

function readPerformedProcedure(read: DocumentHeader['performedProcedure']): {
  readonly performedProcedure?: PerformedProcedure;
} {
  const [stepId, description] = [trimmed(read.stepId), trimmed(read.description)];
  const codes = read.codes.slice(0, MOST_PROCEDURE_CODES).flatMap((code) => codeTriple(code) ?? []);
  const isNamed = stepId !== null || description !== null || codes.length > 0;
  return isNamed ? { performedProcedure: { stepId, description, codes } } : {};
}

function displayName(name: PersonName | null): string | null {
  const group = [name?.alphabetic, name?.ideographic, name?.phonetic].find((text) => text !== undefined && text !== '');
  if (group === undefined) return null;
  const [family = '', given = '', middle = ''] = group.split('^').map((part) => part.trim());
  const rest = [given, middle].filter((part) => part !== '').join(' ');
  return [family, rest].filter((part) => part !== '').join(', ') || null;
}

function readSex(sex: string | null, findings: Finding[]): 'F' | 'M' | 'O' | null {
  if (sex === 'F' || sex === 'M' || sex === 'O') return sex;
  if (sex !== null && sex !== '') findings.push(finding('HEADER_VALUE_UNREADABLE', '(0010,0040)'));
  return null;
}

function readBirthDate(date: DicomDateTime | null, receivedOn: IsoDate, findings: Finding[]): IsoDate | null {
  const whole = fullDate(date);
  const day = whole !== null && isBirthDate(whole, receivedOn) ? whole : null;
  if (day === null && date !== null && date.raw.trim() !== '') {
    findings.push(finding('HEADER_VALUE_UNREADABLE', '(0010,0030)'));
  }
  return day;
}

function readBody(
  text: DecimalText | null,
  range: readonly [number, number],
  path: string,
  findings: Finding[],
): Micro | null {
  if (text === null || text.raw.trim() === '') return null;
  const value = text.decimal === null ? null : parseMicro(text.decimal);
  if (value !== null && isWithin(value, range)) return value;
  // Some systems write 0 for "not measured".
  if (value !== 0) findings.push(finding('HEADER_VALUE_UNREADABLE', path));
  return null;
}
