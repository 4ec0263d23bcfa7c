import { writePart10 } from '../src/simulate/writers/part10.ts';
import { ENHANCED_SR, type SrHeader, srDataset } from '../src/simulate/writers/sr-dataset.ts';
import { type Code, containerItem, numItem, textItem } from '../src/simulate/writers/sr-elements.ts';

/** A report as enCORE sends after a full examination: spine, both femurs and a forearm; about 50 kB and 280 items. */
export type LargeReport = { readonly name: string; readonly bytes: Uint8Array };

const ge = (value: string, meaning: string): Code => [value, 'GELUNAR', meaning];
const SPINE = ['L1', 'L2', 'L3', 'L4', 'L1-L2', 'L1-L3', 'L1-L4', 'L2-L3', 'L2-L4', 'L3-L4'];
const HIP = ['Neck', 'Wards', 'Troch', 'Shaft', 'Total'].flatMap((label) =>
  ['Left', 'Right', 'Mean'].map((side) => `${label} ${side}`),
);
const FOREARM = ['33%', 'UD', 'Total'].flatMap((part) => [`Radius ${part}`, `Ulna ${part}`, `Both ${part}`]);

/** How many vertebrae a label spans; every region of the bench has the same BMD, so that its sums and means agree. */
function spanOf(label: string): number {
  const [first, last] = label
    .match(/^L(\d)-L(\d)$/)
    ?.slice(1)
    .map(Number) ?? [1, 1];
  return (last ?? 1) - (first ?? 1) + 1;
}

const region = (label: string, index: number) =>
  containerItem(ge(`1000-${index}`, label), [
    numItem(ge('3', 'BMD'), '0.923', ['g/cm2', 'UCUM', 'g/cm2']),
    textItem(ge('6', 'BMD_TSCORE'), '-1.4'),
    textItem(ge('8', 'BMD_ZSCORE'), '-0.3'),
    textItem(ge('7', 'BMD_PYA'), '84 %'),
    textItem(ge('9', 'BMD_PAM'), '96 %'),
    numItem(ge('5', 'BMC'), (12 * spanOf(label)).toFixed(2), ['g', 'UCUM', 'g']),
    numItem(ge('2', 'AREA'), (13 * spanOf(label)).toFixed(2), ['cm2', 'UCUM', 'cm2']),
  ]);

const SCANS = [
  containerItem(ge('2000-1', 'AP Spine'), SPINE.map(region)),
  containerItem(ge('2000-19', 'DualFemur'), HIP.map(region)),
  containerItem(ge('2000-5', 'Left Forearm'), FOREARM.map(region)),
];

/** Reports of one patient's study; more patients than that share the scanners. */
const FILES_PER_STUDY = 2;

// What differs between two reports has a fixed length, so that a file is a copy with a few bytes changed: the bench
// measures the product, not the writer.
const UID = (kind: string, index: number) => `2.25.${kind}${String(index).padStart(30, '0')}`;
const marks = (index: number) => {
  const study = Math.floor(index / FILES_PER_STUDY);
  return {
    sopInstanceUid: UID('1', index),
    studyInstanceUid: UID('2', study),
    patientId: `BENCH-${String(study).padStart(8, '0')}`,
  };
};

function header(index: number): SrHeader {
  return {
    ...marks(index),
    sopClassUid: ENHANCED_SR,
    seriesInstanceUid: UID('3', 0),
    studyDate: '20240305',
    studyTime: '101500',
    contentTime: '101700',
    accessionNumber: 'BENCH',
    studyDescription: 'DXA bone density',
    instanceNumber: 1,
    manufacturer: 'GE Healthcare',
    modelName: 'Lunar iDXA',
    deviceSerialNumber: 'BENCH1',
    stationName: 'BENCH',
    institutionName: 'Bench',
    softwareVersion: '16.10.151',
    patientName: 'Bench^Patient',
    issuerOfPatientId: 'BENCH',
    birthDate: '19500101',
    sex: 'F',
    age: '074Y',
    height: '1.62',
    weight: '63.5',
    ethnicGroup: 'White',
    imageComments: null,
  };
}

function places(bytes: Buffer, text: string): readonly number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) found.push(at);
  return found;
}

/** Writes `count` reports one after the other. */
export function* largeReports(count: number): Generator<LargeReport> {
  const dataset = srDataset(header(0), ge('1', 'DXA Report'), SCANS);
  const template = Buffer.from(writePart10(ENHANCED_SR, header(0).sopInstanceUid, dataset));
  const at = Object.entries(marks(0)).map(([name, text]) => [name, places(template, text)] as const);
  for (let index = 0; index < count; index += 1) {
    const bytes = Buffer.from(template);
    const values: Readonly<Record<string, string>> = marks(index);
    for (const [name, offsets] of at) for (const offset of offsets) bytes.write(values[name] ?? '', offset, 'latin1');
    yield { name: `sr-${index}.dcm`, bytes };
  }
}
