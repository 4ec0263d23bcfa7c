import { dicomFile, type FileOptions, type Item, uint32 } from './dicom-bytes.ts';
import { container, item, num, report } from './dicom-report.ts';

const ge = (value: string, meaning: string) => [value, 'GELUNAR', meaning] as const;

/** A report of a left hip as an enCORE sends it, analysed at `time`. */
export function hipReport(bmd: string, time = '101722', more: Item = [], uid = '2.25.5'): Item {
  const neck = item('CONTAINER', ge('1000-1', 'Neck'), [
    [0x0040a050, 'CS', 'SEPARATE'],
    [0x0040a730, 'SQ', [num(ge('3', 'BMD'), bmd)]],
  ]);
  const scan = item('CONTAINER', ge('2000-2', 'Left Femur'), [
    [0x0040a050, 'CS', 'SEPARATE'],
    [0x0040a730, 'SQ', [neck]],
  ]);
  return report([scan, container('Comment', [])], {
    sopInstanceUid: uid,
    attributes: [[0x00080033, 'TM', time], [0x00091001, 'LO', 'private'], ...more],
  });
}

const ENCODINGS: readonly FileOptions[] = [
  { syntax: 'explicit' },
  { syntax: 'implicit' },
  { syntax: 'big endian' },
  { syntax: 'deflated' },
  { syntax: 'implicit', undefinedLengths: true },
  { preamble: false },
  { meta: false },
];
/** One content in eight files. */
export const encoded = (elements: Item): readonly Buffer[] => [
  ...ENCODINGS.map((options) => dicomFile(elements, options)),
  dicomFile([[0x00080000, 'UL', uint32(false, 99)], ...elements]),
];
