import type { Element, Item } from './dicom-bytes.ts';

/** Content items and whole reports for the reader's tests. Patients and UIDs are made up. */
export const ENHANCED_SR = '1.2.840.10008.5.1.4.1.1.88.22';
export const SOP_INSTANCE_UID = '2.25.329800735698586629295641978511506172918';

export type Code = readonly [value: string, scheme: string, meaning: string];

export const BMD: Code = ['3', 'GELUNAR', 'BMD'];
export const GRAMS_PER_CM2: Code = ['g/cm2', 'UCUM', 'g/cm2'];

export function codeItem([value, scheme, meaning]: Code): Item {
  return [
    [0x00080100, 'SH', value],
    [0x00080102, 'SH', scheme],
    [0x00080104, 'LO', meaning],
  ];
}

export function concept(code: Code): Element {
  return [0x0040a043, 'SQ', [codeItem(code)]];
}

export function item(valueType: string, code: Code | null, rest: Item, relationship = 'CONTAINS'): Item {
  const elements: Item = [
    [0x0040a010, 'CS', relationship],
    [0x0040a040, 'CS', valueType],
    ...(code === null ? [] : [concept(code)]),
    ...rest,
  ];
  return [...elements].sort((a, b) => a[0] - b[0]);
}

export function container(label: string, children: readonly Item[]): Item {
  const content: Item = children.length === 0 ? [] : [[0x0040a730, 'SQ', children]];
  return item('CONTAINER', [label.toUpperCase(), '99TEST', label], [[0x0040a050, 'CS', 'SEPARATE'], ...content]);
}

export function text(code: Code, value: string): Item {
  return item('TEXT', code, [[0x0040a160, 'UT', value]]);
}

export function num(code: Code, value: string, unit: Code = GRAMS_PER_CM2, more: Item = []): Item {
  return item('NUM', code, [
    [0x0040a300, 'SQ', [[[0x004008ea, 'SQ', [codeItem(unit)]], ...more, [0x0040a30a, 'DS', value]]]],
  ]);
}

export type ReportOptions = {
  readonly sopClassUid?: string;
  readonly sopInstanceUid?: string;
  readonly characterSet?: string;
  /** Replaces or adds attributes of the document, by tag. */
  readonly attributes?: Item;
  /** Attributes left out, by tag. */
  readonly without?: readonly number[];
};

/** A whole data set with a header and the given content items below the root. */
export function report(children: readonly Item[], options: ReportOptions = {}): Item {
  const elements: Item = [
    ...(options.characterSet === undefined ? [] : [[0x00080005, 'CS', options.characterSet] as const]),
    [0x00080016, 'UI', options.sopClassUid ?? ENHANCED_SR],
    [0x00080018, 'UI', options.sopInstanceUid ?? SOP_INSTANCE_UID],
    [0x00080020, 'DA', '20240305'],
    [0x00080023, 'DA', '20240305'],
    [0x00080030, 'TM', '101500'],
    [0x00080033, 'TM', '101722.25'],
    [0x00080050, 'SH', 'ACC1'],
    [0x00080060, 'CS', 'SR'],
    [0x00080070, 'LO', 'GE Healthcare'],
    [0x00081090, 'LO', 'Lunar iDXA'],
    [0x00100010, 'PN', 'Probe^Paula'],
    [0x00100020, 'LO', 'PID-1'],
    [0x00100030, 'DA', '19550102'],
    [0x00100040, 'CS', 'F'],
    [0x00101020, 'DS', '1.62'],
    [0x00101030, 'DS', '63.5'],
    [0x00181020, 'LO', '18.00\\2.0'],
    [0x0020000d, 'UI', '2.25.11'],
    [0x0020000e, 'UI', '2.25.12'],
    [0x0040a040, 'CS', 'CONTAINER'],
    concept(['DXA', '99TEST', 'DXA Report']),
    [0x0040a050, 'CS', 'SEPARATE'],
    [0x0040a491, 'CS', 'COMPLETE'],
    [0x0040a730, 'SQ', children],
  ];
  const replaced = new Set([...(options.attributes ?? []).map((element) => element[0]), ...(options.without ?? [])]);
  return [...elements.filter((element) => !replaced.has(element[0])), ...(options.attributes ?? [])].sort(
    (a, b) => a[0] - b[0],
  );
}

/** A report in GE's shape: scans, regions, three values each. 3 scans of 8 regions give the usual size. */
export function lunarReport(scans: number, regions: number): Item {
  const children: Item[] = [];
  for (let scan = 1; scan <= scans; scan++) {
    const below: Item[] = [];
    for (let region = 1; region <= regions; region++) {
      below.push(
        container(`Region ${region}`, [
          num(BMD, (0.7 + scan / 10 + region / 100).toFixed(3)),
          text(['6', 'GELUNAR', 'BMD_TSCORE'], (-1 - region / 10).toFixed(1)),
          text(['8', 'GELUNAR', 'BMD_ZSCORE'], (region / 10).toFixed(1)),
          num(['5', 'GELUNAR', 'BMC'], (9 + region).toFixed(2), ['g', 'UCUM', 'g']),
          num(['2', 'GELUNAR', 'AREA'], (12 + region).toFixed(2), ['cm2', 'UCUM', 'cm2']),
        ]),
      );
    }
    children.push(container(`Scan ${scan}`, below));
  }
  return report(children);
}
