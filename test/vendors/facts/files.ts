import { hologicScript, type PrivateElements, type Rows } from '../../../src/simulate/writers/hologic-image.ts';
import { dicomFile, type Element, type FileOptions, type Item } from '../../support/dicom/dicom-bytes.ts';
import { type Code, concept, GRAMS_PER_CM2, item, num, report, text } from '../../support/dicom/dicom-report.ts';

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

export type HologicFile = {
  /** Assignments beside "a Left Hip". */
  readonly values?: Readonly<Record<string, string>>;
  readonly rows?: Rows;
  readonly tables?: Readonly<Record<string, Rows>>;
  readonly elements?: Partial<PrivateElements>;
  /** Attributes that take the place of usual ones, by tag. */
  readonly attributes?: Item;
  readonly place?: readonly [creator: Element, results: number, vr?: string];
  readonly options?: FileOptions;
};

const HEADER = ['Region', 'Area[cm<sup><small>2</small></sup>]', 'BMC[(g)]', 'BMD[g/cm<sup><small>2</small></sup>]'];
/** Neck and total of one hip. */
export const HIP: Rows = [HEADER, ['Neck', '4.80', '3.60', '0.750'], ['Total', '32.10', '26.96', '0.840']];
/** The same with other header cells. */
export const hipWith = (...cells: readonly string[]): Rows => [['Region', ...cells], ...HIP.slice(1)];
export const LEFT_HIP = [
  'value femoral_neck - left bmd 750000',
  'value femoral_neck - left bmc 3600000',
  'value femoral_neck - left area 4800000',
  'value total_hip - left bmd 840000',
  'value total_hip - left bmc 26960000',
  'value total_hip - left area 32100000',
];

/** A Secondary Capture image of a densitometer with Hologic's private results, byte by byte. */
export function hologicFile(given: HologicFile = {}): Buffer {
  const { values = {}, rows = HIP, tables = {}, elements = {}, attributes = [], options = {} } = given;
  const { place = [[0x00190010, 'LO', 'HOLOGIC'], 0x00191000] } = given;
  const script = hologicScript({ ScanMode: 'a Left Hip', ...values }, { ResultsTable1: rows, ...tables }, elements);
  const bytes = Buffer.from(script.length % 2 === 0 ? script : `${script} `, 'latin1');
  const usual: Item = [
    [0x00080016, 'UI', SECONDARY_CAPTURE],
    [0x00080018, 'UI', '2.25.4711'],
    [0x00080020, 'DA', '20240312'],
    [0x00080023, 'DA', '20240312'],
    [0x00080030, 'TM', '101500'],
    [0x00080033, 'TM', '102030'],
    [0x00080060, 'CS', 'OT'],
    [0x00080070, 'LO', 'HOLOGIC, Inc.'],
    [0x00081090, 'LO', 'Horizon A (S/N 200123M)'],
    [0x00100010, 'PN', 'Probe^Paula'],
    [0x00100020, 'LO', 'P-1'],
    [0x00100030, 'DA', '19560704'],
    [0x00100040, 'CS', 'F'],
    place[0],
    [place[1], place[2] ?? 'OB', bytes],
    [0x0020000d, 'UI', '2.25.1'],
    [0x0020000e, 'UI', '2.25.2'],
  ];
  return dicomFile(withAttributes(usual, attributes), options);
}

/** The same with Pixel Data as a compression leaves it: an offset table and a fragment. */
export function compressed(transferSyntaxUid: string): Buffer {
  const plain = hologicFile({ options: { transferSyntaxUid } });
  const fragments = Buffer.alloc(12 + 8 + 8 + 16 + 8);
  fragments.writeUInt16LE(0x7fe0, 0);
  fragments.writeUInt16LE(0x0010, 2);
  fragments.write('OB', 4, 'latin1');
  fragments.writeUInt32LE(0xffffffff, 8);
  fragments.writeUInt32LE(0xe000fffe, 12);
  fragments.writeUInt32LE(0xe000fffe, 20);
  fragments.writeUInt32LE(16, 24);
  fragments.fill(0xd8, 28, 44);
  fragments.writeUInt32LE(0xe0ddfffe, 44);
  return Buffer.concat([plain, fragments]);
}

function withAttributes(usual: Item, attributes: Item): Item {
  const tags = new Set(attributes.map(([tag]) => tag));
  return [...usual.filter(([tag]) => !tags.has(tag)), ...attributes].sort((a, b) => a[0] - b[0]);
}

export const ge = (value: string, meaning: string): Code => [value, 'GELUNAR', meaning];

const below = (label: string, children: readonly Item[]): Item =>
  item('CONTAINER', ge('1', label), [
    [0x0040a050, 'CS', 'SEPARATE'],
    [0x0040a730, 'SQ', children],
  ]);

export type GeResults = Readonly<Record<string, readonly Item[]>>;

export const bmd = (value: string, unit: Code = GRAMS_PER_CM2): Item => num(ge('3', 'BMD'), value, unit);
export const tScore = (value: string): Item => text(ge('6', 'BMD_TSCORE'), value);
export const bmc = (value: string): Item => num(ge('5', 'BMC'), value, ['g', 'UCUM', 'g']);
export const area = (value: string): Item => num(ge('2', 'AREA'), value, ['cm2', 'UCUM', 'cm2']);

/** A report in the tree of enCORE: scans, their regions, their results. */
export function geFile(
  scans: Readonly<Record<string, GeResults>>,
  attributes: Item = [],
  options: FileOptions = {},
): Buffer {
  const children = Object.entries(scans).map(([scan, regions]) =>
    below(
      scan,
      Object.entries(regions).map(([label, results]) => below(label, results)),
    ),
  );
  const content = children.length === 0 ? [below('History', [text(ge('99', 'Note'), 'none')])] : children;
  const usual: Item = [concept(ge('1', 'DXA Report')), [0x00080020, 'DA', '20240312'], [0x00080023, 'DA', '20240312']];
  return dicomFile(report(content, { attributes: withAttributes(usual, attributes) }), options);
}

/** Results of one spine as enCORE writes them into Image Comments. */
export const geXml = (bmdText = '1.023', day = '12/03/2024') =>
  `<DXA_RESULTS><EXAM_DATE time="14:16:15" id="82">${day}</EXAM_DATE><SCAN type="AP Spine" id="1"><ROI region="L1-L4" id="10">` +
  `<BMD units=" g/cm2" id="3">${bmdText}</BMD><BMD_TSCORE id="6">-1.5</BMD_TSCORE><BMC units=" g" id="5">55.24</BMC>` +
  '<AREA units=" cm2" id="2">54.00</AREA></ROI></SCAN></DXA_RESULTS>';

/** A report whose results stand in Image Comments alone. */
export const xmlFile = (comments: string, attributes: Item = []): Buffer =>
  geFile({}, [[0x00204000, 'LT', comments], ...attributes]);

/** An image of a GE densitometer with Image Comments. */
export function geImage(comments: string, modality: string, sopClass = SECONDARY_CAPTURE): Buffer {
  return dicomFile([
    [0x00080016, 'UI', sopClass],
    [0x00080018, 'UI', '2.25.4712'],
    [0x00080020, 'DA', '20240312'],
    [0x00080023, 'DA', '20240312'],
    [0x00080060, 'CS', modality],
    [0x00080070, 'LO', 'GE Healthcare'],
    [0x00081090, 'LO', 'Lunar iDXA'],
    [0x00100020, 'LO', 'P-1'],
    [0x00100030, 'DA', '19560704'],
    [0x0020000d, 'UI', '2.25.1'],
    [0x0020000e, 'UI', '2.25.2'],
    [0x00204000, 'LT', comments],
  ]);
}
