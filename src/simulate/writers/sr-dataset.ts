import type { DicomElements } from 'dcmjs';
import { type Code, codeSequence, element, elements, textElement } from './sr-elements.ts';
import { staffElements } from './staff.ts';

export const ENHANCED_SR = '1.2.840.10008.5.1.4.1.1.88.22';
export const XRAY_RADIATION_DOSE_SR = '1.2.840.10008.5.1.4.1.1.88.67';

export type SrHeader = {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** "YYYYMMDD" and "HHMMSS". */
  readonly studyDate: string;
  readonly studyTime: string;
  readonly contentTime: string;
  readonly accessionNumber: string;
  readonly studyDescription: string;
  readonly instanceNumber: number;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly deviceSerialNumber: string;
  readonly stationName: string;
  readonly institutionName: string;
  readonly softwareVersion: string;
  readonly patientName: string;
  readonly patientId: string;
  readonly issuerOfPatientId: string | null;
  readonly birthDate: string;
  readonly sex: 'F' | 'M';
  /** "067Y". */
  readonly age: string;
  /** Metres and kilograms. */
  readonly height: string;
  readonly weight: string;
  readonly ethnicGroup: string | null;
  readonly imageComments: string | null;
  readonly characterSet?: 'ISO_IR 192' | 'ISO_IR 100';
  /** A date that stands before Study Date in the order of belief, as some exporters write 1900-01-01 there. */
  readonly acquisitionDate?: string;
  readonly acquisitionDateTime?: string;
  readonly laterality?: string;
};

/** SNOMED CT, as worklists name the examination. */
export const PROCEDURE: Code = ['241686001', 'SCT', 'Dual energy X-ray absorptiometry'];

/** The data set of a structured report (Enhanced SR IOD, PS3.3 A.35.2): header, root concept and content. */
export function srDataset(header: SrHeader, root: Code, content: readonly DicomElements[]): DicomElements {
  return elements({
    '00080005': element('CS', header.characterSet ?? 'ISO_IR 192'),
    '00080012': element('DA', header.studyDate),
    '00080013': element('TM', header.contentTime),
    '00080016': element('UI', header.sopClassUid),
    '00080018': element('UI', header.sopInstanceUid),
    '00080020': element('DA', header.studyDate),
    '00080021': element('DA', header.studyDate),
    '00080022': header.acquisitionDate === undefined ? null : element('DA', header.acquisitionDate),
    '00080023': element('DA', header.studyDate),
    '0008002A': header.acquisitionDateTime === undefined ? null : element('DT', header.acquisitionDateTime),
    '00080030': element('TM', header.studyTime),
    '00080031': element('TM', header.studyTime),
    '00080033': element('TM', header.contentTime),
    '00080050': textElement('SH', header.accessionNumber),
    '00080060': element('CS', 'SR'),
    '00080070': element('LO', header.manufacturer),
    '00080080': element('LO', header.institutionName),
    '00080090': element('PN'),
    '00081010': element('SH', header.stationName),
    '00081030': textElement('LO', header.studyDescription),
    '0008103E': element('LO', 'DXA results'),
    ...staffElements(),
    '00081090': element('LO', header.modelName),
    '00081111': element('SQ'),
    '00100010': element('PN', header.patientName),
    '00100020': element('LO', header.patientId),
    '00100021': header.issuerOfPatientId === null ? null : element('LO', header.issuerOfPatientId),
    '00100030': element('DA', header.birthDate),
    '00100040': element('CS', header.sex),
    '00101010': element('AS', header.age),
    '00101020': element('DS', header.height),
    '00101030': element('DS', header.weight),
    '00102160': header.ethnicGroup === null ? null : element('SH', header.ethnicGroup),
    '00181000': element('LO', header.deviceSerialNumber),
    '00181020': element('LO', header.softwareVersion),
    '0020000D': element('UI', header.studyInstanceUid),
    '0020000E': element('UI', header.seriesInstanceUid),
    '00200010': element('SH', '1'),
    '00200011': element('IS', '1'),
    '00200060': header.laterality === undefined ? null : element('CS', header.laterality),
    '00200013': element('IS', String(header.instanceNumber)),
    '00204000': header.imageComments === null ? null : element('LT', header.imageComments),
    '0040A040': element('CS', 'CONTAINER'),
    '0040A043': codeSequence(root),
    '0040A050': element('CS', 'SEPARATE'),
    '00400253': element('SH', `PPS${header.accessionNumber}`.slice(0, 16)),
    '00400254': element('LO', PROCEDURE[2]),
    '0040A372': codeSequence(PROCEDURE),
    '0040A491': element('CS', 'COMPLETE'),
    '0040A493': element('CS', 'UNVERIFIED'),
    '0040A730': element('SQ', ...content),
  });
}
