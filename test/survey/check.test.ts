import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { simulateCohort } from '../../src/simulate/cohort/simulate-cohort.ts';
import { hologicScript } from '../../src/simulate/writers/hologic-image.ts';
import { checkSurvey, type Unread } from '../../src/survey/check.ts';
import type { Shows } from '../../src/survey/screen.ts';
import { SURVEY, SURVEY_FORMAT, type Survey } from '../../src/survey/survey-file.ts';
import { dicomFile, type Element, type Item } from '../support/dicom/dicom-bytes.ts';
import { BMD, type Code, codeItem, concept, item, num, report, text } from '../support/dicom/dicom-report.ts';
import { hologicImage } from '../support/dicom/hologic-image.ts';
import { readSurvey, surveyOf } from '../support/dicom/survey.ts';
import { processorMs } from '../support/processor-time.ts';

const shown = ({ vendor, kind, scheme, code, label, where, times, files }: Unread) =>
  [vendor, kind, [scheme, code].filter((part) => part !== '').join(':'), label, where, `${times}/${files}`]
    .filter((part) => part !== '')
    .join(' | ');
const unreadOf = (files: Iterable<Uint8Array>, shows?: Shows) =>
  checkSurvey(readSurvey(surveyOf(files, shows))).map(shown);

const inside = (code: Code, children: readonly Item[]) =>
  item('CONTAINER', code, [
    [0x0040a050, 'CS', 'SEPARATE'],
    [0x0040a730, 'SQ', children],
  ]);
const ge = (value: string, meaning: string): Code => [value, 'GELUNAR', meaning];
const lunar = (scan: Code, region: Code, ...results: readonly Item[]) =>
  dicomFile(report([inside(scan, [inside(region, results)])]));
const hologic = (ScanMode: string, ...rows: readonly (readonly string[])[]) =>
  hologicImage({ patientId: 'A' }, hologicScript({ ScanMode }, { ResultsTable1: rows }));
const xml = (body: string, attributes: Item = []) =>
  dicomFile(report([text(['1', '99TEST', 'Note'], 'x')], { attributes: [[0x00204000, 'LT', body], ...attributes] }));

/** Thirty patients with nothing in common but the label. */
const patients = (make: (attributes: Item) => Buffer): Buffer[] =>
  Array.from({ length: 30 }, (_, index) =>
    make([
      [0x00100010, 'PN', `Family${index}^Given${index}`],
      [0x00100020, 'LO', `ID-${index}`],
      [0x00100030, 'DA', `19${50 + Math.floor(index / 12)}${String(1 + (index % 12)).padStart(2, '0')}01`],
    ]),
  );

describe('a survey that is checked', () => {
  it.each(['usual', 'every'] as const)(
    'of an archive that we simulate is read whole (%s style)',
    { timeout: 120_000 },
    (variety) => {
      const { files } = simulateCohort({ patients: 60, seed: 7, variety });
      const survey = readSurvey(surveyOf([...files].map(({ bytes }) => bytes)));
      expect(survey.files).toBeGreaterThan(200);
      expect(Object.keys(survey.outcomes)).toContain('read by ge-lunar');
      if (variety === 'every') expect(survey.outcomes['read by hologic']).toBeGreaterThan(20);
      expect(checkSurvey(survey).map(shown)).toEqual([]);
    },
  );

  it.each<[string, Uint8Array, readonly string[]]>([
    [
      'a scan mode',
      hologic('a Hüfte links', ['Region', 'BMD[g/cm2]'], ['Neck', '1']),
      ['hologic | scan | <3 words or more> | 1/1'],
    ],
    [
      'a scan with a known word in it',
      hologic('a Left Hip HSA', ['Region', 'BMD[g/cm2]'], ['Neck', '1']),
      ['hologic | scan | <3 words or more> | 1/1'],
    ],
    [
      'a header cell',
      hologic('a Left Hip', ['Region', 'BMD[g/cm2]', 'Dichte[g/cm2]'], ['Neck', '1', '1']),
      ['hologic | measure | <1 word> | 1/1'],
    ],
    [
      'a unit in a header cell',
      hologic('a Left Hip', ['Region', 'BMD[mg/cm2]'], ['Neck', '1']),
      ['hologic | measure | <1 word> | 1/1'],
    ],
    [
      'a row',
      hologic('a Left Hip', ['Region', 'BMD[g/cm2]'], ['Hals', '1'], ['Neck', '1']),
      ['hologic | region | <1 word> | hip | 1/1'],
    ],
    [
      'a heading',
      hologic('a Dual Hip', ['Region', 'BMD[g/cm2]'], ['Hals', ''], ['Left', '1'], ['Right', '1']),
      ['hologic | region | <1 word> | hip | 2/1'],
    ],
    ['a total', hologic('a Lumbar Spine', ['Region', 'BMD[g/cm2]'], ['L1', '1'], ['Total', '1']), []],
    [
      'a scan',
      lunar(ge('2000-77', 'Fémur gauche'), ge('1', 'Neck'), num(BMD, '1')),
      ['ge-lunar | scan | GELUNAR:<number> | <2 words> | 1/1'],
    ],
    [
      'a region',
      lunar(ge('2000-2', 'Left Femur'), ge('1000-77', 'Col'), num(BMD, '1')),
      ['ge-lunar | region | GELUNAR:<number> | <1 word> | hip | 1/1'],
    ],
    [
      'a result',
      lunar(ge('2000-2', 'Left Femur'), ge('1', 'Neck'), num(ge('77', 'DMO'), '1')),
      ['ge-lunar | measure | GELUNAR:<number> | <1 word> | 1/1'],
    ],
    [
      'a unit',
      lunar(
        ge('2000-2', 'Left Femur'),
        ge('1', 'Neck'),
        num(BMD, '812', ['mg/cm2', 'UCUM', 'mg/cm2']),
        text(BMD, '0.8 g/qcm'),
      ),
      ['ge-lunar | unit | UCUM:mg/cm2 | mg/cm2 | bmd | 1/1', 'ge-lunar | unit | <1 word> | bmd | 1/1'],
    ],
    [
      'a scan of the XML',
      xml('<DXA_RESULTS><SCAN type="Hüfte"><ROI region="Neck"/></SCAN></DXA_RESULTS>'),
      ['ge-lunar | scan | <1 word> | 1/1'],
    ],
    [
      'regions, elements and units of the XML',
      xml(
        '<DXA_RESULTS><SCAN type="Left Femur"><ROI region="Hals"><BMD>1</BMD></ROI><ROI region="Neck"><DMO>1</DMO><BMD units="g/qcm">1</BMD></ROI></SCAN><DEVICE/></DXA_RESULTS>',
      ),
      [
        'ge-lunar | region | <1 word> | hip | 1/1',
        'ge-lunar | unit | <1 word> | bmd | 1/1',
        'ge-lunar | measure | <1 word> | 1/1',
        'ge-lunar | XML element | <1 word> | 1/1',
      ],
    ],
    [
      'a vocabulary',
      dicomFile(
        report([inside(['H1', '99X', 'Hip'], [num(['B', '99X', 'BMD value'], '1')])], {
          attributes: [concept(['R', '99X', 'Bone'])],
        }),
      ),
      ['none | vocabulary | <1 word>:<1 word> | <1 word> | 1/1'],
    ],
    [
      'a report about something else',
      dicomFile(report([inside(['x', '99X', 'Lungs'], [])], { attributes: [concept(['R', '99X', 'Chest'])] })),
      [],
    ],
  ])('tells that %s is not read', (_what, bytes, expected) => {
    const unread = unreadOf([bytes]);
    expect([...unread].sort()).toEqual([...expected].sort());
  });

  it('names what many patients have, with how often, in the words that map it', () => {
    const files = patients((attributes) =>
      dicomFile(
        report(
          [
            inside(ge('2000-77', 'Fémur gauche'), [inside(ge('1', 'Neck'), [num(BMD, '1')])]),
            inside(ge('2000-2', 'Left Femur'), [
              inside(ge('1000-88', 'Col fémoral'), [num(BMD, '1')]),
              inside(ge('1', 'Neck'), [num(ge('99', 'DMO'), '1'), num(BMD, '1', ['7', '99U', 'Dichteeinheit'])]),
            ]),
          ],
          { attributes },
        ),
      ),
    );
    expect(unreadOf(files, 'shared').sort()).toEqual([
      'ge-lunar | measure | GELUNAR:99 | DMO | 30/30',
      'ge-lunar | region | GELUNAR:1000-88 | Col fémoral | hip | 30/30',
      'ge-lunar | scan | GELUNAR:2000-77 | Fémur gauche | 30/30',
      'ge-lunar | unit | 99U:<number> | Dichteeinheit | bmd | 30/30',
    ]);
    expect(unreadOf(files).sort()).toEqual([
      'ge-lunar | measure | GELUNAR:99 | DMO | 30/30',
      'ge-lunar | region | GELUNAR:1000-88 | Col fémoral | hip | 30/30',
      'ge-lunar | scan | GELUNAR:2000-77 | Fémur gauche | 30/30',
      'ge-lunar | unit | <1 word>:<number> | <1 word> | bmd | 30/30',
    ]);
  });

  it('knows sites and tracking identifiers of third-party reports', () => {
    const modifier = (code: Code, element: Element) =>
      item(element[0] === 0x0040a168 ? 'CODE' : 'TEXT', code, [element], 'HAS CONCEPT MOD');
    const group = (...modifiers: readonly Item[]) =>
      inside(
        ['125007', 'DCM', 'Measurement Group'],
        [...modifiers, num(['46278-8', 'LN', 'Hip - left DXA bone density'], '0.8')],
      );
    const tracking = (label: string) => modifier(['112039', 'DCM', 'Tracking Identifier'], [0x0040a160, 'UT', label]);
    const site = (code: Code) => modifier(['363698007', 'SCT', 'Finding Site'], [0x0040a168, 'SQ', [codeItem(code)]]);
    const of = (...groups: readonly Item[]) =>
      unreadOf([dicomFile(report(groups, { attributes: [concept(['126000', 'DCM', 'Imaging Measurement Report'])] }))]);
    expect(of(group(tracking('Total hip')), group(site(['29627003', 'SCT', 'Structure of neck of femur'])))).toEqual(
      [],
    );
    expect(of(group(tracking('Hüfte gesamt')), group(tracking('Femoral neck')))).toEqual([
      'generic | region | <2 words> | 1/1',
    ]);
    expect(of(group(site(['H1', '99X', 'Hals'])))).toEqual(['generic | region | <1 word>:<1 word> | <1 word> | 1/1']);
  });

  it('points at private elements of a densitometer from which nothing was read, and at no other image', () => {
    const image = (model: string) =>
      dicomFile(
        [
          [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.7'],
          [0x00080018, 'UI', '2.25.1'],
          [0x00190010, 'LO', 'HOLOGIC'],
          [0x00191055, 'OB', Buffer.from('0123456789')],
          [0x00081090, 'LO', model],
        ].sort((a, b) => Number(a[0]) - Number(b[0])) as unknown as Item,
      );
    expect(unreadOf([image('Horizon A')])).toEqual(['none | private element | (0019,xx55) | HOLOGIC | 1/1']);
    expect(unreadOf([image('Some CT')])).toEqual([]);
  });

  it('says of the fixtures with unknown labels what is unknown, and of all others nothing', () => {
    const fixture = (folder: string) => readFileSync(join(import.meta.dirname, '../fixtures', folder, 'report.dcm'));
    expect(
      unreadOf([
        fixture('ge-lunar/encore-16/spine'),
        fixture('ge-lunar/encore-17/xml-only'),
        fixture('hologic/apex-5/dual-hip'),
      ]),
    ).toEqual([]);
    expect(
      unreadOf([fixture('hologic/apex-13/dual-hip-two-modes'), fixture('hologic/apex-5/whole-body-with-fat')]),
    ).toEqual([]);
    expect(unreadOf([fixture('ge-lunar/encore-16/localised-labels')])).toHaveLength(2);
  });
});

describe('a survey that somebody made up', () => {
  const textOf = fc.oneof(
    fc.constantFrom(
      'AP Spine',
      'BMD',
      'constructor',
      '__proto__',
      '<1 word>',
      'a Left Hip',
      '"',
      '\\',
      ']]>',
      '&x;',
      '<b>',
      '',
    ),
    fc.string({ maxLength: 12 }),
  );
  const count = fc.nat({ max: 1000 });
  const conceptOf = { scheme: fc.constantFrom('GELUNAR', 'LN', 'DCM', 'SCT', ''), code: textOf, label: textOf };
  const line = { depth: fc.nat({ max: 9 }), times: count, files: count, numbers: count, different: count };
  const form = fc.record({
    kind: fc.constantFrom('report' as const, 'image' as const),
    outcome: fc.constantFrom('read by ge-lunar', 'NOT_DXA', 'NO_PRIVATE_RESULTS'),
    files: count,
    ...Object.fromEntries(
      ['sopClasses', 'transferSyntaxes', 'modalities', 'manufacturers', 'models', 'software', 'findings'].map(
        (name) => [name, fc.constant({})],
      ),
    ),
    tree: fc.array(
      fc.record({
        ...line,
        relationship: textOf,
        type: fc.constantFrom('CONTAINER', 'CONTAINER', 'NUM', 'TEXT', 'CODE', 'PNAME', 'x'),
        ...conceptOf,
        value: fc.record(conceptOf),
        units: fc.array(fc.record({ ...conceptOf, times: count }), { maxLength: 3 }),
      }),
      { maxLength: 30 },
    ),
    xml: fc.array(
      fc.record({
        ...line,
        element: fc.oneof(fc.constantFrom('DXA_RESULTS', 'SCAN', 'ROI', 'BMD', 'TREND'), textOf),
        attributes: fc.dictionary(fc.oneof(fc.constantFrom('type', 'region', 'units'), textOf), textOf, { maxKeys: 3 }),
        text: textOf,
      }),
      { maxLength: 20 },
    ),
    script: fc.record({
      scans: fc.array(fc.record({ modes: fc.array(textOf, { maxLength: 2 }), files: count }), { maxLength: 4 }),
      headerCells: fc.array(fc.record({ scan: textOf, cell: textOf, files: count, different: count }), {
        maxLength: 4,
      }),
      rows: fc.array(
        fc.record({
          ...{ scan: fc.oneof(fc.constantFrom('hip', 'spine', 'forearm', 'whole_body'), textOf) },
          ...{ heading: textOf, label: textOf, times: count, files: count, different: count },
        }),
        { maxLength: 6 },
      ),
      tables: fc.constant({}),
      values: fc.constant({}),
    }),
  });

  it('is checked without crashing, whatever it contains', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(form, { maxLength: 3 }), (forms) => {
        const survey = SURVEY.parse({ format: SURVEY_FORMAT, madeBy: {}, shows: '', files: 1, outcomes: {}, forms });
        for (const { kind } of checkSurvey(survey)) expect(kind).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });

  it('costs no more than its size', () => {
    const tree = Array.from({ length: 20_000 }, (_, index) => ({
      depth: index % READ_LIMITS.maxDepth,
      times: 1,
      files: 1,
      type: 'CONTAINER',
      label: 'x',
    }));
    const xmlLines = Array.from({ length: 20_000 }, (_, index) => ({
      depth: index % READ_LIMITS.maxDepth,
      times: 1,
      files: 1,
      element: 'SCAN',
    }));
    const deep = { depth: READ_LIMITS.maxDepth + 1, times: 1, files: 1, type: 'CONTAINER' };
    expect(SURVEY.shape.forms.element.shape.tree.safeParse([deep]).success).toBe(false);
    const counts = {
      sopClasses: {},
      transferSyntaxes: {},
      modalities: {},
      manufacturers: {},
      models: {},
      software: {},
      findings: {},
    };
    const survey: Survey = SURVEY.parse({
      ...{ format: SURVEY_FORMAT, madeBy: {}, shows: '', files: 1, outcomes: {} },
      forms: [{ kind: 'report', outcome: 'x', files: 1, ...counts, tree, xml: xmlLines }],
    });
    expect(processorMs(() => checkSurvey(survey))).toBeLessThan(10_000);
  });
});
