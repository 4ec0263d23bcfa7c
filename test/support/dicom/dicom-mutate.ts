import { deflateRawSync } from 'node:zlib';
import { dataSet, dicomFile, SYNTAX_UID } from './dicom-bytes.ts';
import { lunarReport } from './dicom-report.ts';

/** mulberry32: small, fast, and the same on every machine. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const LENGTHS = [0, 1, 2, 7, 8, 0x7f, 0xff, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
/** The kinds of change below that move nothing. */
const IN_PLACE = [0, 0, 7, 10];
const TOKENS = [
  ...['SQ', 'UN', 'UT', 'OB', 'LO', 'FD', 'DS', 'ZZ', 'DICM', 'CONTAINER', 'NUM', '\\ISO 2022 IR 87', 'GB18030'],
  ...['ISO_IR 192', '\x1b$B', '\x1b$)C', '\x1b(J', '0,985', '1e999', 'NaN', '-0', '\\', '^', '=', '\0\0\0\0'],
  ...[
    '\xfe\xff\x00\xe0',
    '\xfe\xff\x0d\xe0\0\0\0\0',
    '\xfe\xff\xdd\xe0\0\0\0\0',
    '\x40\x00\x30\xa7',
    '\x08\x00\x05\x00',
  ],
].map((token) => Buffer.from(token, 'latin1'));

/**
 * The bytes of one case: made from seed and number alone, so that a case can be made again. Half of the cases change bytes
 * in place only, which leaves most files readable and reaches the values.
 */
export function makeCase(files: readonly Buffer[], seed: number, number: number): Buffer {
  const random = randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  let bytes: Buffer = Buffer.from(pick(files));
  const inPlace = random(2) === 0;
  for (let steps = 1 + random(4); steps > 0; steps--) {
    const at = random(bytes.length + 1);
    const length = 1 + random(64);
    switch (inPlace ? pick(IN_PLACE) : random(10)) {
      case 0:
        if (at < bytes.length) bytes.writeUInt8((bytes.readUInt8(at) ^ (1 << random(8))) & 0xff, at);
        break;
      case 1:
        bytes.fill(random(256), at, Math.min(bytes.length, at + 1 + random(8)));
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 3: {
        const other = pick(files);
        const from = random(other.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + length * 16), bytes.subarray(at)]);
        break;
      }
      case 4:
        bytes = Buffer.from(bytes.subarray(0, at));
        break;
      case 5:
        if (at + 4 <= bytes.length)
          random(2) === 0 ? bytes.writeUInt32LE(pick(LENGTHS), at) : bytes.writeUInt32BE(pick(LENGTHS), at);
        break;
      case 6:
        if (at + 2 <= bytes.length) bytes.writeUInt16LE(pick(LENGTHS) & 0xffff, at);
        break;
      case 7:
        pick(TOKENS).copy(bytes, Math.min(at, Math.max(0, bytes.length - 16)));
        break;
      case 8: {
        const token = pick(TOKENS);
        const times = 1 + random(random(50) === 0 ? 20_000 : 4);
        bytes = Buffer.concat([bytes.subarray(0, at), ...Array<Buffer>(times).fill(token), bytes.subarray(at)]);
        break;
      }
      case 10:
        // A digit or letter becomes another: values change, lengths do not.
        if (at < bytes.length && bytes.readUInt8(at) >= 0x20) bytes.writeUInt8(0x20 + random(0xe0), at);
        break;
      default: {
        // A new length that fits by a little more or less: what a writer's off-by-one looks like.
        const field = Math.max(0, at - 4);
        if (field + 4 <= bytes.length)
          bytes.writeInt8(Math.max(-128, Math.min(127, bytes.readInt8(field) + random(9) - 4)), field);
      }
    }
  }
  if (random(20) === 0) {
    // Damage under an intact deflate stream.
    const head = dicomFile([], { transferSyntaxUid: SYNTAX_UID.deflated });
    const good = dataSet(lunarReport(1, 2), { explicit: true, bigEndian: false });
    if (random(2) === 0) good.writeUInt8(random(256), random(good.length));
    const plain = random(4) === 0 ? bytes : good;
    bytes = Buffer.concat([head, deflateRawSync(plain.subarray(random(3) === 0 ? random(400) : 0), { level: 1 })]);
  }
  return bytes;
}
