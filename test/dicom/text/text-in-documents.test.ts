import { describe, expect, test } from 'vitest';
import { readPersonName } from '../../../src/dicom/text/person-name.ts';
import { dicomFile, type Element, type Item } from '../../support/dicom/dicom-bytes.ts';
import { codesOf, itemAt, read } from '../../support/dicom/dicom-read.ts';
import { BMD, codeItem, container, item, num, report, text } from '../../support/dicom/dicom-report.ts';

/** "ESC" and two hexadecimal digits in angle brackets stand for bytes, as in the tables of PS3.5 annexes H to K. */
function bytes(pattern: string): Buffer {
  const parts = pattern.split(/(ESC|<[0-9a-f ]+>)/).map((part) => {
    if (part === 'ESC') return Buffer.from([0x1b]);
    return part.startsWith('<')
      ? Buffer.from(part.slice(1, -1).replaceAll(' ', ''), 'hex')
      : Buffer.from(part, 'latin1');
  });
  return Buffer.concat(parts);
}

describe('in a document', () => {
  const note = (value: Buffer): Item => item('TEXT', ['1', '99TEST', 'Note'], [[0x0040a160, 'UT', value]]);

  test('an unknown set leaves ASCII and numbers alone, reads UTF-8, and does not guess at the rest', () => {
    const children = [num(BMD, '0.985'), note(Buffer.from('caf\xe9', 'latin1')), note(Buffer.from('café ', 'utf8'))];
    const document = read(dicomFile(report(children, { characterSet: 'ISO_IR 999' })));
    expect(itemAt(document.root, '1.1', 'NUM').number).toEqual({ raw: '0.985', decimal: '0.985' });
    expect(itemAt(document.root, '1.2', 'TEXT').text).toBe('caf\uFFFD');
    expect(itemAt(document.root, '1.3', 'TEXT').text).toBe('café');
    expect(document.findings).toEqual([
      { code: 'CHARSET_UNKNOWN', path: '(0008,0005)', facts: { term: 'ISO_IR 999' } },
      { code: 'TEXT_UNREADABLE', path: '1.2' },
    ]);
  });

  test('letters without a declared set are read as UTF-8 or Latin-1, with a finding at their place', () => {
    const document = read(
      dicomFile(report([note(Buffer.from('g/cm\xb2 ', 'latin1')), note(Buffer.from('g/cm²', 'utf8'))])),
    );
    expect(itemAt(document.root, '1.1', 'TEXT').text).toBe('g/cm²');
    expect(itemAt(document.root, '1.2', 'TEXT').text).toBe('g/cm²');
    expect(document.findings).toEqual([
      { code: 'CHARSET_UNDECLARED', path: '1.1' },
      { code: 'CHARSET_UNDECLARED', path: '1.2' },
    ]);
  });

  test('an item has its own set, and so have the items below it (PS3.5 6.1.2.4)', () => {
    const own = (set: string, element: Item): Item => [[0x00080005, 'CS', set], ...element];
    const e9 = note(Buffer.from('\xe9 ', 'latin1'));
    const bb = note(Buffer.from('\xbb ', 'latin1'));
    const inner = container('Inner', [bb, own('ISO_IR 100', e9)]);
    const document = read(dicomFile(report([e9, own('ISO_IR 144', inner), e9], { characterSet: 'ISO_IR 100' })));
    expect(itemAt(document.root, '1.1', 'TEXT').text).toBe('é');
    expect(itemAt(document.root, '1.2.1', 'TEXT').text).toBe('Л');
    expect(itemAt(document.root, '1.2.2', 'TEXT').text).toBe('é');
    expect(itemAt(document.root, '1.3', 'TEXT').text).toBe('é');
    expect(codesOf(document)).toEqual([]);
  });

  test('a code item has its own set as well', () => {
    const meaning: Element = [0x00080104, 'LO', Buffer.from('\xbb ', 'latin1')];
    const code: Item = [[0x00080005, 'CS', 'ISO_IR 144'], ...codeItem(['1', '99TEST', 'x']).slice(0, 2), meaning];
    const child: Item = [
      ...text(['1', '99TEST', 'x'], 'x').slice(0, 2),
      [0x0040a043, 'SQ', [code]],
      [0x0040a160, 'UT', 'x'],
    ];
    const document = read(dicomFile(report([child], { characterSet: 'ISO_IR 100' })));
    expect(document.root.children[0]?.concept?.meaning).toBe('Л');
  });

  test('person names keep their three groups', () => {
    const name = bytes('Yamada^Tarou=ESC$B;3EDESC(B^ESC$BB@O:ESC(B=ESC$B$d$^$@ESC(B^ESC$B$?$m$&ESC(B ');
    const document = read(
      dicomFile(report([num(BMD, '1')], { characterSet: '\\ISO 2022 IR 87', attributes: [[0x00100010, 'PN', name]] })),
    );
    expect(document.header.patient.name).toEqual({
      alphabetic: 'Yamada^Tarou',
      ideographic: '山田^太郎',
      phonetic: 'やまだ^たろう',
    });
    expect(readPersonName('==やまだ')).toEqual({ alphabetic: '', ideographic: '', phonetic: 'やまだ' });
    expect(readPersonName(' = ')).toBeNull();
  });

  test('NUL never leaves the reader: padding goes, the rest is replaced with a finding', () => {
    const document = read(
      dicomFile(report([note(Buffer.from('ab\0cd\0\0\0')), num(BMD, '0.985\0'), num(BMD, '0.9\x0085')])),
    );
    expect(itemAt(document.root, '1.1', 'TEXT').text).toBe('ab\uFFFDcd');
    expect(itemAt(document.root, '1.2', 'NUM').number).toEqual({ raw: '0.985', decimal: '0.985' });
    expect(itemAt(document.root, '1.3', 'NUM').number).toEqual({ raw: '0.9\uFFFD85', decimal: null });
    expect(document.findings).toEqual([
      { code: 'NUL_IN_TEXT', path: '1.1' },
      { code: 'NUL_IN_TEXT', path: '1.3' },
    ]);
  });
});
