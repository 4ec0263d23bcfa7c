import { describe, expect, it } from 'vitest';
import { REPORT_COLUMNS } from '../../src/db/records/report-row.ts';
import { VALUE_COLUMNS } from '../../src/db/records/value-columns.ts';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import type { Finding } from '../../src/dxa/values/finding.ts';
import { readAndAdapt } from '../../src/jobs/ingest/read-thread.ts';
import { hologicScript } from '../../src/simulate/writers/hologic-image.ts';
import type { MappingRule } from '../../src/vendors/choose-mapping.ts';
import type { MappingEntry } from '../../src/vendors/report/site-mapping.ts';
import { dicomFile, type Element, type Item } from '../support/dicom/dicom-bytes.ts';
import {
  BMD,
  type Code,
  codeItem,
  concept,
  GRAMS_PER_CM2,
  item,
  num,
  report,
  text,
} from '../support/dicom/dicom-report.ts';
import { hologicImage } from '../support/dicom/hologic-image.ts';
import { RECEIVED_ON } from '../support/dicom/received.ts';

/** Values of one file as "region side quantity number", and its findings. */
function read(bytes: Uint8Array, mappings: readonly MappingRule[] = []) {
  const outcome = readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn: RECEIVED_ON, mappings });
  if (!outcome.ok && outcome.note !== undefined) throw new Error('a rejection note');
  if (!outcome.ok) return { values: [], findings: [{ code: outcome.code, path: null }] as readonly Finding[] };
  const column = (name: string) => {
    const index = REPORT_COLUMNS.length + VALUE_COLUMNS.findIndex((one) => one.name === name);
    const written = outcome.report.columns[index] ?? '{}';
    return written === '{}'
      ? []
      : written
          .slice(1, -1)
          .replaceAll('""', '-')
          .split(/,(?!L\d)/);
  };
  const [sides, quantities, values] = [column('laterality'), column('quantity'), column('value')];
  return {
    values: column('region').map((region, at) => `${region} ${sides[at]} ${quantities[at]} ${values[at]?.slice(0, 5)}`),
    findings: outcome.report.findings,
  };
}

const factOf = ({ facts = {} }: Finding, name: string) => (typeof facts[name] === 'string' ? facts[name] : '');

/** What a finding shows of a concept, as a mapping made from nothing else would name it. */
function matchOf(finding: Finding) {
  const [scheme, value, label] = ['scheme', 'value', 'label'].map((name) => factOf(finding, name));
  return { ...(scheme && value ? { scheme, value } : {}), ...(label ? { label } : {}) };
}

const ruleFor = (vendor: string, entry: MappingEntry): MappingRule => ({
  vendor,
  modelName: '',
  validFrom: '0001-01-01',
  validTo: null,
  entry,
});

type Case = {
  readonly what: string;
  readonly vendor: string;
  readonly bytes: Uint8Array;
  readonly unknown: string;
  readonly meaning: (match: ReturnType<typeof matchOf>) => MappingEntry;
  readonly gives: readonly string[];
  /** What is stored of the file whatever is mapped. */
  readonly before?: readonly string[];
};

const roi = (region: 'femoral_neck' | 'radius_33' | 'total_hip') => ({ region, vertebrae: [] });
const asRegion =
  (region: Parameters<typeof roi>[0], laterality: 'left' | null = null): Case['meaning'] =>
  (match) => ({ id: '1', kind: 'region', match, inScan: null, roi: roi(region), laterality });
const asSpine: Case['meaning'] = (match) => ({
  ...{ id: '1', kind: 'region', match, inScan: 'spine', laterality: null },
  roi: { region: 'spine', vertebrae: ['L1', 'L2', 'L3', 'L4'] },
});
const asLeftHip: Case['meaning'] = (match) => ({ id: '1', kind: 'scan', match, scanType: 'hip', laterality: 'left' });
const asBmd: Case['meaning'] = (match) => ({ id: '1', kind: 'measure', match, quantity: 'bmd' });
const asUnit: Case['meaning'] = (match) => ({ id: '1', kind: 'unit', match, quantity: 'bmd' });

const hologic = (ScanMode: string, column: string, ...rows: readonly (readonly string[])[]): Uint8Array =>
  hologicImage({ patientId: 'A' }, hologicScript({ ScanMode }, { ResultsTable1: [['Region', column], ...rows] }));

const ge = (value: string, meaning: string): Code => [value, 'GELUNAR', meaning];
const inside = (code: Code, children: readonly Item[]) =>
  item('CONTAINER', code, [
    [0x0040a050, 'CS', 'SEPARATE'],
    [0x0040a730, 'SQ', children],
  ]);
const lunar = (scan: Code, region: Code, ...results: readonly Item[]) =>
  dicomFile(report([inside(scan, [inside(region, results)])]));
const HIP = ge('2000-2', 'Left Femur');
const NECK = ge('1000-9', 'Neck');
const xml = (body: string) =>
  dicomFile(report([text(['1', '99TEST', 'Note'], 'x')], { attributes: [[0x00204000, 'LT', body]] }));
const newer = (scan: string, region: string, result: string) =>
  xml(`<DXA_RESULTS><SCAN type="${scan}"><ROI region="${region}">${result}</ROI></SCAN></DXA_RESULTS>`);
const older = (region: string, result: string) =>
  xml(
    `<DENSITOMETRY_RESULTS><CURRENT_EXAM><SCAN type="Left Femur"><TREND><TREND_ROI>${region}</TREND_ROI><EXAM>` +
      `<EXAM_DATE>03/05/2024</EXAM_DATE>${result}</EXAM></TREND></SCAN></CURRENT_EXAM></DENSITOMETRY_RESULTS>`,
  );

const CONVERTER = (...children: readonly Item[]) =>
  dicomFile(report(children, { attributes: [concept(['R', '99CONV', 'Bone densitometry'])] }));
const LOINC_HIP: Code = ['46278-8', 'LN', 'Hip - left DXA bone density'];
const modifier = (code: Code, element: Element) =>
  item(element[0] === 0x0040a168 ? 'CODE' : 'TEXT', code, [element], 'HAS CONCEPT MOD');

const NECK_LEFT = ['femoral_neck left bmd 0.812'];
const CASES: readonly Case[] = [
  {
    ...{ what: 'a scan mode', vendor: 'hologic', unknown: 'UNKNOWN_SCAN', meaning: asLeftHip, gives: NECK_LEFT },
    bytes: hologic('a Hüfte links', 'BMD[g/cm2]', ['Neck', '0.812']),
  },
  {
    ...{ what: 'a header cell', vendor: 'hologic', unknown: 'UNKNOWN_MEASURE', meaning: asBmd, gives: NECK_LEFT },
    bytes: hologic('a Left Hip', 'Dichte[g/cm2]', ['Neck', '0.812']),
  },
  {
    ...{
      what: 'a header cell of which a part is known',
      vendor: 'hologic',
      unknown: 'UNKNOWN_MEASURE',
      meaning: asBmd,
    },
    ...{ bytes: hologic('a Left Hip', 'BMD (areal) [g/cm2]', ['Neck', '0.812']), gives: NECK_LEFT },
  },
  {
    ...{ what: 'a unit in a header cell', vendor: 'hologic', unknown: 'UNIT_NOT_SUPPORTED', meaning: asUnit },
    ...{ bytes: hologic('a Left Hip', 'BMD[g pro qcm]', ['Neck', '0.812']), gives: NECK_LEFT },
  },
  {
    ...{ what: 'a row', vendor: 'hologic', unknown: 'UNKNOWN_REGION', meaning: asRegion('femoral_neck') },
    ...{ bytes: hologic('a Left Hip', 'BMD[g/cm2]', ['Hals', '0.812']), gives: NECK_LEFT },
  },
  {
    ...{ what: 'the heading of a dual hip', vendor: 'hologic', unknown: 'UNKNOWN_REGION' },
    bytes: hologic(
      'a Dual Hip',
      'BMD[g/cm2]',
      ['Hals', ''],
      ['Left', '0.812'],
      ['Right', '0.800'],
      ['|Diff.|', '0.012'],
    ),
    meaning: asRegion('femoral_neck'),
    gives: [...NECK_LEFT, 'femoral_neck right bmd 0.800'],
  },
  {
    ...{ what: 'a row with its side', vendor: 'hologic', unknown: 'UNKNOWN_REGION', meaning: asRegion('femoral_neck') },
    ...{ bytes: hologic('a Dual Hip', 'BMD[g/cm2]', ['Hals Left', '0.812']), gives: NECK_LEFT },
  },
  {
    ...{ what: 'a part of the forearm', vendor: 'hologic', unknown: 'UNKNOWN_REGION', meaning: asRegion('radius_33') },
    bytes: hologic('a Left Forearm', 'BMD[g/cm2]', ['Radius', ''], ['Drittel', '0.612'], ['MID', '0.500']),
    before: ['radius_mid left bmd 0.500'],
    gives: ['radius_33 left bmd 0.612', 'radius_mid left bmd 0.500'],
  },
  {
    ...{ what: 'a bone of the forearm', vendor: 'hologic', unknown: 'UNKNOWN_REGION', meaning: asRegion('radius_33') },
    bytes: hologic('a Left Forearm', 'BMD[g/cm2]', ['Speiche', ''], ['1/3', '0.612'], ['Ulna', ''], ['1/3', '0.500']),
    before: ['ulna_33 left bmd 0.500'],
    gives: ['radius_33 left bmd 0.612', 'ulna_33 left bmd 0.500'],
  },
  {
    ...{ what: 'a set of vertebrae, and with it the total', vendor: 'hologic', unknown: 'UNKNOWN_REGION' },
    bytes: hologic('a Lumbar Spine', 'BMD[g/cm2]', ['LWK 1-4', '0.985']),
    meaning: asSpine,
    gives: ['spine none bmd 0.985'],
  },
  {
    ...{ what: 'a scan', vendor: 'ge-lunar', unknown: 'UNKNOWN_SCAN', meaning: asLeftHip, gives: NECK_LEFT },
    bytes: lunar(ge('2000-77', 'Fémur gauche'), NECK, num(BMD, '0.812')),
  },
  {
    ...{ what: 'a region', vendor: 'ge-lunar', unknown: 'UNKNOWN_REGION', meaning: asRegion('femoral_neck') },
    ...{ bytes: lunar(HIP, ge('1000-77', 'Col'), num(BMD, '0.812')), gives: NECK_LEFT },
  },
  {
    ...{ what: 'a result', vendor: 'ge-lunar', unknown: 'UNKNOWN_MEASURE', meaning: asBmd, gives: NECK_LEFT },
    bytes: lunar(HIP, NECK, num(ge('77', 'DMO'), '0.812')),
  },
  {
    ...{
      what: 'a result that is text',
      vendor: 'ge-lunar',
      unknown: 'UNKNOWN_MEASURE',
      meaning: asBmd,
      gives: NECK_LEFT,
    },
    bytes: lunar(HIP, NECK, text(ge('77', 'DMO'), '0.812 g/cm2')),
  },
  {
    ...{ what: 'a coded unit', vendor: 'ge-lunar', unknown: 'UNIT_NOT_SUPPORTED', meaning: asUnit, gives: NECK_LEFT },
    bytes: lunar(HIP, NECK, num(BMD, '0.812', ['7', '99UNIT', 'Dichteeinheit'])),
  },
  {
    ...{ what: 'a unit behind a number', vendor: 'ge-lunar', unknown: 'UNIT_NOT_SUPPORTED', meaning: asUnit },
    ...{ bytes: lunar(HIP, NECK, text(BMD, '0.812 g/qcm')), gives: NECK_LEFT },
  },
  {
    ...{ what: 'a scan of the XML', vendor: 'ge-lunar', unknown: 'UNKNOWN_SCAN', meaning: asLeftHip, gives: NECK_LEFT },
    bytes: newer('Hüfte links', 'Neck', '<BMD units=" g/cm2">0.812</BMD>'),
  },
  {
    ...{
      what: 'a region of the XML',
      vendor: 'ge-lunar',
      unknown: 'UNKNOWN_REGION',
      meaning: asRegion('femoral_neck'),
    },
    ...{ bytes: newer('Left Femur', 'Hals', '<BMD>0.812</BMD>'), gives: NECK_LEFT },
  },
  {
    ...{
      what: 'an element of the XML',
      vendor: 'ge-lunar',
      unknown: 'UNKNOWN_MEASURE',
      meaning: asBmd,
      gives: NECK_LEFT,
    },
    bytes: newer('Left Femur', 'Neck', '<DMO units="g/cm2">0.812</DMO>'),
  },
  {
    ...{
      what: 'a unit of the XML',
      vendor: 'ge-lunar',
      unknown: 'UNIT_NOT_SUPPORTED',
      meaning: asUnit,
      gives: NECK_LEFT,
    },
    bytes: newer('Left Femur', 'Neck', '<BMD units=" g/qcm">0.812</BMD>'),
  },
  {
    ...{ what: 'a region of the older XML', vendor: 'ge-lunar', unknown: 'UNKNOWN_REGION', gives: NECK_LEFT },
    ...{ bytes: older('Hals', '<BMD>0.812</BMD>'), meaning: asRegion('femoral_neck') },
  },
  {
    ...{ what: 'an element of the older XML', vendor: 'ge-lunar', unknown: 'UNKNOWN_MEASURE', gives: NECK_LEFT },
    ...{ bytes: older('Neck', '<DMO>0.812</DMO>'), meaning: asBmd },
  },
  {
    ...{ what: 'a container', vendor: 'generic', unknown: 'UNKNOWN_REGION', meaning: asRegion('femoral_neck') },
    ...{ bytes: CONVERTER(inside(['h', '99CONV', 'Hals'], [num(LOINC_HIP, '0.812')])), gives: NECK_LEFT },
  },
  {
    ...{
      what: 'a tracking identifier',
      vendor: 'generic',
      unknown: 'UNKNOWN_REGION',
      meaning: asRegion('femoral_neck'),
    },
    bytes: CONVERTER(
      inside(
        ['125007', 'DCM', 'Measurement Group'],
        [modifier(['112039', 'DCM', 'Tracking Identifier'], [0x0040a160, 'UT', 'Hals']), num(LOINC_HIP, '0.812')],
      ),
    ),
    gives: NECK_LEFT,
  },
  {
    ...{ what: 'a site', vendor: 'generic', unknown: 'UNKNOWN_REGION', meaning: asRegion('femoral_neck') },
    bytes: CONVERTER(
      inside(
        ['125007', 'DCM', 'Measurement Group'],
        [
          modifier(['363698007', 'SCT', 'Finding Site'], [0x0040a168, 'SQ', [codeItem(['H1', '99CONV', 'Hals'])]]),
          num(LOINC_HIP, '0.812'),
        ],
      ),
    ),
    gives: NECK_LEFT,
  },
  {
    ...{ what: 'a result', vendor: 'generic', unknown: 'UNKNOWN_MEASURE', meaning: asBmd },
    bytes: CONVERTER(
      inside(
        ['n', '99CONV', 'Left femoral neck'],
        [num(['d', '99CONV', 'Dichte'], '0.812'), num(['t', 'LN', 'x'], '1'), num(['b', '99CONV', 'BMD'], '')],
      ),
    ),
    gives: NECK_LEFT,
  },
  {
    ...{ what: 'a unit', vendor: 'generic', unknown: 'UNIT_NOT_SUPPORTED', meaning: asUnit, gives: NECK_LEFT },
    bytes: CONVERTER(inside(['n', '99CONV', 'Femoral neck'], [num(LOINC_HIP, '0.812', ['1', '99CONV', 'g pro qcm'])])),
  },
];

describe('what no adapter knows', () => {
  it.each(CASES)('$what of $vendor can be mapped from what its finding shows', (given) => {
    const { bytes, vendor, unknown, before = [], gives } = given;
    const first = read(bytes);
    expect(first.values).toEqual(before);
    const found = first.findings.find(({ code }) => code === unknown);
    expect(first.findings.map(({ code }) => code)).toContain(unknown);
    if (found === undefined) return;
    const mapped = read(bytes, [ruleFor(vendor, given.meaning(matchOf(found)))]);
    expect([...mapped.values].sort()).toEqual([...gives].sort());
    expect(
      mapped.findings.filter(({ code, facts }) => code === unknown && facts?.['label'] === found.facts?.['label']),
    ).toEqual([]);
  });

  it.each(CASES)('$what of $vendor can be ignored: nothing else changes', (given) => {
    const { bytes, vendor, unknown, before = [] } = given;
    const first = read(bytes);
    const found = first.findings.find(({ code }) => code === unknown);
    if (found === undefined) throw new Error('not found');
    const kind =
      ({ UNKNOWN_SCAN: 'scan', UNKNOWN_REGION: 'region', UNKNOWN_MEASURE: 'measure' } as const)[unknown] ?? 'unit';
    const ignored = read(bytes, [
      ruleFor(vendor, { id: '9', kind: 'ignored', of: kind, match: matchOf(found), inScan: null }),
    ]);
    expect(ignored.values).toEqual(before);
    const own = first.findings.filter(
      ({ code, facts }) =>
        code === unknown && facts?.['label'] === found.facts?.['label'] && facts?.['value'] === found.facts?.['value'],
    );
    expect(ignored.findings).toEqual([
      ...first.findings.filter((one) => !own.includes(one)),
      { code: 'CONCEPT_IGNORED', path: null, facts: { kind, count: own.length } },
    ]);
  });
});

describe('a mapping', () => {
  it('does not reverse the side that a scan or a row names', () => {
    const bytes = hologic('a Right Hip', 'BMD[g/cm2]', ['Hals', '0.812']);
    const { values, findings } = read(bytes, [ruleFor('hologic', asRegion('femoral_neck', 'left')({ label: 'Hals' }))]);
    expect(values).toEqual([]);
    expect(findings.map(({ code }) => code)).toContain('LATERALITY_CONFLICT');
  });

  it('of a region holds in its own kind of scan alone', () => {
    const bytes = hologic('a Lumbar Spine', 'BMD[g/cm2]', ['Hals', '0.812']);
    expect(read(bytes, [ruleFor('hologic', asRegion('femoral_neck', 'left')({ label: 'Hals' }))]).values).toEqual([]);
  });

  it('of a code does not override a region that is named above it', () => {
    const bytes = CONVERTER(inside(['n', '99CONV', 'Left femoral neck'], [num(LOINC_HIP, '0.812')]));
    const rule = ruleFor('generic', asRegion('total_hip')({ scheme: 'LN', value: '46278-8' }));
    expect(read(bytes, [rule]).values).toEqual(NECK_LEFT);
  });

  it('of a unit is never one of milligrams', () => {
    const bytes = lunar(HIP, NECK, text(BMD, '812 mg/cm2'), num(BMD, '812', ['mg/cm2', 'UCUM', 'mg/cm2']));
    const rules = [{ label: 'mg/cm2' }, { scheme: 'UCUM', value: 'mg/cm2' }].map((match) =>
      ruleFor('ge-lunar', asUnit(match)),
    );
    expect(read(bytes, rules).values).toEqual([]);
  });

  it('is not offered what was typed behind a number', () => {
    const found = (typed: string) =>
      read(lunar(HIP, NECK, text(BMD, `0.812 ${typed}`))).findings.filter(({ code }) => code === 'UNIT_NOT_SUPPORTED');
    expect(found('seen by Dr. Miller').map(({ facts }) => facts)).toEqual([{ quantity: 'bmd' }]);
    expect(found('Miller, 12.03.1950').map(({ facts }) => facts)).toEqual([{ quantity: 'bmd' }]);
    expect(GRAMS_PER_CM2[0]).toBe('g/cm2');
  });
});
