import { describe, expect, it, test } from 'vitest';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { hologicScript } from '../../src/simulate/writers/hologic-image.ts';
import { openSurvey } from '../../src/survey/collect.ts';
import { writeSurvey } from '../../src/survey/survey-file.ts';
import { ENOUGH_PATIENTS } from '../../src/survey/witnesses.ts';
import { dicomFile, type Item } from '../support/dicom/dicom-bytes.ts';
import { BMD, concept, container, item, lunarReport, num, report, text } from '../support/dicom/dicom-report.ts';
import { hologicImage } from '../support/dicom/hologic-image.ts';
import { RECEIVED_ON } from '../support/dicom/received.ts';
import { rewrite } from '../support/dicom/rewrite.ts';
import { readSurvey, surveyOf } from '../support/dicom/survey.ts';

const ge = (value: string, meaning: string) => [value, 'GELUNAR', meaning] as const;

/** A patient who has nothing in common with the others. */
const patient = (index: number): Item => [
  [0x00100010, 'PN', `Family${index}^Given${index}`],
  [0x00100020, 'LO', `ID-${index}`],
  [0x00100030, 'DA', `19${50 + Math.floor(index / 12)}${String(1 + (index % 12)).padStart(2, '0')}01`],
  [0x00080018, 'UI', `2.25.100${index}`],
];

const withLabel = (label: string, attributes: Item) =>
  dicomFile(
    report([container('AP Spine', [num(BMD, '1')]), item('CONTAINER', ge('1000-77', label), [])], { attributes }),
  );

const labelsOf = (survey: string) => readSurvey(survey).forms.flatMap(({ tree }) => tree.map(({ label }) => label));

const of = (patients: number, label: string, more: (index: number) => Item = () => []) =>
  labelsOf(
    surveyOf(
      Array.from({ length: patients }, (_, index) => {
        const own = patient(index);
        const others = more(index);
        const tags = new Set(others.map(([tag]) => tag));
        return withLabel(label, [...own.filter(([tag]) => !tags.has(tag)), ...others]);
      }),
    ),
  );

describe('a text that dxaflow does not know', () => {
  it('is shown once it occurs in the files of enough patients', () => {
    expect(of(ENOUGH_PATIENTS - 1, 'Schenkelhals')).toContain('<1 word>');
    expect(of(ENOUGH_PATIENTS - 1, 'Schenkelhals')).not.toContain('Schenkelhals');
    expect(of(ENOUGH_PATIENTS, 'Schenkelhals')).toContain('Schenkelhals');
  });

  it.each<[string, (index: number) => Item]>([
    ['under one ID', () => [[0x00100020, 'LO', 'ID-1']]],
    ['under one name', () => [[0x00100010, 'PN', 'One^Same']]],
    ['under no name', () => [[0x00100010, 'PN', '']]],
    ['with one birth date', () => [[0x00100030, 'DA', '19500101']]],
    ['in two spellings of one name', (index) => [[0x00100010, 'PN', index % 2 === 0 ? 'DOE^JANE' : 'Doe^Jane']]],
  ])('is not shown of patients %s, however many', (_what, more) => {
    expect(of(40, 'Schenkelhals', more)).not.toContain('Schenkelhals');
  });

  it.each<[string, Item]>([
    ['the operator', [[0x00081070, 'PN', 'Schenkelhals^Otto']]],
    ['a physician', [[0x00080090, 'PN', 'Dr. Otto Schenkelhals']]],
    ['the hospital', [[0x00080080, 'LO', 'Schenkelhals Clinic']]],
    ['the station', [[0x00081010, 'SH', 'SCHENKELHALS']]],
    ['the ward', [[0x00380300, 'LO', 'Ward Schenkelhals']]],
    [
      'a private element',
      [
        [0x00190010, 'LO', 'X'],
        [0x00191001, 'LO', 'Mr Schenkelhals'],
      ],
    ],
    ['a sequence', [[0x00400275, 'SQ', [[[0x00321032, 'PN', 'Schenkelhals^O']]]]]],
  ])('is not shown when it names %s in a single file', (_what, naming) => {
    expect(of(40, 'Schenkelhals', (index) => (index === 7 ? naming : []))).not.toContain('Schenkelhals');
  });

  it('may stand in the description of the examination', () => {
    expect(of(20, 'Schenkelhals', () => [[0x00081030, 'LO', 'Schenkelhals links']])).toContain('Schenkelhals');
  });

  it.each([
    ['12-Mar-2026', '<date>'],
    ['03/05/2024', '<date>'],
    ['5.3.24', '<date>'],
    ['2024-03-05', '<date>'],
    ['Mar 5, 2024', '<date>'],
    ['5 March 2024', '<date>'],
    ['at 10:15', '<date>'],
    ['20240305', '<number>'],
    ['0.985', '<number>'],
    ['-1.0', '<number>'],
    ['MRN 123', '<number>'],
    ['Doe^Jane', '<1 word>'],
    ['Doe, Jane', '<2 words>'],
    ['Dr. House', '<2 words>'],
    ['a b c d e f g h', '<3 words or more>'],
    ['x'.repeat(60), '<1 word>'],
    ['<script>', '<1 word>'],
  ])('%j is not shown even if it stands in all files', (label, shown) => {
    expect(of(20, label)).toContain(shown);
    expect(of(20, label)).not.toContain(label);
  });

  it('is not shown at all when only known words are asked for', () => {
    const files = Array.from({ length: 20 }, (_, index) => withLabel('Schenkelhals', patient(index)));
    expect(labelsOf(surveyOf(files, 'known'))).not.toContain('Schenkelhals');
    expect(labelsOf(surveyOf(files, 'known'))).toContain('AP Spine');
  });
});

/** Twenty patients, in none of whose headers the operator is named. */
const ofTwenty = (make: (index: number) => Uint8Array) =>
  surveyOf(Array.from({ length: 20 }, (_, index) => make(index)));
const treeWith = (index: number, children: Item[], attributes: Item = []) =>
  dicomFile(
    report([container('AP Spine', [num(BMD, '1')]), ...children], { attributes: [...patient(index), ...attributes] }),
  );
const imageWith = (index: number, values: Record<string, string>, table: readonly (readonly string[])[]) =>
  rewrite(
    Buffer.from(
      hologicImage(
        { patientId: `P${index}` },
        hologicScript({ ScanMode: 'a Left Hip', ...values, Padding: LONG }, { ResultsTable1: table }),
      ),
    ),
    (element) => patient(index).find(([tag]) => tag === element[0] && tag !== 0x00080018) ?? element,
  );
const HEADER = ['Region', 'BMD[g/cm2]'];
/** The private text of a scanner is longer than any name; a short one would be taken for one. */
const LONG = 'x'.repeat(1100);

/** Every place of a file that is no value, with a name of staff in it that stands in no header. */
const STAFF_PLACES: readonly (readonly [string, (name: string, index: number) => Uint8Array])[] = [
  ['a label', (name, index) => treeWith(index, [item('CONTAINER', ge('1000-77', name), [])])],
  [
    'a label beside known words',
    (name, index) => treeWith(index, [item('CONTAINER', ge('1000-77', `Neck ${name}`), [])]),
  ],
  [
    'a label glued to a word',
    (name, index) => treeWith(index, [item('CONTAINER', ge('1000-77', `Neck_${name}2`), [])]),
  ],
  [
    'a label of initials and a name',
    (name, index) => treeWith(index, [item('CONTAINER', ge('1000-77', `${name} L`), [])]),
  ],
  ['a code', (name, index) => treeWith(index, [item('CONTAINER', ge(name, 'Neck'), [])])],
  ['a scheme', (name, index) => treeWith(index, [item('CONTAINER', ['1', `99${name}`, 'Neck'], [])])],
  ['a unit', (name, index) => treeWith(index, [num(BMD, '1', ['1', '99U', name])])],
  ['a code of a unit', (name, index) => treeWith(index, [num(BMD, '1', [name, '99U', 'x'])])],
  ['a tracking identifier', (name, index) => treeWith(index, [text(['112039', 'DCM', 'Tracking Identifier'], name)])],
  [
    'a private creator',
    (name, index) =>
      treeWith(
        index,
        [],
        [
          [0x00190010, 'LO', name],
          [0x00191001, 'OB', Buffer.from('ab')],
        ],
      ),
  ],
  ['the name of a scan', (name, index) => imageWith(index, { ScanMode: `a ${name} Hip` }, [HEADER, ['Neck', '0.8']])],
  [
    'a header cell',
    (name, index) =>
      imageWith(index, {}, [
        [...HEADER, name],
        ['Neck', '0.8', '1'],
      ]),
  ],
  [
    'the brackets of a header cell',
    (name, index) =>
      imageWith(index, {}, [
        ['Region', `BMD[${name}]`],
        ['Neck', '0.8'],
      ]),
  ],
  ['the heading of rows', (name, index) => imageWith(index, {}, [HEADER, [name], ['Left', '0.8']])],
  ['the label of a row', (name, index) => imageWith(index, {}, [HEADER, [name, '0.8']])],
  ['the name of a variable', (name, index) => imageWith(index, { [`Scan${name}`]: '1' }, [HEADER, ['Neck', '0.8']])],
  [
    'an element of the XML',
    (name, index) =>
      treeWith(
        index,
        [],
        [[0x00204000, 'LT', `<DXA_RESULTS><SCAN type="AP Spine"><${name}>1.0</${name}></SCAN></DXA_RESULTS>`]],
      ),
  ],
  [
    'attributes of the XML',
    (name, index) =>
      treeWith(
        index,
        [],
        [
          [
            0x00204000,
            'LT',
            `<DXA_RESULTS><SCAN type="${name}" ${name}="1"><ROI region="${name}"><BMD units="${name}">1.0</BMD></ROI></SCAN></DXA_RESULTS>`,
          ],
        ],
      ),
  ],
];

describe('a name of staff that stands in the files of twenty patients and in no header', () => {
  it.each(STAFF_PLACES)('is not shown in %s', (_where, make) => {
    for (const name of ['Kowalczyk', 'KOWALCZYK', 'Kowalczyk-Meyer', 'Szűcs', 'Young', 'O’Hara']) {
      const survey = ofTwenty((index) => make(name, index));
      expect(survey.toLowerCase()).not.toContain(name.toLowerCase());
    }
  });

  // A private creator is itself taken for a name.
  it.each(STAFF_PLACES.filter(([where]) => where !== 'a private creator'))(
    'would be in %s if a person asked for all that many patients share, and is listed',
    (_where, make) => {
      const collector = openSurvey({ limits: READ_LIMITS, today: RECEIVED_ON, shows: 'shared' });
      for (let index = 0; index < 20; index += 1) collector.add(make('Kowalczyk', index));
      const survey = writeSurvey(collector.finish());
      expect(survey).toContain('Kowalczyk');
      expect(collector.unfamiliar().some((text) => text.includes('Kowalczyk'))).toBe(true);
    },
  );

  it('leaves the words of things that many patients share', () => {
    for (const label of [
      'Schenkelhals',
      'Col fémoral',
      'Cuello derecho 2',
      'Young Adult',
      'Collo femorale',
      'HÜFTE gesamt',
    ]) {
      expect(labelsOf(ofTwenty((index) => treeWith(index, [item('CONTAINER', ge('1000-77', label), [])])))).toContain(
        label,
      );
    }
  });
});

describe('a text of densitometry', () => {
  it.each([
    'L1-L4 (L2)',
    'L1,L3-L4',
    'Neck Left',
    'CHANGE_VS_PREVIOUS',
    'Radius 33%',
    'Trend L1-L4',
    'BMD_TSCORE',
    'Total',
    'Femoral neck',
    'a Left Hip',
    '|Diff.|',
  ])('%s is shown of a single file', (label) => {
    expect(of(1, label)).toContain(label);
  });

  it.each(['Neck Miller', 'L1 Miller', 'Miller Left', 'Trend Miller', 'a Miller Hip', 'BMD of Miller'])(
    'with a word beside it is not known: %s',
    (label) => {
      expect(of(1, label)).not.toContain(label);
    },
  );

  it('is shown with codes that are known, and others only of many patients', () => {
    const codesOf = (patients: number, code: readonly [string, string, string]) =>
      readSurvey(
        surveyOf(
          Array.from({ length: patients }, (_, index) =>
            dicomFile(
              report([item('CONTAINER', code, []), container('AP Spine', [num(BMD, '1')])], {
                attributes: patient(index),
              }),
            ),
          ),
        ),
      ).forms[0]?.tree.map(({ scheme, code: value }) => `${scheme}:${value}`);
    expect(codesOf(1, ['2000-19', 'GELUNAR', 'x'])).toContain('GELUNAR:2000-19');
    expect(codesOf(1, ['126000', 'DCM', 'x'])).toContain('DCM:126000');
    expect(codesOf(1, ['T-11910', 'SRT', 'L1'])).toContain('SRT:T-11910');
    expect(codesOf(1, ['2000-77', 'GELUNAR', 'x'])).toContain('GELUNAR:<number>');
    expect(codesOf(20, ['2000-77', 'GELUNAR', 'x'])).toContain('GELUNAR:2000-77');
    expect(codesOf(1, ['19550101', 'SCT', 'x'])).toContain('SCT:<number>');
    expect(codesOf(20, ['19550101', 'SCT', 'x'])).toContain('SCT:<number>');
    expect(codesOf(20, ['ID-3', 'GELUNAR', 'x'])).toContain('GELUNAR:<1 word>');
  });
});

describe('the shape of files', () => {
  test('is counted by place, with units, and never with a value', () => {
    const survey = readSurvey(surveyOf([dicomFile(lunarReport(1, 3))]));
    const [form] = survey.forms;
    expect([survey.files, form?.manufacturers, form?.models, form?.software]).toEqual([
      1,
      { GE: 1 },
      { iDXA: 1 },
      { '<version>': 2 },
    ]);
    expect(form?.tree[3]).toMatchObject({
      ...{ depth: 3, times: 3, files: 1, numbers: 3, relationship: 'CONTAINS', type: 'NUM' },
      ...{ scheme: 'GELUNAR', code: '3', label: 'BMD' },
      units: [{ scheme: 'UCUM', code: 'g/cm2', label: 'g/cm2', times: 3 }],
    });
    expect(JSON.stringify(survey)).not.toContain('0.81');
  });

  test('what is not shown becomes one line that says how many entries it replaces', () => {
    const children = ['Abc', 'Def', 'Ghi'].map((label) => item('CONTAINER', ge('1', label), []));
    const [form] = readSurvey(surveyOf([dicomFile(report(children))])).forms;
    expect(form?.tree[1]).toMatchObject({ label: '<1 word>', different: 3, times: 3 });
    expect(form?.tree).toHaveLength(2);
  });

  test('groups that name other sites stay apart', () => {
    const group = (label: string) =>
      item(
        'CONTAINER',
        ['125007', 'DCM', 'Measurement Group'],
        [
          [
            0x0040a730,
            'SQ',
            [text(['112039', 'DCM', 'Tracking Identifier'], label), num(['46278-8', 'LN', 'BMD'], '0.8')],
          ],
        ],
      );
    const root = concept(['126000', 'DCM', 'Imaging Measurement Report']);
    const bytes = dicomFile(
      report([group('Total hip'), group('Femoral neck'), group('Total hip')], { attributes: [root] }),
    );
    const [form] = readSurvey(surveyOf([bytes])).forms;
    expect(form?.tree.filter(({ label }) => label === 'Measurement Group').map(({ times }) => times)).toEqual([2, 1]);
    expect(form?.tree.flatMap(({ value }) => value?.label ?? [])).toEqual(['Total hip', 'Femoral neck']);
  });

  test('of a Hologic image is its scans, header cells, rows, tables and variables', () => {
    const script = hologicScript(
      { ScanMode: 'a Left Hip', Institution: 'Somewhere', Height: '165.0 cm' },
      {
        ResultsTable1: [
          ['Region', 'BMD[g/cm2]', 'Fett[(g)]'],
          ['Neck', '0.812', '9'],
          ['Hals', '0.7', '8'],
        ],
        ResultsTable2: [['x']],
      },
    );
    const [form] = readSurvey(surveyOf([hologicImage({ patientId: 'A' }, script)])).forms;
    expect(form?.script).toEqual({
      scans: [{ modes: ['a Left Hip'], files: 1 }],
      headerCells: [
        { scan: 'hip', cell: 'BMD[g/cm2]', files: 1, different: 1 },
        { scan: 'hip', cell: '<1 word>', files: 1, different: 1 },
      ],
      rows: [
        { scan: 'hip', heading: 'Region', label: 'Neck', times: 1, files: 1, different: 1 },
        { scan: 'hip', heading: 'Region', label: '<1 word>', times: 1, files: 1, different: 1 },
      ],
      tables: { ResultsTable1: 1, ResultsTable2: 1 },
      values: { Height: 1, Institution: 1, ScanMode: 1 },
    });
    expect(form?.private).toEqual([{ element: '(0019,xx00)', creator: 'HOLOGIC', vr: 'OB', files: 1, read: 1 }]);
  });

  test('of refused files is their code alone', () => {
    const { outcomes, forms } = readSurvey(
      surveyOf([Buffer.from('no DICOM'), dicomFile(lunarReport(1, 1)).subarray(0, 900)]),
    );
    expect(Object.keys(outcomes).sort()).toEqual(['NOT_DICOM', 'TRUNCATED']);
    expect(forms).toEqual([]);
  });

  test('keeps within its bounds, and says what it left out', () => {
    const many = Array.from({ length: 300 }, (_, file) =>
      dicomFile(
        report(
          Array.from({ length: 100 }, (_, index) =>
            item(
              'CONTAINER',
              ge(
                '1',
                `Word${file}x${index}y`.replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? ''),
              ),
              [],
            ),
          ),
          { attributes: patient(file) },
        ),
      ),
    );
    const text = surveyOf(many);
    expect(readSurvey(text).leftOut).toBeGreaterThan(5000);
    expect(text.length).toBeLessThan(3000);
  });
});
