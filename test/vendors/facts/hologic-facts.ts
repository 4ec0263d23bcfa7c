import type { Item } from '../../support/dicom/dicom-bytes.ts';
import type { Fact, FactCase } from './fact.ts';
import { compressed, HIP, type HologicFile, hipWith, hologicFile, LEFT_HIP } from './files.ts';

const hologic = (given: HologicFile, must: readonly string[], never: readonly string[] = []): FactCase => ({
  bytes: () => hologicFile(given),
  must,
  never,
});

const cells = (...header: readonly string[]) =>
  hologic({ rows: hipWith(...header) }, LEFT_HIP, ['finding UNKNOWN_MEASURE', 'finding UNIT']);

/** A dual hip in the arrangement in which it was seen. */
const DUAL = [
  ['Region', 'Area[cm&sup2;]', 'BMC[g]', 'BMD[g/cm&sup2;]'],
  ['Neck', '', '', ''],
  ['Left', '4.80', '3.60', '0.750'],
  ['Right', '4.90', '3.77', '0.770'],
  ['Mean', '', '', '0.760'],
  ['|Diff.|', '', '', '0.020'],
  ['Total', '', '', ''],
  ['Left', '32.10', '26.96', '0.840'],
  ['Right', '32.00', '27.52', '0.860'],
  ['Mean', '', '', '0.850'],
  ['|Diff.|', '', '', '0.020'],
];
const BOTH_HIPS = [
  'value femoral_neck - left bmd 750000',
  'value femoral_neck - right bmd 770000',
  'value femoral_neck - mean bmd 760000',
  'value total_hip - left bmd 840000',
  'value total_hip - right bmd 860000',
  'value total_hip - mean bmd 850000',
];
const dual = (ScanMode: string, ScanMode2: string, attributes: Item = []) =>
  hologic({ values: { ScanMode, ...(ScanMode2 === '' ? {} : { ScanMode2 }) }, rows: DUAL, attributes }, BOTH_HIPS, [
    'finding LATERALITY',
    'value total_hip - left bmd 20000',
    'value total_hip - none',
  ]);

const FOREARM = [
  ['Radius', 'Area[cm2]', 'BMC[g]', 'BMD[g/cm2]'],
  ['1/3', '2.70', '1.75', '0.648'],
];
const forearm = (ScanMode: string, side: 'left' | 'right') =>
  hologic({ values: { ScanMode }, rows: FOREARM }, [`value radius_33 - ${side} bmd 648000`], ['finding LATERALITY']);
const hip = (ScanMode: string, side: 'left' | 'right', attributes: Item = []) =>
  hologic({ values: { ScanMode }, attributes }, [`value total_hip - ${side} bmd 840000`], ['finding LATERALITY']);
const noSide = (ScanMode: string, attributes: Item, code: string) =>
  hologic({ values: { ScanMode }, attributes }, [`finding ${code}`], ['value']);

const BODY_CELLS: Readonly<Record<string, readonly [cell: string, total: string]>> = {
  area: ['Area[cm2]', '1941.0'],
  bmc: ['BMC[g]', '2043.9'],
  bmd: ['BMD[g/cm2]', '1.053'],
  fat: ['Fat[(g)]', '20510'],
  lean: ['Lean[(g)]', '40980'],
  percentFat: ['% Fat[(%)]', '32.3'],
  total: ['Total[(g)]', '63580'],
  t: ['T - score', '0.9'],
  z: ['Z - score', '-0.2'],
  pr: ['PR (Peak Reference)', '104'],
};
const body = (order: readonly string[], scores: boolean) =>
  hologic(
    {
      values: { ScanMode: 'a Whole Body' },
      rows: [
        ['Region', ...order.map((name) => BODY_CELLS[name]?.[0] ?? '')],
        ['Total', ...order.map((name) => BODY_CELLS[name]?.[1] ?? '')],
      ],
    },
    [
      'value whole_body - none bmd 1053000',
      'value whole_body - none bmc 2043900000',
      'value whole_body - none area 1941000000',
      ...(scores ? ['value whole_body - none t_score 900000'] : ['finding MEASURE_NOT_STORED']),
    ],
    scores
      ? []
      : ['value whole_body - none t_score', 'value whole_body - none z_score', 'value whole_body - none percent'],
  );

const spine = (rows: readonly (readonly string[])[], must: readonly string[], never: readonly string[] = []) =>
  hologic(
    { values: { ScanMode: 'a Lumbar Spine' }, rows: [['Region', 'BMD[g/cm2]', 'T - score'], ...rows] },
    must,
    never,
  );

const inGroup = (group: number, creator: string, block = 0x10, vr = 'OB') =>
  hologic(
    { place: [[(group << 16) | block, 'LO', creator], (group << 16) | (block << 8) | 0x00, vr] },
    group === 0x0019 || group === 0x0021 || group === 0x0023 ? LEFT_HIP : ['refused NO_PRIVATE_RESULTS'],
  );

const factors = (acf: string, bcf: string, must: string) =>
  hologic({ elements: { ScanID: 'A1', k: '1.170', d0: '49.2', ACF: acf, BCF: bcf } }, [must]);

const ACQUISITION: Item = [[0x00200062, 'CS', 'R']];

export const HOLOGIC_FACTS: readonly Fact[] = [
  {
    id: 'hologic-header-cells',
    says: 'Header cells write the unit in square brackets, with tags, entities or brackets inside: `BMD[g/cm<sup><small>2</small></sup>]`, `BMC[(g)]`, `BMD[g/cm&sup2;]`, `BMD[g/cm^2]`.',
    grade: 'attested',
    source: 'code that parses files of Discovery W 13.2; a public test after Horizon W 13.6; readers of APEX pages',
    cases: {
      'nested tags': cells('Area[cm<sup><small>2</small></sup>]', 'BMC[(g)]', 'BMD[g/cm<sup><small>2</small></sup>]'),
      'superscript entity': cells('Area[cm&sup2;]', 'BMC[g]', 'BMD[g/cm&sup2;]'),
      'entity without semicolon': cells('Area[cm&sup2]', 'BMC[g]', 'BMD[g/cm&sup2]'),
      'entity by number': cells('Area[cm&#178;]', 'BMC[g]', 'BMD[g/cm&#xB2;]'),
      caret: cells('Area[cm^2]', 'BMC[g]', 'BMD[g/cm^2]'),
      'round brackets': cells('Area (cm<sup>2</sup>)', 'BMC (g)', 'BMD (g/cm<sup>2</sup>)'),
      'curly brackets': cells('Area{cm2}', 'BMC{g}', 'BMD{g/cm2}'),
      'angle brackets': cells('Area <cm2>', 'BMC<g>', 'BMD<g/cm2>'),
      'angle brackets as entities': cells('Area &lt;cm&sup2;&gt;', 'BMC &lt;g&gt;', 'BMD &lt;g/cm<sup>2</sup>&gt;'),
      'another unit in angle brackets': hologic(
        { rows: hipWith('Area<cm2>', 'BMC<g>', 'BMD<mg/cm2>') },
        ['finding UNIT_NOT_SUPPORTED', 'value total_hip - left area'],
        ['value total_hip - left bmd'],
      ),
      'one inside the other': cells('Area[(cm2)]', 'BMC([g])', 'BMD[(g/cm<font size=1>2</font>)]'),
      'attributes in tags': cells('<b class=\\"x\\">Area</b>[cm2]', 'BMC[<i>g</i>]', "BMD[g/cm<sup style='a'>2</sup>]"),
      'spaces and small letters': cells(' area [ cm2 ] ', 'bmc&nbsp;[ gm ]', 'Bmd [ G/CM2 ]'),
      'square centimetres in words': cells('Area[sq cm]', 'BMC[grams]', 'BMD[g/sq.cm]'),
      'another unit': hologic(
        { rows: hipWith('Area[cm2]', 'BMC[g]', 'BMD[mg/cm&sup2;]') },
        ['finding UNIT_NOT_SUPPORTED', 'value total_hip - left area'],
        ['value total_hip - left bmd'],
      ),
      'an unknown cell, which can be mapped': hologic(
        { rows: hipWith('Area[cm2]', 'BMC[g]', 'Dichte[g/cm2]') },
        ['finding UNKNOWN_MEASURE', 'value total_hip - left area'],
        ['value total_hip - left bmd'],
      ),
      'a change, which is none': hologic(
        { rows: hipWith('Area[cm2]', 'BMC[g]', 'BMD[g/cm2] change') },
        ['finding UNKNOWN_MEASURE'],
        ['value total_hip - left bmd'],
      ),
    },
  },
  {
    id: 'hologic-explained-percentages',
    says: 'Percentages explain themselves in brackets: `PR (Peak Reference)`, `AM (Age Matched)`.',
    grade: 'attested',
    source: 'readers of APEX pages',
    cases: {
      both: hologic(
        {
          rows: [
            ['Region', 'PR (Peak Reference)', 'AM (Age Matched)'],
            ['Neck', '88', '103'],
          ],
        },
        [
          'value femoral_neck - left percent_young_adult 88000000',
          'value femoral_neck - left percent_age_matched 103000000',
        ],
      ),
      'square brackets': hologic(
        {
          rows: [
            ['Region', 'PR[Peak Reference]', 'AM[(Age&nbsp;Matched)]'],
            ['Neck', '88', '103'],
          ],
        },
        [
          'value femoral_neck - left percent_young_adult 88000000',
          'value femoral_neck - left percent_age_matched 103000000',
        ],
      ),
      'of something else': hologic(
        {
          rows: [
            ['Region', 'PR (of what)'],
            ['Neck', '88'],
          ],
        },
        ['finding UNKNOWN_MEASURE'],
        ['value'],
      ),
    },
  },
  {
    id: 'hologic-dual-hip',
    says: 'A dual hip has one side in `ScanMode` and the other in `ScanMode2`; below each region stand Left, Right, Mean and |Diff.|.',
    grade: 'attested',
    source: 'a public reader of files',
    cases: {
      'right, left': dual('a Right Hip', 'a Left Hip'),
      'left, right': dual('a Left Hip', 'a Right Hip'),
      abbreviated: dual('a R.Hip', 'a L.Hip'),
      'one without a side': dual('a Hip', 'a Right Hip'),
      'called dual': dual('a Dual Hip', ''),
      'called dual twice': dual('a Dual Hip', 'a Dual Hip'),
      'beside one side in the header': dual('a Right Hip', 'a Left Hip', [[0x00200060, 'CS', 'R']]),
      'beside a side of the image': dual('a Right Hip', 'a Left Hip', ACQUISITION),
      'named as one side alone': hologic(
        { values: { ScanMode: 'a Right Hip' }, rows: DUAL },
        ['finding LATERALITY_CONFLICT', 'value total_hip - mean bmd 850000'],
        ['value total_hip - left', 'value total_hip - right'],
      ),
      'a second scan of another kind': hologic({ values: { ScanMode: 'a Left Hip', ScanMode2: 'a Lumbar Spine' } }, [
        ...LEFT_HIP,
        'finding UNKNOWN_SCAN',
      ]),
    },
  },
  {
    id: 'hologic-short-sides',
    says: 'Sides are abbreviated: `a R.Forearm`.',
    grade: 'attested',
    source: 'seen in files',
    cases: {
      'R.': forearm('a R.Forearm', 'right'),
      'L.': forearm('a L.Forearm', 'left'),
      R: forearm('a R Forearm', 'right'),
      'R with a space behind': forearm('a R  Forearm', 'right'),
      Rt: forearm('a Rt Forearm', 'right'),
      'Lt.': forearm('a Lt. Forearm', 'left'),
      'in capitals': forearm('A RIGHT FOREARM', 'right'),
      'a hip': hip('a R.Hip', 'right'),
      'a hip, Lt': hip('a Lt Hip', 'left'),
      'a side in another language': hologic(
        { values: { ScanMode: 'a Hanche droite' } },
        ['finding UNKNOWN_SCAN'],
        ['value'],
      ),
    },
  },
  {
    id: 'side-in-header',
    says: 'The side may stand only in Laterality (0020,0060) or Image Laterality (0020,0062). A contradiction is a finding, and nothing is stored under a side.',
    grade: 'attested',
    source: 'a public reader of files; CLSA/cypress',
    cases: {
      Laterality: hip('a Hip', 'left', [[0x00200060, 'CS', 'L']]),
      'Image Laterality': hip('a Hip', 'right', [[0x00200062, 'CS', 'R']]),
      both: hip('a Hip', 'left', [
        [0x00200060, 'CS', 'L'],
        [0x00200062, 'CS', 'L'],
      ]),
      unpaired: noSide('a Hip', [[0x00200060, 'CS', 'U']], 'LATERALITY_UNKNOWN'),
      absent: noSide('a Hip', [], 'LATERALITY_UNKNOWN'),
      'contradicts the name': noSide('a Left Hip', [[0x00200060, 'CS', 'R']], 'LATERALITY_CONFLICT'),
      'contradicts the name in the image': noSide('a Left Hip', [[0x00200062, 'CS', 'R']], 'LATERALITY_CONFLICT'),
      'contradict each other': noSide(
        'a Hip',
        [
          [0x00200060, 'CS', 'L'],
          [0x00200062, 'CS', 'R'],
        ],
        'LATERALITY_CONFLICT',
      ),
    },
  },
  {
    id: 'hologic-compressed',
    says: 'Images come as JPEG Lossless from some models and in implicit little endian from others; archives compress them otherwise. The results need no pixel.',
    grade: 'attested',
    source: 'people who read such files',
    cases: {
      implicit: hologic({ options: { syntax: 'implicit' } }, LEFT_HIP),
      'implicit, private element of unknown kind': hologic(
        {
          options: { syntax: 'implicit', undefinedLengths: true },
          place: [[0x00190010, 'LO', 'HOLOGIC'], 0x00191000, 'UN'],
        },
        LEFT_HIP,
      ),
      'big endian': hologic({ options: { syntax: 'big endian' } }, LEFT_HIP),
      deflated: hologic({ options: { syntax: 'deflated' } }, LEFT_HIP),
      ...Object.fromEntries(
        Object.entries({
          'JPEG baseline': '1.2.840.10008.1.2.4.50',
          'JPEG extended': '1.2.840.10008.1.2.4.51',
          'JPEG lossless': '1.2.840.10008.1.2.4.57',
          'JPEG lossless, first order': '1.2.840.10008.1.2.4.70',
          'JPEG-LS lossless': '1.2.840.10008.1.2.4.80',
          'JPEG-LS near-lossless': '1.2.840.10008.1.2.4.81',
          'JPEG 2000 lossless': '1.2.840.10008.1.2.4.90',
          'JPEG 2000': '1.2.840.10008.1.2.4.91',
          'MPEG-2': '1.2.840.10008.1.2.4.100',
          'MPEG-4': '1.2.840.10008.1.2.4.102',
          HEVC: '1.2.840.10008.1.2.4.107',
          'JPEG XL': '1.2.840.10008.1.2.4.110',
          HTJ2K: '1.2.840.10008.1.2.4.201',
          RLE: '1.2.840.10008.1.2.5',
          'encapsulated uncompressed': '1.2.840.10008.1.2.1.98',
        }).map(([name, uid]): [string, FactCase] => [name, { bytes: () => compressed(uid), must: LEFT_HIP }]),
      ),
    },
  },
  {
    id: 'hologic-groups',
    says: 'The results stand in group 0019, 0021 or 0023, whatever the private creator: `HOLOGIC, Inc.` stands on mammography and on archive objects of densitometers. They are found by content.',
    grade: 'inferred',
    source: 'a public reader (0019,1000); the dictionary (0021,xx01); one repository for group 0023',
    cases: {
      '0019': inGroup(0x0019, 'HOLOGIC'),
      '0019 of HOLOGIC, Inc.': inGroup(0x0019, 'HOLOGIC, Inc.'),
      '0021, another block': inGroup(0x0021, 'HOLOGIC', 0x12),
      '0023 of HOLOGIC, Inc.': inGroup(0x0023, 'HOLOGIC, Inc.'),
      'without a known creator': inGroup(0x0019, 'PACS COPY'),
      'as text': inGroup(0x0019, 'HOLOGIC', 0x10, 'UT'),
      'as unknown': inGroup(0x0021, 'HOLOGIC', 0x10, 'UN'),
      'another group': inGroup(0x0025, 'HOLOGIC'),
      'Modality BMD': hologic({ attributes: [[0x00080060, 'CS', 'BMD']] }, LEFT_HIP),
      'Modality BD': hologic({ attributes: [[0x00080060, 'CS', 'BD']] }, LEFT_HIP),
      'mammography without results': {
        bytes: () =>
          hologicFile({
            attributes: [
              [0x00080060, 'CS', 'MG'],
              [0x00190010, 'LO', 'HOLOGIC, Inc.'],
              [0x00191000, 'LO', 'exposure'],
            ],
          }),
        must: ['refused NO_PRIVATE_RESULTS'],
      },
    },
  },
  {
    id: 'hologic-calibration-factors',
    says: 'Elements `ScanID`, `k`, `d0`, `ACF` and `BCF` stand beside the results, the factors also in a note. They are kept; what is no factor is a finding.',
    grade: 'inferred',
    source: 'two public readers; the footnote of Discovery printouts',
    cases: {
      elements: factors('1.023', '0.987', 'calibration 1023000 987000'),
      'with an exponent': factors('1.023000e+000', '9.87e-001', 'calibration 1023000 987000'),
      'with a comma': factors('1,023', '0,987', 'calibration 1023000 987000'),
      'a note': hologic({ values: { TableNote1: 'Total BMD CV 1.0%, ACF = 1.023, BCF = 0.987' } }, [
        'calibration 1023000 987000',
      ]),
      'told in two ways': hologic({ values: { TableNote1: 'ACF = 1.024, BCF = 0.987' }, elements: { ACF: '1.023' } }, [
        'calibration - 987000',
        'finding UNREADABLE_VALUE',
      ]),
      'no factor': hologic({ elements: { ACF: '1023', BCF: '0.987' } }, [
        'calibration - 987000',
        'finding UNREADABLE_VALUE',
      ]),
    },
  },
  {
    id: 'hologic-whole-body',
    says: 'One whole body table can hold BMD, BMC and area beside fat and lean mass; its T- and Z-scores and percentages are then of %Fat.',
    grade: 'attested',
    source: 'script for Discovery W; FacuFarias/dicom-receiver',
    cases: {
      'bone first': body(['area', 'bmc', 'bmd', 'fat', 'lean', 'total', 'percentFat', 't', 'z', 'pr'], false),
      'fat first': body(['fat', 'lean', 'bmc', 'total', 'percentFat', 'area', 'bmd', 'z', 't'], false),
      'scores first': body(['t', 'z', 'pr', 'bmd', 'percentFat', 'bmc', 'area'], false),
      mixed: body(['bmd', 't', 'lean', 'bmc', 'z', 'area', 'fat'], false),
      'bone alone, whose scores are its own': body(['bmd', 't', 'z', 'area', 'bmc'], true),
    },
  },
  {
    id: 'hologic-vertebrae',
    says: 'Sets of vertebrae without one are written with commas; `Total` is the total of those that the table lists. A single space is no value.',
    grade: 'attested',
    source: 'public parsers of the private element; script for Discovery W',
    cases: {
      'a set without L2': spine(
        [['L1,L3-L4', '0.937', '-1.1']],
        ['value spine L1,L3,L4 none bmd 937000'],
        ['value spine L1,L2'],
      ),
      'a set without L3': spine([['L1-L2,L4', '0.927', '-1.2']], ['value spine L1,L2,L4 none bmd 927000']),
      'total of three': spine(
        [
          ['L2', '0.939', ' '],
          ['L3', '0.966', ' '],
          ['L4', '0.981', ' '],
          ['Total', '0.964', ' '],
        ],
        ['value spine L2,L3,L4 none bmd 964000'],
        ['value spine L1', 'value spine L2,L3,L4 none t_score', 'finding UNREADABLE_VALUE'],
      ),
      'total beside a row that is not understood': spine(
        [
          ['L1', '0.939', ''],
          ['L2 post op', '0.966', ''],
          ['Total', '0.964', ''],
        ],
        ['value spine L1 none bmd 939000', 'finding UNKNOWN_REGION'],
        ['value spine L1 none bmd 964000', 'value spine L1,L2'],
      ),
    },
  },
  {
    id: 'hologic-never-evaluated',
    says: 'The results are assignments of JavaScript between CR and LF. They are parsed by a grammar and never evaluated.',
    grade: 'attested',
    source: 'public parsers of the private element',
    cases: {
      'an expression is no value': hologic(
        { values: { ScanMode: 'a" + "Left Hip' } },
        ['finding UNKNOWN_SCAN'],
        ['value'],
      ),
      'a call is no cell': hologic({ rows: [...HIP, ['Troch"; alert("x', '1', '1', '1']] }, [
        'finding UNREADABLE_VALUE',
      ]),
    },
  },
  {
    id: 'hologic-further-tables',
    says: '`ResultsTable2` and `ResultsTable3` hold earlier scans or FRAX. Neither is a result of the scan; bone results in them were seen nowhere.',
    grade: 'attested',
    source: 'FacuFarias/dicom-receiver',
    cases: {
      'earlier scans': hologic(
        {
          tables: {
            ResultsTable2: [
              ['Scan Date', 'Age', 'BMD'],
              ['04/12/2021', '71', '0.951'],
            ],
          },
        },
        [...LEFT_HIP, 'finding MEASURE_NOT_STORED'],
      ),
      FRAX: hologic({ tables: { ResultsTable3: [['10-year Fracture Risk'], ['Major', '12%']] } }, [
        ...LEFT_HIP,
        'finding MEASURE_NOT_STORED',
      ]),
      'bone results': hologic(
        {
          tables: {
            ResultsTable2: [
              ['Region', 'BMD[g/cm2]'],
              ['Neck', '0.951'],
            ],
          },
        },
        [...LEFT_HIP, 'finding RESULTS_TABLE_NOT_READ'],
        ['value femoral_neck - left bmd 951000'],
      ),
    },
  },
  {
    id: 'names-with-remarks',
    says: 'Names carry typed remarks, "(PM50)" for menopause at 50. They are part of the name and are not read.',
    grade: 'attested',
    source: 'people who read such files',
    cases: {
      'in brackets': hologic({ attributes: [[0x00100010, 'PN', 'Probe (PM50)^Paula']] }, LEFT_HIP, ['finding']),
    },
  },
];
