import type { DicomElements } from 'dcmjs';
import { type GeRow, type GeScanContent, geContent, geRootConcept } from './ge-report.ts';
import { GE_SCANS } from './ge-vocabulary.ts';
import { uidOf, writePart10 } from './part10.ts';
import type { SimulatedPatient } from './patient.ts';
import { addParts, bmdOf, type Part } from './scan-model.ts';
import { SCANNERS } from './scanners.ts';
import { type ScoredRegion, type Scores, scoresOf } from './scores.ts';
import { ENHANCED_SR, type SrHeader, srDataset } from './sr-dataset.ts';
import { type Side, spineRanges, type Visit } from './visit.ts';

/** What one file of a visit holds. */
export type ReportKind = 'spine' | 'dual_femur' | 'left_femur' | 'right_femur';

export function reportKinds(visit: Visit): readonly ReportKind[] {
  const sides = (['left', 'right'] as const).filter((side) => visit.hips[side] !== undefined);
  if (sides.length === 2 && visit.femurFiles === 'dual') return ['spine', 'dual_femur'];
  return ['spine', ...sides.map((side): ReportKind => `${side}_femur`)];
}

export function reportUid(visit: Visit, kind: string): string {
  return uidOf(`${visit.studyInstanceUid}/${kind}`);
}

/** Writes one file of a visit. */
export function writeReport(patient: SimulatedPatient, visit: Visit, kind: ReportKind): Uint8Array {
  const header = reportHeader(patient, visit, kind, ENHANCED_SR);
  return writePart10(ENHANCED_SR, header.sopInstanceUid, reportDataset(header, patient, visit, kind));
}

function reportDataset(header: SrHeader, patient: SimulatedPatient, visit: Visit, kind: ReportKind): DicomElements {
  const scan: GeScanContent =
    kind === 'spine'
      ? { name: GE_SCANS.spine, rows: spineRows(patient, visit) }
      : kind === 'dual_femur'
        ? { name: GE_SCANS.dualFemur, rows: dualFemurRows(patient, visit) }
        : kind === 'left_femur'
          ? { name: GE_SCANS.leftFemur, rows: femurRows(patient, visit, 'left') }
          : { name: GE_SCANS.rightFemur, rows: femurRows(patient, visit, 'right') };
  return srDataset(header, geRootConcept, geContent('Zimmertal^Technologist', [scan]));
}

export function reportHeader(patient: SimulatedPatient, visit: Visit, kind: string, sopClassUid: string): SrHeader {
  const { person } = patient;
  const scanner = SCANNERS[visit.scannerId];
  const instanceNumber = ['spine', 'dual_femur', 'left_femur', 'right_femur'].indexOf(kind) + 1 || 9;
  return {
    sopClassUid,
    sopInstanceUid: reportUid(visit, kind),
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
    softwareVersion: scanner.softwareVersion,
    patientName: `${person.familyName}^${person.givenName}`,
    patientId: person.patientId,
    issuerOfPatientId: person.issuerOfPatientId,
    birthDate: person.birthDate,
    sex: person.sex,
    age: `${String(visit.age).padStart(3, '0')}Y`,
    height: (person.height / 100).toFixed(2),
    weight: (visit.weight / 10).toFixed(1),
    ethnicGroup: 'White',
    imageComments: null,
  };
}

function scored(patient: SimulatedPatient, visit: Visit, region: ScoredRegion | null, bmd: number): Scores | null {
  return region === null ? null : scoresOf(region, bmd, patient.person.sex, visit.age);
}

function spineRows(patient: SimulatedPatient, visit: Visit): readonly GeRow[] {
  return spineRanges(visit.withoutL2).map(({ label, levels }) => {
    const part = addParts(visit.spine.filter((_, level) => levels.includes(level)));
    const region = levels.length === 1 ? (label as ScoredRegion) : 'spine';
    return { label, part, scores: scored(patient, visit, region, bmdOf(part)) };
  });
}

const HIP_LABELS = ['Neck', 'Wards', 'Troch', 'Shaft', 'Total'] as const;
type HipLabel = (typeof HIP_LABELS)[number];

/** Ward's is a square inside the neck: it counts in no sum. Total is neck, trochanter and shaft. */
function hipPart(parts: readonly Part[], label: HipLabel): Part {
  const [neck = { bmc: 0, area: 0 }, troch = neck, shaft = neck] = parts;
  switch (label) {
    case 'Neck':
      return neck;
    case 'Wards':
      return { bmc: Math.round(neck.bmc * 0.435), area: Math.round(neck.area * 0.5) };
    case 'Troch':
      return troch;
    case 'Shaft':
      return shaft;
    case 'Total':
      return addParts(parts);
    default:
      return label satisfies never;
  }
}

function scoreName(label: HipLabel): ScoredRegion | null {
  return label === 'Shaft' ? null : label;
}

function femurRows(patient: SimulatedPatient, visit: Visit, side: Side): readonly GeRow[] {
  return HIP_LABELS.map((label) => {
    const part = hipPart(visit.hips[side] ?? [], label);
    return { label, part, scores: scored(patient, visit, scoreName(label), bmdOf(part)) };
  });
}

/** Left, Right, Mean and Diff. of every region; the mean is that of the printed BMDs, the difference left minus right. */
function dualFemurRows(patient: SimulatedPatient, visit: Visit): readonly GeRow[] {
  return HIP_LABELS.flatMap((label): readonly GeRow[] => {
    const left = hipPart(visit.hips.left ?? [], label);
    const right = hipPart(visit.hips.right ?? [], label);
    const [l, r] = [bmdOf(left), bmdOf(right)];
    const mean = { bmc: (left.bmc + right.bmc + 1) >> 1, area: (left.area + right.area + 1) >> 1 };
    const meanBmd = Math.floor((l + r + 1) / 2);
    const difference = { bmc: left.bmc - right.bmc, area: left.area - right.area };
    const name = scoreName(label);
    return [
      { label: `${label} Left`, part: left, scores: scored(patient, visit, name, l) },
      { label: `${label} Right`, part: right, scores: scored(patient, visit, name, r) },
      { label: `${label} Mean`, part: mean, bmd: meanBmd, scores: scored(patient, visit, name, meanBmd) },
      { label: `${label} Diff.`, part: difference, bmd: l - r, scores: null },
    ];
  });
}
