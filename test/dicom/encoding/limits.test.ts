import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dataSet, dicomFile, header, type Syntax } from '../../support/dicom/dicom-bytes.ts';
import { codesOf, read, refusalOf } from '../../support/dicom/dicom-read.ts';
import { BMD, ENHANCED_SR, lunarReport, num, report, text } from '../../support/dicom/dicom-report.ts';

const EXPLICIT = { explicit: true, bigEndian: false };
const base = dataSet(report([], { without: [0x0040a730] }), EXPLICIT);
const head = dicomFile([], { mediaStorageSopClassUid: ENHANCED_SR });
const file = dicomFile(lunarReport(2, 3));

/** Content Sequences inside each other, without delimiters: what a reader with a call per level dies of. */
function nested(levels: number, encoding = EXPLICIT): Buffer {
  const open = Buffer.concat([
    header(0x0040a730, 'SQ', 0xffffffff, encoding),
    header(0xfffee000, 'SQ', 0xffffffff, { ...encoding, explicit: false }),
  ]);
  const close = Buffer.concat([
    header(0xfffee00d, 'SQ', 0, { ...encoding, explicit: false }),
    header(0xfffee0dd, 'SQ', 0, { ...encoding, explicit: false }),
  ]);
  return Buffer.concat([...Array<Buffer>(levels).fill(open), ...Array<Buffer>(levels).fill(close)]);
}

/** Processor time since `before`: the clock would measure what else the machine does. */
function milliseconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

describe('nesting', () => {
  for (const levels of [100_000, 500_000]) {
    test(`${levels} empty items inside each other are refused in milliseconds`, () => {
      const bytes = Buffer.concat([head, base, nested(levels)]);
      const before = process.threadCpuUsage();
      const refusal = refusalOf(bytes);
      expect(milliseconds(before)).toBeLessThan(50);
      expect(refusal).toMatchObject({ code: 'LIMIT_DEPTH', facts: { limit: 100 } });
    });
  }

  test('the depth is a setting, and reading needs no call depth of its own', () => {
    const bytes = Buffer.concat([head, base, nested(5_000)]);
    const document = read(bytes, { maxDepth: 5_000 });
    let depth = 0;
    for (let item = document.root.children[0]; item !== undefined; item = item.children[0]) depth++;
    expect(depth).toBe(5_000);
    expect(refusalOf(bytes, { maxDepth: 4_999 }).code).toBe('LIMIT_DEPTH');
  });

  test('nesting inside UN of undefined length counts, too', () => {
    const implicit = { explicit: false, bigEndian: false };
    const item = header(0xfffee000, 'SQ', 0xffffffff, implicit);
    const unknown = Buffer.concat([header(0x00091010, 'UN', 0xffffffff, EXPLICIT), item, nested(1000, implicit)]);
    expect(refusalOf(Buffer.concat([head, unknown])).code).toBe('LIMIT_DEPTH');
  });
});

describe('each limit has its own code', () => {
  test('bytes', () => {
    expect(refusalOf(file, { maxBytes: file.length - 1 })).toMatchObject({
      code: 'LIMIT_BYTES',
      facts: { bytes: file.length, limit: file.length - 1 },
    });
    expect(codesOf(read(file, { maxBytes: file.length }))).toEqual([]);
  });

  test('inflated bytes, raw and with a zlib header', () => {
    for (const syntax of ['deflated', 'zlib'] as const satisfies Syntax[]) {
      const deflated = dicomFile(lunarReport(2, 3), { syntax });
      const size = dataSet(lunarReport(2, 3), EXPLICIT).length;
      expect(codesOf(read(deflated, { maxInflatedBytes: size })).length).toBeLessThanOrEqual(1);
      expect(refusalOf(deflated, { maxInflatedBytes: size - 1 }).code).toBe('LIMIT_INFLATED_BYTES');
    }
  });

  test('a bomb of 64 MB is refused without inflating it', () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    const bytes = Buffer.concat([dicomFile([], { transferSyntaxUid: '1.2.840.10008.1.2.1.99' }), bomb]);
    const before = process.memoryUsage().rss;
    expect(refusalOf(bytes, { maxInflatedBytes: 1024 * 1024 }).code).toBe('LIMIT_INFLATED_BYTES');
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  });

  test('elements and items', () => {
    expect(refusalOf(file, { maxElements: 100 })).toMatchObject({ code: 'LIMIT_ELEMENTS', facts: { limit: 100 } });
    expect(refusalOf(file, { maxItems: 20 })).toMatchObject({ code: 'LIMIT_ITEMS', facts: { limit: 20 } });
  });

  test('a million empty items side by side', () => {
    const items = Buffer.alloc(8_000_000);
    for (let at = 0; at < items.length; at += 8) items.writeUInt32LE(0xe000fffe, at);
    const bytes = Buffer.concat([head, base, header(0x0040a730, 'SQ', items.length, EXPLICIT), items]);
    expect(refusalOf(bytes).code).toBe('LIMIT_ITEMS');
  });

  test('text, whether it is ASCII or not, and only where a text is read', () => {
    const long = text(['1', '99TEST', 'Note'], 'x'.repeat(1000));
    expect(refusalOf(dicomFile(report([long])), { maxTextBytes: 999 })).toMatchObject({
      code: 'LIMIT_TEXT',
      path: '1.1',
    });
    expect(read(dicomFile(report([long])), { maxTextBytes: 1000 }).root.children).toHaveLength(1);
    const blob = report([num(BMD, '1')], { attributes: [[0x00091010, 'UN', Buffer.alloc(100_000)]] });
    expect(read(dicomFile(blob), { maxTextBytes: 1000 }).root.children).toHaveLength(1);
  });
});

describe('work stays in proportion', () => {
  test('a deflate stream that is damaged is DEFLATE_CORRUPT', () => {
    const deflated = Buffer.from(dicomFile(lunarReport(2, 3), { syntax: 'deflated' }));
    deflated.fill(0xff, deflated.length - 200, deflated.length - 150);
    expect(refusalOf(deflated).code).toMatch(/DEFLATE_CORRUPT|TRUNCATED|BROKEN_STRUCTURE/);
    const garbage = Buffer.concat([
      dicomFile([], { transferSyntaxUid: '1.2.840.10008.1.2.1.99' }),
      Buffer.alloc(100, 0xff),
    ]);
    expect(refusalOf(garbage).code).toBe('DEFLATE_CORRUPT');
  });

  test('50 000 elements in descending order take no longer than in ascending order', () => {
    const element = Buffer.concat(
      Array.from({ length: 50_000 }, (_, i) => header(0x00110000 + ((50_000 - i) & 0x7fff), 'LO', 0, EXPLICIT)),
    );
    const before = process.threadCpuUsage();
    expect(
      codesOf(
        read(
          Buffer.concat([
            head,
            base.subarray(0, 0),
            element,
            base,
            dataSet([[0x0040a730, 'SQ', [num(BMD, '1')]]], EXPLICIT),
          ]),
        ),
      ),
    ).toContain('ELEMENT_REPEATED');
    expect(milliseconds(before)).toBeLessThan(1500);
  });

  test('a finding that repeats is listed twenty times and counted beyond that', () => {
    const odd = Array.from({ length: 50 }, () => text(['1', '99TEST', 'Note'], 'é'));
    const document = read(dicomFile(report(odd)));
    expect(codesOf(document).filter((code) => code === 'CHARSET_UNDECLARED')).toHaveLength(20);
    expect(document.findings.at(-1)).toEqual({
      code: 'MORE_FINDINGS',
      path: null,
      facts: { of: 'CHARSET_UNDECLARED', count: 30 },
    });
  });
});
