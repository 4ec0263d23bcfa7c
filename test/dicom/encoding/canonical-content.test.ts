import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { readAndAdapt } from '../../../src/jobs/ingest/read-thread.ts';
import {
  dataSet,
  dicomFile,
  type Element,
  float64,
  type Item,
  SYNTAX_UID,
  type Syntax,
  uint32,
} from '../../support/dicom/dicom-bytes.ts';
import { lunarReport } from '../../support/dicom/dicom-report.ts';
import { sample, sampleNames } from '../../support/dicom/dicom-samples.ts';
import { RECEIVED_ON } from '../../support/dicom/received.ts';

const SYNTAXES: readonly Syntax[] = ['explicit', 'implicit', 'big endian', 'deflated', 'zlib'];
const LITTLE = { explicit: false, bigEndian: false };

function identity(bytes: Uint8Array): string | null {
  const outcome = readAndAdapt({ bytes, limits: READ_LIMITS, receivedOn: RECEIVED_ON });
  if (!outcome.ok) throw new Error(`no report: ${JSON.stringify(outcome.findings)}`);
  return outcome.contentIdentity ?? null;
}

/** A report with numbers, words, private elements and private sequences, as a scanner may send it. */
function full(bigEndian = false): Item {
  const short = (value: number) => {
    const bytes = Buffer.alloc(2);
    if (bigEndian) bytes.writeUInt16BE(value);
    else bytes.writeUInt16LE(value);
    return bytes;
  };
  const more: readonly Element[] = [
    [0x00090010, 'LO', 'GEMS_LUNAR_1'],
    [0x00091001, 'LO', 'odd'],
    [0x00091002, 'US', short(0x4120)],
    [0x00091003, 'FD', float64(bigEndian, 1.25)],
    [
      0x00091004,
      'SQ',
      [
        [
          [0x00091005, 'LO', 'inner'],
          [0x00091006, 'UL', uint32(bigEndian, 32, 8192)],
        ],
        [],
      ],
    ],
    [0x00091007, 'UN', Buffer.from([1, 2, 0x20, 0])],
    [0x00280010, 'US', short(32)],
    [0x0040a161, 'FD', float64(bigEndian, 0.985)],
    [0x0040e011, 'UI', '1.2.3'],
    // A standard sequence that the reader does not know, with one inside it.
    [0x00700001, 'SQ', [[[0x00700008, 'SQ', [[[0x00700006, 'ST', 'note ']]]]]]],
  ];
  return [...lunarReport(1, 2), ...more].sort((a, b) => a[0] - b[0]);
}

const EXPECTED = identity(dicomFile(full()));

describe('the identity of a content is the same', () => {
  for (const syntax of SYNTAXES) {
    for (const undefinedLengths of [false, true]) {
      test(`in ${syntax} with ${undefinedLengths ? 'undefined' : 'defined'} lengths`, () => {
        expect(identity(dicomFile(full(syntax === 'big endian'), { syntax, undefinedLengths }))).toBe(EXPECTED);
      });
    }
  }

  test('under another file header, without one, and without a preamble', () => {
    expect(identity(dicomFile(full(), { meta: false }))).toBe(EXPECTED);
    expect(identity(dicomFile(full(), { preamble: false }))).toBe(EXPECTED);
    expect(identity(dicomFile(full(), { mediaStorageSopInstanceUid: '2.25.7' }))).toBe(EXPECTED);
    expect(identity(dicomFile(full(), { transferSyntaxUid: SYNTAX_UID.implicit }))).toBe(EXPECTED);
  });

  test('with group lengths, a length to the end and padding at the end of the data set', () => {
    const lengths: readonly Element[] = [0x0008, 0x0009, 0x0010, 0x0040].map((group) => [
      (group << 16) >>> 0,
      'UL',
      uint32(false, 4711),
    ]);
    const padded: Item = [
      ...full(),
      ...lengths,
      [0x00080001, 'UL', uint32(false, 815)] as const,
      [0xfffcfffc, 'OB', Buffer.alloc(128)] as const,
    ].sort((a, b) => a[0] - b[0]);
    expect(identity(dicomFile(padded))).toBe(EXPECTED);
    expect(identity(Buffer.concat([dicomFile(full()), Buffer.alloc(64)]))).toBe(EXPECTED);
  });

  test('however texts and UIDs are padded', () => {
    const pad = (elements: Item, text: string, uid: string): Item =>
      elements.map(([tag, vr, value]) => {
        if (typeof value === 'string' && tag >>> 16 !== 0x0009) {
          return [tag, vr, `${value}${vr === 'UI' ? uid : text}`.padEnd(2)] as const;
        }
        return [tag, vr, Array.isArray(value) ? value.map((one: Item) => pad(one, text, uid)) : value] as const;
      });
    expect(identity(dicomFile(pad(full(), '   ', '\0\0')))).toBe(EXPECTED);
    expect(identity(dicomFile(pad(full(), '\0', ' ')))).toBe(EXPECTED);
  });

  test('whatever order the elements are in', () => {
    const [first, second, ...rest] = full();
    if (first === undefined || second === undefined) throw new Error('no elements');
    expect(identity(dicomFile([first, ...rest.slice(0, -1), second, ...rest.slice(-1)]))).toBe(EXPECTED);
  });

  test('where a sequence is written as UN, and an empty one as nothing', () => {
    const asUnknown = (elements: Item): Item =>
      elements.map(([tag, vr, value]) =>
        vr === 'SQ' && (tag === 0x00091004 || tag === 0x00700001)
          ? ([tag, 'UN', dataSet([[tag, vr, value]], LITTLE).subarray(8)] as const)
          : ([tag, vr, value] as const),
      );
    expect(identity(dicomFile(asUnknown(full())))).toBe(EXPECTED);
    const empty = (value: Element[2]) =>
      identity(dicomFile([...full(), [0x00880200, value === '' ? 'UN' : 'SQ', value]]));
    expect(empty([])).toBe(empty(''));
  });

  test('after dcmtk has written it in every encoding', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dxaflow-dcmconv-'));
    try {
      execFileSync('dcmconv', ['--version'], { stdio: 'ignore' });
    } catch {
      console.warn('SKIPPED: dcmconv is not installed');
      return;
    }
    try {
      const files = [dicomFile(lunarReport(2, 3)), ...sampleNames('made').map(sample)];
      for (const bytes of files) {
        writeFileSync(join(folder, 'in.dcm'), bytes);
        for (const options of [
          '+ti',
          '+te',
          '+tb',
          '+td',
          '+te -e',
          '+ti -e',
          '+te +g',
          '+ti +g +p 64 128',
          '-F +te',
        ]) {
          const [from, to] = [join(folder, 'in.dcm'), join(folder, 'out.dcm')];
          execFileSync('dcmconv', [...options.split(' '), from, to], { stdio: 'ignore' });
          expect(identity(readFileSync(to)), options).toBe(identity(bytes));
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the identity of a content is another', () => {
  /** Every place of a plain value, with the file that has one byte of it changed. */
  function* changed(elements: Item): Generator<readonly [string, Item]> {
    for (const [index, [tag, vr, value]] of elements.entries()) {
      const at = (other: Element[2]): Item => elements.with(index, [tag, vr, other]);
      if (Array.isArray(value)) {
        for (const [place, one] of (value as readonly Item[]).entries()) {
          for (const [name, inner] of changed(one)) yield [`${tag.toString(16)}/${name}`, at(value.with(place, inner))];
        }
        continue;
      }
      const bytes = Buffer.from(value as string | Uint8Array);
      for (let byte = 0; byte < bytes.length; byte += 1) {
        const other = Buffer.from(bytes);
        other.writeUInt8((bytes.readUInt8(byte) ^ 0x01) & 0xff, byte);
        const even = vr === 'UI' ? '\0' : ' ';
        yield [
          `${tag.toString(16)}@${byte}`,
          at(other.length % 2 === 0 ? other : Buffer.concat([other, Buffer.from(even)])),
        ];
      }
    }
  }

  for (const syntax of ['explicit', 'implicit', 'big endian'] as const) {
    test(`as soon as one byte of one value is, in ${syntax}`, { timeout: 240_000 }, () => {
      const seen = new Map<string | null, string>([[EXPECTED, 'the report itself']]);
      let files = 0;
      for (const [place, elements] of changed(full(syntax === 'big endian'))) {
        let found: string | null;
        try {
          found = identity(dicomFile(elements, { syntax }));
        } catch {
          continue; // no report any more
        }
        expect(seen.get(found), place).toBeUndefined();
        seen.set(found, place);
        files += 1;
      }
      expect(files).toBeGreaterThan(500);
    });
  }

  test('when an element or an item is added or removed', () => {
    const elements = full();
    for (let index = 0; index < elements.length; index += 1) {
      let found: string | null;
      try {
        found = identity(dicomFile(elements.toSpliced(index, 1)));
      } catch {
        continue;
      }
      expect(found, String(elements[index]?.[0])).not.toBe(EXPECTED);
    }
  });

  test('when a number ends in a blank or in nothing', () => {
    const numbers = (low: number) =>
      identity(
        dicomFile([...full(), [0x00280011, 'US', Buffer.from([0x41, low])] as const].sort((a, b) => a[0] - b[0])),
      );
    expect(numbers(0x20)).not.toBe(numbers(0));
  });
});
