import { deflateRawSync, deflateSync } from 'node:zlib';

/**
 * Writes DICOM bytes by hand, independently of dcmjs and of the reader, so that each encoding (and each way to get it
 * wrong) can be made on purpose.
 */
export type Value = string | Uint8Array | readonly Item[];
export type Element = readonly [tag: number, vr: string, value: Value];
export type Item = readonly Element[];

export type Syntax = 'implicit' | 'explicit' | 'big endian' | 'deflated' | 'zlib';

export type Encoding = {
  readonly explicit: boolean;
  readonly bigEndian: boolean;
  /** Sequences and items of undefined length, with delimiters. */
  readonly undefinedLengths?: boolean;
};

export type FileOptions = {
  readonly syntax?: Syntax;
  readonly undefinedLengths?: boolean;
  readonly preamble?: boolean;
  /** False for a bare data set; a number for a file meta group length that says this instead of the truth. */
  readonly meta?: boolean | number;
  readonly transferSyntaxUid?: string;
  readonly mediaStorageSopInstanceUid?: string;
  readonly mediaStorageSopClassUid?: string;
};

export const SYNTAX_UID: Readonly<Record<Syntax, string>> = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  'big endian': '1.2.840.10008.1.2.2',
  deflated: '1.2.840.10008.1.2.1.99',
  zlib: '1.2.840.10008.1.2.1.99',
};

const LONG_FORM = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

export function dicomFile(elements: Item, options: FileOptions = {}): Buffer {
  const syntax = options.syntax ?? 'explicit';
  const encoding = {
    explicit: syntax !== 'implicit',
    bigEndian: syntax === 'big endian',
    undefinedLengths: options.undefinedLengths ?? false,
  };
  const plain = dataSet(elements, encoding);
  const data = syntax === 'deflated' ? evenly(deflateRawSync(plain)) : syntax === 'zlib' ? deflateSync(plain) : plain;
  const preamble = options.preamble === false ? [] : [Buffer.alloc(128), Buffer.from('DICM')];
  return Buffer.concat([...preamble, ...(options.meta === false ? [] : [fileMeta(elements, options)]), data]);
}

function fileMeta(elements: Item, options: FileOptions): Buffer {
  const find = (tag: number) => elements.find((element) => element[0] === tag)?.[2] as string | undefined;
  const rest = dataSet(
    [
      [0x00020001, 'OB', Buffer.from([0, 1])],
      [0x00020002, 'UI', options.mediaStorageSopClassUid ?? find(0x00080016) ?? ''],
      [0x00020003, 'UI', options.mediaStorageSopInstanceUid ?? find(0x00080018) ?? ''],
      [0x00020010, 'UI', options.transferSyntaxUid ?? SYNTAX_UID[options.syntax ?? 'explicit']],
      [0x00020012, 'UI', '2.25.1'],
    ],
    { explicit: true, bigEndian: false },
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(typeof options.meta === 'number' ? options.meta : rest.length);
  return Buffer.concat([dataSet([[0x00020000, 'UL', length]], { explicit: true, bigEndian: false }), rest]);
}

export function dataSet(elements: Item, encoding: Encoding): Buffer {
  return Buffer.concat(elements.map((element) => encodeElement(element, encoding)));
}

export function encodeElement([tag, vr, value]: Element, encoding: Encoding): Buffer {
  if (Array.isArray(value)) {
    const items = (value as readonly Item[]).map((item) => encodeItem(dataSet(item, encoding), encoding));
    const body = Buffer.concat(items);
    if (encoding.undefinedLengths !== true) return Buffer.concat([header(tag, vr, body.length, encoding), body]);
    return Buffer.concat([header(tag, vr, 0xffffffff, encoding), body, itemHeader(0xfffee0dd, 0, encoding)]);
  }
  const bytes = typeof value === 'string' ? padded(Buffer.from(value, 'utf8'), vr) : (value as Uint8Array);
  return Buffer.concat([header(tag, vr, bytes.length, encoding), bytes]);
}

export function encodeItem(body: Buffer, encoding: Encoding): Buffer {
  if (encoding.undefinedLengths !== true) return Buffer.concat([itemHeader(0xfffee000, body.length, encoding), body]);
  return Buffer.concat([itemHeader(0xfffee000, 0xffffffff, encoding), body, itemHeader(0xfffee00d, 0, encoding)]);
}

function itemHeader(tag: number, length: number, encoding: Encoding): Buffer {
  return header(tag, 'SQ', length, { ...encoding, explicit: false });
}

/** The bytes before a value: tag, VR where it is explicit, length. */
export function header(tag: number, vr: string, length: number, { explicit, bigEndian }: Encoding): Buffer {
  const long = explicit && LONG_FORM.has(vr);
  const bytes = Buffer.alloc(long ? 12 : 8);
  const write16 = (value: number, at: number) =>
    bigEndian ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at);
  const write32 = (value: number, at: number) =>
    bigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at);
  write16(tag >>> 16, 0);
  write16(tag & 0xffff, 2);
  if (!explicit) {
    write32(length, 4);
    return bytes;
  }
  bytes.write(vr, 4, 'latin1');
  if (long) write32(length, 8);
  else write16(length, 6);
  return bytes;
}

/** Values have an even number of bytes; UI is padded with NUL, text with a blank (PS3.5 6.2). */
function padded(bytes: Buffer, vr: string): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
}

function evenly(bytes: Buffer): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
}

/** Binary values in the byte order of the file. */
export function uint32(bigEndian: boolean, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries())
    bigEndian ? bytes.writeUInt32BE(value, i * 4) : bytes.writeUInt32LE(value, i * 4);
  return bytes;
}

export function float64(bigEndian: boolean, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bigEndian ? bytes.writeDoubleBE(value) : bytes.writeDoubleLE(value);
  return bytes;
}

export function float32(bigEndian: boolean, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries())
    bigEndian ? bytes.writeFloatBE(value, i * 4) : bytes.writeFloatLE(value, i * 4);
  return bytes;
}
