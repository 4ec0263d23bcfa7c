import type { DicomElement, DicomElements } from 'dcmjs';
import { PROCEDURE, type SrHeader } from './sr-dataset.ts';
import { codeSequence, element, elements, textElement } from './sr-elements.ts';
import { staffElements } from './staff.ts';

export const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

/** The data set of an 8 x 8 image (Secondary Capture IOD, PS3.3 A.8.1); `rest` completes or overrides it. */
export function imageDataset(
  header: SrHeader,
  modality: string,
  rest: Readonly<Record<string, DicomElement | null>>,
): DicomElements {
  return elements({
    '00080005': element('CS', 'ISO_IR 100'),
    '00080016': element('UI', header.sopClassUid),
    '00080018': element('UI', header.sopInstanceUid),
    '00080020': element('DA', header.studyDate),
    '00080022': header.acquisitionDate === undefined ? null : element('DA', header.acquisitionDate),
    '00080023': element('DA', header.studyDate),
    '0008002A': header.acquisitionDateTime === undefined ? null : element('DT', header.acquisitionDateTime),
    '00080030': element('TM', header.studyTime),
    '00080033': element('TM', header.contentTime),
    '00080050': textElement('SH', header.accessionNumber),
    '00080060': element('CS', modality),
    '00080064': element('CS', 'WSD'),
    '00080070': element('LO', header.manufacturer),
    '00080080': element('LO', header.institutionName),
    '00080090': element('PN'),
    '00081010': element('SH', header.stationName),
    '00081030': textElement('LO', header.studyDescription),
    ...staffElements(),
    '00081090': element('LO', header.modelName),
    '00100010': element('PN', header.patientName),
    '00100020': element('LO', header.patientId),
    '00100021': header.issuerOfPatientId === null ? null : element('LO', header.issuerOfPatientId),
    '00100030': element('DA', header.birthDate),
    '00100040': element('CS', header.sex),
    '00181000': textElement('LO', header.deviceSerialNumber),
    '00181020': element('LO', header.softwareVersion),
    '0020000D': element('UI', header.studyInstanceUid),
    '0020000E': element('UI', header.seriesInstanceUid),
    '00200010': element('SH', '1'),
    '00200011': element('IS', '1'),
    '00200060': header.laterality === undefined ? null : element('CS', header.laterality),
    '00200013': element('IS', '1'),
    '00204000': header.imageComments === null ? null : element('LT', header.imageComments),
    '00280002': element('US', 1),
    '00280004': element('CS', 'MONOCHROME2'),
    '00280010': element('US', 8),
    '00280011': element('US', 8),
    '00280100': element('US', 8),
    '00280101': element('US', 8),
    '00280102': element('US', 7),
    '00280103': element('US', 0),
    '00400253': element('SH', `PPS${header.accessionNumber}`.slice(0, 16)),
    '00400254': element('LO', PROCEDURE[2]),
    '00400260': codeSequence(PROCEDURE),
    '7FE00010': element('OB', new Uint8Array(64).buffer),
    ...rest,
  });
}
