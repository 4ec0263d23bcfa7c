import { describe, expect, test } from 'vitest';
import { codedConcept, conceptKey } from '../../../src/dicom/tree/coded-concept.ts';
import { dicomFile, type Item } from '../../support/dicom/dicom-bytes.ts';
import { codesOf, read } from '../../support/dicom/dicom-read.ts';
import { report } from '../../support/dicom/dicom-report.ts';

/** The pairs that bone densitometry needs, as PS3.16 annex O gives them. */
const PAIRS = [
  ['T-11910', '66794005'],
  ['T-11920', '14293000'],
  ['T-11930', '36470004'],
  ['T-11940', '11994002'],
  ['T-117C0', '23215003'],
  ['T-11503', '122496007'],
  ['T-12710', '71341001'],
  ['T-D078C', '310651003'],
  ['T-D2500', '29836001'],
  ['T-12420', '62413002'],
  ['T-12403', '110535000'],
  ['T-D8500', '14975008'],
  ['T-D0010', '38266002'],
  ['G-A100', '24028007'],
  ['G-A101', '7771000'],
  ['G-A102', '51440002'],
  ['G-C171', '272741003'],
  ['P5-00027', '241686001'],
] as const;

describe('the canonical key', () => {
  test.each(PAIRS)('%s and %s are one concept under every name of SNOMED', (old, current) => {
    const keys = ['SRT', 'SNM3', '99SDM'].map((scheme) => conceptKey(scheme, old));
    expect([...keys, conceptKey('SCT', current)]).toEqual(Array(4).fill(`SCT:${current}`));
  });

  test('an old code without a known partner is the same in all three names, and no other', () => {
    expect(['SRT', 'SNM3', '99SDM'].map((scheme) => conceptKey(scheme, 'T-11511'))).toEqual(
      Array(3).fill('SRT:T-11511'),
    );
  });

  test('scheme and value are compared, meaning is not', () => {
    expect(codedConcept('121206', 'DCM', 'Distance').key).toBe(codedConcept('121206', 'DCM', 'Abstand').key);
    expect(conceptKey('DCM', '3')).not.toBe(conceptKey('GELUNAR', '3'));
    expect(conceptKey('UCUM', 'G')).not.toBe(conceptKey('UCUM', 'g'));
  });

  test('a URN stands for itself, no value has no key, and a colon in a scheme cannot pose as another pair', () => {
    expect(conceptKey('', 'urn:lex:us:federal:codified.regulation')).toBe('urn:lex:us:federal:codified.regulation');
    expect(conceptKey('LEX', 'urn:lex:us')).toBe(conceptKey('', 'urn:lex:us'));
    expect(conceptKey('DCM', '')).toBe('');
    expect(conceptKey('A:B', 'C')).not.toBe(conceptKey('A', 'B:C'));
  });
});

describe('in a document', () => {
  const conceptOf = (code: readonly Item[]) => {
    const child: Item = [
      [0x0040a010, 'CS', 'CONTAINS'],
      [0x0040a040, 'CS', 'TEXT'],
      [0x0040a043, 'SQ', code],
      [0x0040a160, 'UT', 'x'],
    ];
    const document = read(dicomFile(report([child])));
    return { concept: document.root.children[0]?.concept, codes: codesOf(document) };
  };

  test('long code values and URNs are read like short ones; the scheme version plays no part', () => {
    const long = '621566751000087104.and.some.more.characters';
    expect(
      conceptOf([
        [
          [0x00080102, 'SH', 'SCT'],
          [0x00080103, 'SH', '2024'],
          [0x00080104, 'LO', 'm'],
          [0x00080119, 'UC', long],
        ],
      ]).concept,
    ).toEqual({
      value: long,
      scheme: 'SCT',
      meaning: 'm',
      key: `SCT:${long}`,
    });
    expect(
      conceptOf([
        [
          [0x00080104, 'LO', 'm'],
          [0x00080120, 'UR', 'urn:oid:1.2.3'],
        ],
      ]).concept?.key,
    ).toBe('urn:oid:1.2.3');
  });

  test('a meaning alone is kept without a key; an empty sequence is no concept', () => {
    expect(conceptOf([[[0x00080104, 'LO', 'BMD']]]).concept).toEqual({
      value: '',
      scheme: '',
      meaning: 'BMD',
      key: '',
    });
    expect(conceptOf([]).concept).toBeNull();
  });

  test('of several items the first counts, with a finding', () => {
    const { concept, codes } = conceptOf([
      [
        [0x00080100, 'SH', '1'],
        [0x00080102, 'SH', 'DCM'],
      ],
      [[0x00080100, 'SH', '2']],
    ]);
    expect(concept?.key).toBe('DCM:1');
    expect(codes).toEqual(['EXTRA_ITEMS']);
  });
});
