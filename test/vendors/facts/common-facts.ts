import { type KEY_OBJECT_TITLES, writeKeyObject } from '../../../src/simulate/writers/rejection-note.ts';
import type { Item } from '../../support/dicom/dicom-bytes.ts';
import { dicomFile } from '../../support/dicom/dicom-bytes.ts';
import { container, item, num, report, text, concept as titled } from '../../support/dicom/dicom-report.ts';
import type { Fact, FactCase } from './fact.ts';
import { bmd, ge, geFile, geXml, hologicFile, tScore, xmlFile } from './files.ts';

const L1_L4 = 'value spine L1,L2,L3,L4 none';
const withHeader = (attributes: Item) => geFile({ 'AP Spine': { 'L1-L4': [bmd('1.023')] } }, attributes);

/** Placeholders and slips, each with why it is no day of a scan. */
const NO_DAYS = [
  '00010101',
  '18991230',
  '18991231',
  '19000101',
  '19700101',
  '19860101',
  '20991231',
  '99991231',
  '2023',
  '00000000',
];
type Place = 'Acquisition DateTime' | 'Acquisition Date' | 'Study Date' | 'Series Date' | 'Content Date';
const PLACES: readonly (readonly [place: Place, tag: number, vr: string])[] = [
  ['Acquisition DateTime', 0x0008002a, 'DT'],
  ['Acquisition Date', 0x00080022, 'DA'],
  ['Study Date', 0x00080020, 'DA'],
  ['Series Date', 0x00080021, 'DA'],
  ['Content Date', 0x00080023, 'DA'],
];
const ORDER: Item = [
  [0x0008002a, 'DT', '20240312093000'],
  [0x00080022, 'DA', '20240311'],
  [0x00080020, 'DA', '20240310'],
  [0x00080021, 'DA', '20240309'],
  [0x00080023, 'DA', '20240308'],
];
const DAYS = ['2024-03-12', '2024-03-11', '2024-03-10', '2024-03-09', '2024-03-08'];

/** One date of five that cannot be the day of a scan: the next in the order counts. */
function impossible(index: number, day: string): FactCase {
  const [, tag, vr] = PLACES[index] ?? PLACES[0] ?? ['Study Date', 0, 'DA'];
  const attributes = ORDER.map((element, at): Item[number] =>
    at < index ? [element[0], element[1], ''] : at === index ? [tag, vr, day] : element,
  );
  const isContent = index === 4;
  return {
    // Without an earlier one that is good, the scan is of the next.
    bytes: () => withHeader(isContent ? [...ORDER.slice(0, 4), [tag, vr, day]] : attributes),
    must: [
      `scannedAt ${isContent ? DAYS[0] : DAYS[index + 1]}`,
      'finding IMPOSSIBLE_DATE',
      ...(isContent ? [`contentAt ${DAYS[0]}`, 'finding CONTENT_DATE_MISSING'] : [`contentAt ${DAYS[4]}`]),
    ],
    never: [`scannedAt ${day.slice(0, 4)}-`],
  };
}

const DATE_CASES = Object.fromEntries(
  PLACES.flatMap(([place], index) => NO_DAYS.map((day) => [`${place} ${day}`, impossible(index, day)] as const)),
);

/** As the runtimes of C print 1.023 and 0.985. */
const DECIMALS: Readonly<Record<string, number>> = {
  '1.023': 1_023_000,
  '1.023000e+000': 1_023_000,
  '1023.e-003': 1_023_000,
  '+1.023E+00': 1_023_000,
  '9.85e-001': 985_000,
  '9.85e-01': 985_000,
  '.985': 985_000,
  '5.e-001': 500_000,
};
const DECIMAL_CASES = Object.fromEntries(
  Object.entries(DECIMALS).flatMap(([written, value]) => {
    const must = [`${L1_L4} bmd ${value}`];
    const never = ['finding UNREADABLE_VALUE', 'finding IMPLAUSIBLE'];
    const whole = (of: string, bytes: () => Uint8Array) => [`${written} in ${of}`, { bytes, must, never }] as const;
    const script = () =>
      hologicFile({
        values: { ScanMode: 'a Lumbar Spine' },
        rows: [
          ['Region', 'BMD[g/cm2]'],
          ['L1-L4', written],
        ],
      });
    return [
      whole('a number', () => geFile({ 'AP Spine': { 'L1-L4': [bmd(written)] } })),
      whole('a text', () => geFile({ 'AP Spine': { 'L1-L4': [text(ge('3', 'BMD'), `${written} g/cm2`)] } })),
      whole('XML', () => xmlFile(geXml(written))),
      whole('XML with its unit', () => xmlFile(geXml(`${written} g/cm2`).replace(' units=" g/cm2"', ''))),
      whole("Hologic's table", script),
    ];
  }),
);

const unit = (written: string, must: readonly string[], never: readonly string[] = []): FactCase => ({
  bytes: () => geFile({ 'AP Spine': { 'L1-L4': [bmd('1.023', [written, '99U', written])] } }),
  must,
  never,
});

/** A spine in TID 1500 whose vertebrae are told by codes. */
const bySites = (codes: readonly (readonly [value: string, scheme: string])[]): FactCase => ({
  bytes: () => {
    const sites = codes.map(([value, scheme]) =>
      item(
        'CODE',
        ['363698007', 'SCT', 'Finding Site'],
        [
          [
            0x0040a168,
            'SQ',
            [
              [
                [0x00080100, 'SH', value],
                [0x00080102, 'SH', scheme],
                [0x00080104, 'LO', 'x'],
              ],
            ],
          ],
        ],
        'HAS CONCEPT MOD',
      ),
    );
    const measured = num(['24966-4', 'LN', 'Lumbar spine DXA bone density'], '1.023');
    const group = item('CONTAINER', ['125007', 'DCM', 'Measurement Group'], [[0x0040a730, 'SQ', [...sites, measured]]]);
    return dicomFile(
      report([group], {
        attributes: [titled(['126000', 'DCM', 'Imaging Measurement Report'])],
      }),
    );
  },
  must: [`${L1_L4} bmd 1023000`],
});

const REFERENCE = {
  studyInstanceUid: '2.25.1',
  seriesInstanceUid: '2.25.2',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.88.22',
  sopInstanceUid: '2.25.77',
};
const note = (title: keyof typeof KEY_OBJECT_TITLES, must: string): FactCase => ({
  bytes: () =>
    writeKeyObject({
      title,
      ...{ sopInstanceUid: '2.25.3', studyInstanceUid: '2.25.1', seriesInstanceUid: '2.25.4' },
      patient: { name: 'Probe^Paula', id: 'P-1', issuer: null, birthDate: '19560704', sex: 'F' },
      ...{ contentDate: '20240313', contentTime: '080000', names: [REFERENCE] },
    }),
  must: must === 'refused' ? ['refused NOT_DXA'] : [`rejects ${must}`, 'names 2.25.77'],
});

export const COMMON_FACTS: readonly Fact[] = [
  {
    id: 'dates-in-the-wild',
    says: 'Dates that are no day of a scan stand beside a good one: 0001-01-01, 1899-12-30, 1900-01-01, 2099-12-31, a year alone. The first that can be believed counts, of acquisition, study, series and content; the content alone says which analysis is the latest.',
    grade: 'attested',
    source: 'several toolkits',
    cases: {
      'every date is good': {
        bytes: () => withHeader(ORDER),
        must: ['scannedAt 2024-03-12T09:30:00', 'contentAt 2024-03-08'],
        never: ['finding IMPOSSIBLE_DATE', 'finding CONTENT_DATE_MISSING'],
      },
      'before birth': {
        bytes: () =>
          withHeader([
            [0x00080022, 'DA', '20100430'],
            [0x00100030, 'DA', '20100501'],
          ]),
        must: ['scannedAt 2024-03-12', 'finding IMPOSSIBLE_DATE'],
      },
      ...DATE_CASES,
    },
  },
  {
    id: 'decimals-of-c-runtimes',
    says: 'Decimals are printed with three digits of exponent, without digits before or behind the point: `9.85e-001`, `5.e-001`, `1.023000e+000`. One grammar reads all.',
    grade: 'attested',
    source: 'several toolkits',
    cases: {
      ...DECIMAL_CASES,
      'in height and weight of the header': {
        bytes: () =>
          withHeader([
            [0x00101020, 'DS', '1.620000e+000'],
            [0x00101030, 'DS', '6.35e+001'],
          ]),
        must: ['height 1620000 weight 63500000'],
        never: ['finding HEADER_VALUE_UNREADABLE'],
      },
      'in height and weight of the script': {
        bytes: () => hologicFile({ values: { Height: '1.620e+002 cm', Weight: '6.35e+001  kg' } }),
        must: ['height 1620000 weight 63500000'],
      },
      'in a T-score': {
        bytes: () => geFile({ 'AP Spine': { 'L1-L4': [bmd('1.023'), tScore('-1.5e+000')] } }),
        must: [`${L1_L4} t_score -1500000`],
      },
      'no number': {
        bytes: () => geFile({ 'AP Spine': { 'L1-L4': [bmd('1.#QNAN')] } }),
        must: ['finding UNREADABLE_VALUE'],
        never: ['value'],
      },
    },
  },
  {
    id: 'units-and-other-quantities',
    says: 'g/cm² is spelt in many ways; mg/cm² (standardised BMD), mg/cm³ (QCT) and m/s (ultrasound) are other quantities.',
    grade: 'attested',
    source: "HL7's DXA example; Norland printouts; PS3.16",
    cases: {
      ...Object.fromEntries(
        ['g/cm²', 'g/cm^2', 'gm/cm2', 'g/cm-2', 'G/CM2', 'g / sq cm'].map((written) => [
          written,
          unit(written, [`${L1_L4} bmd 1023000`]),
        ]),
      ),
      ...Object.fromEntries(
        ['mg/cm²', 'mg/cm3', 'm/s', 'g/cm3'].map((written) => [
          written,
          unit(written, ['finding UNIT_NOT_SUPPORTED'], ['value']),
        ]),
      ),
      'out of range': {
        bytes: () => geFile({ 'AP Spine': { 'L1-L4': [bmd('1023')] } }),
        must: ['finding IMPLAUSIBLE_VALUE'],
        never: ['value'],
      },
    },
  },
  {
    id: 'codes-of-one-meaning',
    says: 'Old and new SNOMED codes are one: T-11910 and 66794005 are L1. T-11511 is the arch of a vertebra.',
    grade: 'documented',
    source: 'PS3.16 and SNOMED CT',
    cases: {
      SCT: bySites([
        ['66794005', 'SCT'],
        ['14293000', 'SCT'],
        ['36470004', 'SCT'],
        ['11994002', 'SCT'],
      ]),
      SRT: bySites([
        ['T-11910', 'SRT'],
        ['T-11920', 'SRT'],
        ['T-11930', 'SNM3'],
        ['T-11940', '99SDM'],
      ]),
      mixed: bySites([
        ['T-11910', 'SRT'],
        ['14293000', 'SCT'],
        ['T-11930', 'SRT'],
        ['11994002', 'SCT'],
      ]),
      'the arch of a vertebra': {
        ...bySites([['T-11511', 'SRT']]),
        must: ['finding UNKNOWN_REGION'],
        never: ['value'],
      },
    },
  },
  {
    id: 'rejection-notes',
    says: 'A key object under DCM 113001, 113037 or 113038 withdraws the instances that it names; 113039 (retention expired) withdraws nothing.',
    grade: 'documented',
    source: 'IHE IOCM; PS3.16 CID 7011',
    cases: {
      quality: note('quality', 'quality'),
      'patient safety': note('patient_safety', 'patient_safety'),
      'wrong worklist entry': note('wrong_worklist_entry', 'wrong_worklist_entry'),
      'retention expired': note('retention_expired', 'retention_expired'),
      'of interest': note('of_interest', 'refused'),
    },
  },
  {
    id: 'not-densitometry',
    says: 'Dose reports, mammography and broken roots are turned away with a reason.',
    grade: 'attested',
    source: 'public tools and their issues',
    cases: {
      'a root without value type and concept': {
        bytes: () => dicomFile(report([container('x', [])], { without: [0x0040a040, 0x0040a043] })),
        must: ['refused'],
        never: ['value'],
      },
      'a dose report in Enhanced SR': {
        bytes: () =>
          dicomFile(
            report([num(['113813', 'DCM', 'CT Dose Length Product Total'], '410.2', ['mGy.cm', 'UCUM', 'mGy.cm'])], {
              attributes: [titled(['113701', 'DCM', 'X-Ray Radiation Dose Report'])],
            }),
          ),
        must: ['refused NOT_DXA'],
      },
      'an unknown vocabulary': {
        bytes: () =>
          dicomFile(
            report([container('H1', [num(['B1', '99NORLAND', 'Total sBMD'], '962.3', ['mg/cm2', 'UCUM', 'mg/cm2'])])], {
              attributes: [titled(['BD1', '99NORLAND', 'Bone Densitometry Report'])],
            }),
          ),
        must: ['refused UNSUPPORTED_VENDOR'],
        never: ['value'],
      },
    },
  },
];
