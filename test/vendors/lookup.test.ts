import { describe, expect, it } from 'vitest';
import { REPORT_COLUMNS } from '../../src/db/records/report-row.ts';
import { VALUE_COLUMNS } from '../../src/db/records/value-columns.ts';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readAndAdapt } from '../../src/jobs/ingest/read-thread.ts';
import * as lunar from '../../src/vendors/ge-lunar/vocabulary.ts';
import * as generic from '../../src/vendors/generic/vocabulary.ts';
import * as hologic from '../../src/vendors/hologic/vocabulary.ts';
import * as notDxa from '../../src/vendors/not-dxa.ts';
import { readXml } from '../../src/vendors/text/xml-tree.ts';
import { dicomFile, type Item } from '../support/dicom/dicom-bytes.ts';
import { type Code, concept, container, item, num, report, text } from '../support/dicom/dicom-report.ts';
import { hologicImage } from '../support/dicom/hologic-image.ts';
import { RECEIVED_ON } from '../support/dicom/received.ts';

/** What every JavaScript object answers to. */
const INHERITED = [...Object.getOwnPropertyNames(Object.prototype), 'constructor', '__proto__'];

const isTable = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Map) && !(value instanceof Set);

function read(bytes: Uint8Array) {
  const outcome = readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn: RECEIVED_ON });
  if (!outcome.ok) return { rawTexts: '{}', codes: [outcome.note === undefined ? outcome.code : 'noted'] };
  const { columns, findings } = outcome.report;
  const rawTexts = columns[REPORT_COLUMNS.length + VALUE_COLUMNS.findIndex(({ name }) => name === 'raw_text')];
  return { rawTexts, codes: findings.map(({ code }) => code) };
}

const xmlOf = (name: string) =>
  `<DXA_RESULTS><SCAN type="${name}"><ROI region="${name}"><BMD units="${name}">1.000</BMD></ROI></SCAN>` +
  `<SCAN type="AP Spine"><ROI region="${name}"><BMD>1.000</BMD></ROI><ROI region="L1"><${name} ${name}="x">1.000</${name}>` +
  `<BMD units="${name}">1.000</BMD></ROI><TREND region="L1"><EXAM date="${name}"><CHANGE type="${name}"/></EXAM></TREND>` +
  '</SCAN></DXA_RESULTS>';

/** Puts a name wherever a report can be looked up by one; its only result that can be read is L2. */
function reportOf(name: string, root: Code): Buffer {
  const coded = (meaning: string, scheme = 'GELUNAR'): Code => [name, scheme, meaning];
  const inside = (code: Code, children: readonly Item[]) =>
    item('CONTAINER', code, [
      [0x0040a050, 'CS', 'SEPARATE'],
      [0x0040a730, 'SQ', children],
    ]);
  const results = [
    num(coded(name), '1.000'),
    num(coded('', name), '1.000'),
    num(['3', 'GELUNAR', 'BMD'], '1.100', [name, name, name]),
    text(coded(name), '1.000'),
  ];
  const children = [
    inside(coded(name), [inside(coded(name), results)]),
    container('AP Spine', [inside(coded(name), results), container('L1', results)]),
    container('AP Spine', [container('L2', [num(['3', 'GELUNAR', 'BMD'], '0.985')])]),
    container(`Trend ${name}`, [inside(coded(name), results)]),
    item(
      'CODE',
      ['363698007', 'SCT', 'Finding Site'],
      [
        [
          0x0040a168,
          'SQ',
          [
            [
              [0x00080100, 'SH', name],
              [0x00080102, 'SH', name],
              [0x00080104, 'LO', name],
            ],
          ],
        ],
      ],
    ),
  ];
  return dicomFile(
    report(children, {
      attributes: [[0x00204000, 'LT', xmlOf(name)], concept(root)],
    }),
  );
}

describe('a table in which words of files are looked up', () => {
  it('has no prototype', () => {
    const tables = [lunar, generic, hologic, notDxa]
      .flatMap((module) => Object.entries(module))
      .filter(([, value]) => isTable(value));
    expect(tables.length).toBeGreaterThan(15);
    const open = tables.filter(([, table]) => Object.getPrototypeOf(table) !== null || !Object.isFrozen(table));
    expect(open.map(([name]) => name)).toEqual([]);
  });

  it.each(INHERITED)('does not know %s in a report', (name) => {
    for (const root of [
      ['DXA', 'GELUNAR', 'DXA Report'],
      ['126000', 'DCM', 'Imaging Measurement Report'],
      [name, name, name],
    ] as const) {
      expect(read(reportOf(name, root)).rawTexts).toBe('{0.985}');
    }
  });

  it.each(INHERITED)('does not know %s in an image', (name) => {
    const codes = (given: object) => read(hologicImage({ patientId: 'A', ...given })).codes;
    expect(codes({ scanMode: `a ${name}` })).toContain('UNKNOWN_SCAN');
    expect(codes({ column: name })).toContain('UNKNOWN_MEASURE');
    expect(codes({ column: `BMD[${name}]` })).toContain('UNIT_NOT_SUPPORTED');
    expect(codes({ row: name })).toContain('UNKNOWN_REGION');
    expect(codes({ scanMode: 'a Left Forearm', row: `Radius ${name}` })).toContain('UNKNOWN_REGION');
    expect(codes({ scanMode: 'a Whole Body', row: `L ${name}` })).toContain('UNKNOWN_REGION');
  });

  it.each(INHERITED)('does not know %s as an entity', (name) => {
    expect(readXml(`<A>&${name};</A>`).state).toBe('broken');
  });
});
