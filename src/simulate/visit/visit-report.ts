import type { DicomElements } from 'dcmjs';
import { SCANNERS } from '../scanner/scanners.ts';
import { type GeScanContent, geContent, geRootConcept } from '../writers/ge-report.ts';
import { GE_HISTORY, GE_SCANS } from '../writers/ge-vocabulary.ts';
import { newerXml, olderXml } from '../writers/ge-xml.ts';
import { writeHologicImage } from '../writers/hologic-image.ts';
import { imageDataset, SECONDARY_CAPTURE } from '../writers/image-dataset.ts';
import { uidOf, writePart10 } from '../writers/part10.ts';
import { ENHANCED_SR, type SrHeader, srDataset } from '../writers/sr-dataset.ts';
import { containerItem } from '../writers/sr-elements.ts';
import { hologicText } from './hologic-report.ts';
import type { SimulatedPatient } from './patient.ts';
import type { Visit } from './visit.ts';
import { type ScanKind, scanRows, scanTrends } from './visit-rows.ts';

/** One file of a visit: its scans, and which part of their regions when they are spread over several files. */
export type ReportFile = { readonly id: string; readonly scans: readonly ScanKind[]; readonly part: number };

const NAMES = {
  spine: GE_SCANS.spine,
  dual_femur: GE_SCANS.dualFemur,
  left_femur: GE_SCANS.leftFemur,
  right_femur: GE_SCANS.rightFemur,
} as const satisfies Record<ScanKind, unknown>;

/** The files of a visit in the patient's style. */
export function reportFiles(patient: SimulatedPatient, visit: Visit): readonly ReportFile[] {
  return scanGroups(patient, visit).flatMap((scans): readonly ReportFile[] => {
    const id = scans.join('+');
    const rows = scans.reduce((most, kind) => Math.max(most, scanRows(patient, visit, kind).length), 0);
    const parts = Math.ceil(rows / patient.style.regionsPerFile);
    return Array.from({ length: parts }, (_, part) => ({ id: parts === 1 ? id : `${id}/${part}`, scans, part }));
  });
}

function scanGroups(patient: SimulatedPatient, visit: Visit): readonly (readonly ScanKind[])[] {
  const sides = (['left', 'right'] as const).filter((side) => visit.hips[side] !== undefined);
  const single = sides.map((side): ScanKind => `${side}_femur`);
  const spine: readonly (readonly ScanKind[])[] = visit.spine.length === 0 ? [] : [['spine']];
  if (sides.length === 2 && patient.style.repeatHips) return [...spine, ['dual_femur', ...single]];
  if (sides.length === 2 && visit.femurFiles === 'dual') return [...spine, ['dual_femur']];
  return [...spine, ...single.map((kind) => [kind])];
}

export function reportUid(visit: Visit, id: string): string {
  return uidOf(`${visit.studyInstanceUid}/${id}`);
}

/** Writes one file of a visit. */
export function writeReport(patient: SimulatedPatient, visit: Visit, file: ReportFile): Uint8Array {
  const { style } = patient;
  const [first] = file.scans;
  if (style.vendor === 'hologic' && first !== undefined) {
    const header = reportHeader(patient, visit, file, SECONDARY_CAPTURE);
    const tag = { group: '0019', element: '1000' };
    const { transferSyntax } = style;
    return writeHologicImage(header, 'OT', tag, hologicText(patient, visit, first), { transferSyntax });
  }
  const scans = file.scans.map((kind): GeScanContent => {
    const rows = scanRows(patient, visit, kind);
    const from = file.part * style.regionsPerFile;
    const trends = style.trend === 'none' && style.xml !== 'older-only' ? [] : scanTrends(patient, visit, kind);
    return { name: NAMES[kind], rows: rows.slice(from, from + style.regionsPerFile), trends };
  });
  const imageComments = comments(patient, visit, scans);
  if (style.carrier === 'image') {
    const header = { ...reportHeader(patient, visit, file, SECONDARY_CAPTURE), imageComments };
    return writePart10(SECONDARY_CAPTURE, header.sopInstanceUid, imageDataset(header, 'BD', {}));
  }
  const header = { ...reportHeader(patient, visit, file, ENHANCED_SR), imageComments };
  const dataset = srDataset(header, geRootConcept, content(patient, scans));
  return writePart10(ENHANCED_SR, header.sopInstanceUid, dataset, style.transferSyntax);
}

function content({ style }: SimulatedPatient, scans: readonly GeScanContent[]): readonly DicomElements[] {
  const inTree = style.xml === 'only' || style.xml === 'older-only' ? [] : scans;
  const items = geContent('Zimmertal^Technologist', inTree, style);
  return inTree.length > 0 ? items : [...items, containerItem(GE_HISTORY, [])];
}

function comments({ style }: SimulatedPatient, visit: Visit, scans: readonly GeScanContent[]): string | null {
  if (style.xml === 'none') return null;
  return style.xml === 'older-only' ? olderXml(scans, visit.studyDate) : newerXml(scans, visit.studyDate);
}

export function reportHeader(
  patient: SimulatedPatient,
  visit: Visit,
  file: Pick<ReportFile, 'id'>,
  sopClassUid: string,
): SrHeader {
  const { person, style } = patient;
  const scanner = SCANNERS[visit.scannerId];
  // Only the order counts: later files of a study have later content times.
  const place = reportFiles(patient, visit).findIndex(({ id }) => id === file.id);
  const instanceNumber = place < 0 ? 40 : place + 1;
  return {
    sopClassUid,
    sopInstanceUid: reportUid(visit, file.id),
    studyInstanceUid: visit.studyInstanceUid,
    seriesInstanceUid: reportUid(visit, 'series'),
    studyDate: visit.studyDate,
    studyTime: visit.studyTime,
    contentTime: `${visit.studyTime.slice(0, 4)}${String(10 + instanceNumber)}`,
    accessionNumber: visit.accessionNumber,
    studyDescription: 'DXA bone density',
    instanceNumber,
    manufacturer: scanner.manufacturer,
    modelName: scanner.modelName,
    deviceSerialNumber: scanner.deviceSerialNumber,
    stationName: scanner.stationName,
    institutionName: scanner.institutionName,
    softwareVersion: style.softwareVersion ?? scanner.softwareVersion,
    patientName: `${person.familyName}^${person.givenName}`,
    patientId: person.patientId,
    issuerOfPatientId: person.issuerOfPatientId,
    birthDate: person.birthDate,
    sex: person.sex,
    age: `${String(visit.age).padStart(3, '0')}Y`,
    height: ((visit.height ?? person.height) / 100).toFixed(2),
    weight: (visit.weight / 10).toFixed(1),
    ethnicGroup: 'White',
    imageComments: null,
    characterSet: style.characterSet,
    ...(style.acquisitionDate === null ? {} : { acquisitionDate: style.acquisitionDate }),
  };
}
