import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { READER_CODES } from '../../src/dicom/document/codes.ts';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { readReport } from '../../src/dicom/read-report.ts';
import { dicomFile, type Item, type Syntax } from '../support/dicom/dicom-bytes.ts';
import { makeCase } from '../support/dicom/dicom-mutate.ts';
import { itemsOf, read } from '../support/dicom/dicom-read.ts';
import { type Code, codeItem, container, item, lunarReport, num, report, text } from '../support/dicom/dicom-report.ts';
import { plainItems } from '../support/dicom/dicom-second-reader.ts';

const SYNTAXES: readonly Syntax[] = ['explicit', 'implicit', 'big endian', 'deflated', 'zlib'];

/** Texts without padding at their ends, so that what goes in must come out. */
const word = fc
  .string({ unit: fc.constantFrom(...'abcXYZ019 -_.äß王\n'), minLength: 1, maxLength: 20 })
  .map((s) => `x${s}x`);
const code: fc.Arbitrary<Code> = fc.tuple(
  fc.stringMatching(/^[A-Z0-9-]{1,12}$/),
  fc.stringMatching(/^[A-Z0-9]{1,8}$/),
  word,
);
const digits = fc.stringMatching(/^-?\d{1,3}(\.\d{1,4})?$/);
const leaf: fc.Arbitrary<Item> = fc.oneof(
  fc.tuple(code, digits, code).map(([name, value, unit]) => num(name, value, unit)),
  fc.tuple(code, word).map(([name, value]) => text(name, value)),
  fc.tuple(code, code).map(([name, value]) => item('CODE', name, [[0x0040a168, 'SQ', [codeItem(value)]]])),
  fc.tuple(code, word).map(([name, value]) => item('PNAME', name, [[0x0040a123, 'PN', value.replaceAll('\n', ' ')]])),
);
const tree: fc.Arbitrary<Item> = fc.letrec<{ node: Item }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.tuple(word, fc.array(tie('node'), { maxLength: 4 })).map(([label, children]) => container(label, children)),
  ),
})).node;

describe('any report', () => {
  test('reads the same in all encodings and with both kinds of length', () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 5 }), (children) => {
        const elements = report(children, { characterSet: 'ISO_IR 192' });
        const [first, ...others] = SYNTAXES.flatMap((syntax) =>
          [false, true].map((undefinedLengths) => read(dicomFile(elements, { syntax, undefinedLengths })).root),
        );
        for (const other of others) expect(other).toEqual(first);
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  test('gives back every text, number and code that was written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(code, word, digits), { minLength: 1, maxLength: 8 }), (values) => {
        const children = values.flatMap(([name, label, value]) => [text(name, label), num(name, value)]);
        const { root } = read(dicomFile(report(children, { characterSet: 'ISO_IR 192' })));
        const written = values.flatMap(([name, label, value]) => [
          [name.join('|'), label],
          [name.join('|'), value],
        ]);
        expect(
          plainItems(root)
            .slice(1)
            .map(({ concept, value }) => [concept, value]),
        ).toEqual(written);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  test('has each item once, with a path that leads to it', () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 5 }), (children) => {
        const { root } = read(dicomFile(report(children, { characterSet: 'ISO_IR 192' })));
        for (const found of itemsOf(root)) {
          let current: (typeof root)['children'][number] | undefined = root;
          for (const position of found.path.split('.').slice(1)) current = current?.children[Number(position) - 1];
          expect(current).toBe(found);
        }
      }),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('any bytes', () => {
  const codes = new Set(Object.keys(READER_CODES));
  const outcome = (bytes: Uint8Array) => {
    const result = readReport(bytes, READ_LIMITS);
    if (!result.ok) expect(codes).toContain(result.refusal.code);
    else for (const { code: found } of result.document.findings) expect(codes).toContain(found);
    return result;
  };

  test('are refused with a known code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(outcome(bytes).ok).toBe(false);
      }),
      { seed: 6, numRuns: 2000 },
    );
  });

  test('behind a good beginning end in a report or a known code', () => {
    const head = dicomFile(report([num(['3', 'GELUNAR', 'BMD'], '0.985')]));
    fc.assert(
      fc.property(fc.nat(head.length), fc.uint8Array({ maxLength: 200 }), (cut, bytes) => {
        outcome(Buffer.concat([head.subarray(0, cut), bytes]));
      }),
      { seed: 7, numRuns: 3000 },
    );
  });

  test('that were mutated end in a report or a known code, and reading them twice gives the same', () => {
    const files = SYNTAXES.flatMap((syntax) =>
      [false, true].map((undefinedLengths) => dicomFile(lunarReport(2, 2), { syntax, undefinedLengths })),
    );
    for (let number = 0; number < 3000; number++) {
      const bytes = makeCase(files, 8, number);
      expect(outcome(bytes)).toEqual(readReport(Buffer.from(bytes), READ_LIMITS));
    }
  });

  test('are not changed by being read', () => {
    const file = dicomFile(lunarReport(1, 1));
    const before = Buffer.from(file);
    outcome(file);
    expect(file.equals(before)).toBe(true);
  });
});
