import { describe, expect, test } from 'vitest';
import { describeDocument } from '../../src/dicom/describe.ts';
import { surveyDocument } from '../../src/dicom/survey/survey.ts';
import { mergeSurveys } from '../../src/dicom/survey/survey-merge.ts';
import { dicomFile, type Item, uint32 } from '../support/dicom/dicom-bytes.ts';
import { read } from '../support/dicom/dicom-read.ts';
import { BMD, container, item, lunarReport, num, report, text } from '../support/dicom/dicom-report.ts';

const LUNAR = (value: string, meaning: string) => [value, 'GELUNAR', meaning] as const;
const trend = item('CONTAINER', LUNAR('2000-9', '12-Mar-2026'), [[0x0040a730, 'SQ', [num(BMD, '0.831')]]]);

describe('describeDocument', () => {
  test('shows the header and one line per item, with its path', () => {
    const byReference: Item = [
      [0x0040a010, 'CS', 'INFERRED FROM'],
      [0x0040db73, 'UL', uint32(false, 1, 1)],
    ];
    const children = [
      container('AP Spine', [num(BMD, '0.985'), num(BMD, '0,9')]),
      text(['1', '99TEST', 'Note'], 'a\r\nb'),
      byReference,
    ];
    expect(describeDocument(read(dicomFile(report(children)))).split('\n')).toEqual([
      'Document           : Enhanced SR Storage',
      'SOP Instance UID   : 2.25.329800735698586629295641978511506172918',
      'Transfer syntax    : 1.2.840.10008.1.2.1',
      'Patient            : Probe^Paula, F, 1955-01-02',
      'Patient ID         : PID-1',
      'Size, weight       : 1.62 m, 63.5 kg',
      'Study              : 2024-03-05, 10:15:00',
      'Accession number   : ACC1',
      'Study UID          : 2.25.11',
      'Series UID         : 2.25.12',
      'Equipment          : GE Healthcare, Lunar iDXA',
      'Software           : 18.00, 2.0',
      'Content date, time : 2024-03-05, 10:17:22.25',
      'Flags              : COMPLETE',
      '',
      '1      CONTAINER "DXA Report" (DXA, 99TEST)',
      '1.1      contains CONTAINER "AP Spine" (AP SPINE, 99TEST)',
      '1.1.1      contains NUM "BMD" (3, GELUNAR) = "0.985" g/cm2',
      '1.1.2      contains NUM "BMD" (3, GELUNAR) = "0,9" (not a number) g/cm2',
      '1.2      contains TEXT "Note" (1, 99TEST) = "a\\r\\nb"',
      '1.3      inferred from BY_REFERENCE = see 1.1',
    ]);
  });

  test('a file cannot steer the terminal it is shown on', () => {
    const hostile = text(['1', '99TEST', 'Note'], '\u001b]0;owned\u0007\u001b[2J\u202Eabc');
    const shown = describeDocument(read(dicomFile(report([hostile], { characterSet: 'ISO_IR 192' }))));
    expect(shown).toContain('\\u001b]0;owned\\u0007\\u001b[2J\\u202eabc');
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('surveyDocument', () => {
  test('counts what stands where, with units, and merges what repeats', () => {
    const survey = surveyDocument(read(dicomFile(lunarReport(1, 3))));
    expect(survey).toMatchObject({
      documents: 1,
      items: 20,
      maxDepth: 3,
      manufacturer: 'GE',
      modelName: 'iDXA',
      softwareVersions: ['18.00', '2.0'],
    });
    const scan = survey.root.children[0];
    expect(scan).toMatchObject({ relationship: 'CONTAINS', valueType: 'CONTAINER', meaning: 'Scan 1', count: 1 });
    expect(scan?.children.map(({ meaning, count }) => [meaning, count])).toEqual([
      ['Region 1', 1],
      ['Region 2', 1],
      ['Region 3', 1],
    ]);
    expect(scan?.children[0]?.children[0]).toEqual({
      relationship: 'CONTAINS',
      valueType: 'NUM',
      concept: 'GELUNAR:3',
      meaning: 'BMD',
      units: ['UCUM:g/cm2'],
      templateIds: [],
      count: 1,
      withoutValue: 0,
      decimal: 1,
      children: [],
    });
  });

  test.each([
    ['12-Mar-2026', '<date>'],
    ['03/05/2024', '<date>'],
    ['5.3.24', '<date>'],
    ['2024-03-05', '<date>'],
    ['Mar 5, 2024', '<date>'],
    ['5 March 2024', '<date>'],
    ['20240305', '<date>'],
    ['Scan of 20240305', '<date>'],
    ['at 10:15', '<date>'],
    ['0.985', '<number>'],
    ['0,985', '<number>'],
    ['-1.0', '<number>'],
    ['MRN 1234567', '<number>'],
    ['Doe^Jane', '<withheld>'],
    ['Doe, Jane', '<withheld>'],
    ['Dr. House', '<withheld>'],
    ['seen by PAULA', '<withheld>'],
    ['of PID-1 today', '<withheld>'],
    ['x'.repeat(65), '<withheld>'],
    ['L1-L4 (L2)', 'L1-L4 (L2)'],
    ['L1,L3-L4', 'L1,L3-L4'],
    ['Neck Left', 'Neck Left'],
    ['CHANGE_VS_PREVIOUS', 'CHANGE_VS_PREVIOUS'],
    ['Radius 33%', 'Radius 33%'],
    ['Trend L1-L4', 'Trend L1-L4'],
  ])('the label %j becomes %j', (label, expected) => {
    const survey = surveyDocument(
      read(dicomFile(report([container('x', []), item('CONTAINER', LUNAR('1000-1', label), [])]))),
    );
    expect(survey.root.children[1]?.meaning).toBe(expected);
  });

  test('codes stay where they are codes, and go where they could be something else', () => {
    const conceptOf = (code: readonly [string, string, string]) => {
      return surveyDocument(read(dicomFile(report([item('CONTAINER', code, [])])))).root.children[0]?.concept;
    };
    expect(conceptOf(['2000-19', 'GELUNAR', 'AP Spine'])).toBe('GELUNAR:2000-19');
    expect(conceptOf(['126000', 'DCM', 'Imaging Measurement Report'])).toBe('DCM:126000');
    expect(conceptOf(['24966-4', 'LN', 'BMD'])).toBe('LN:24966-4');
    expect(conceptOf(['T-11910', 'SRT', 'L1'])).toBe('SCT:66794005');
    expect(conceptOf(['BMD_TSCORE', 'GELUNAR', 'T'])).toBe('GELUNAR:BMD_TSCORE');
    expect(conceptOf(['20240305', 'GELUNAR', 'x'])).toBe('GELUNAR:<date>');
    expect(conceptOf(['260312', 'GELUNAR', '12-Mar-2026'])).toBe('GELUNAR:<number>');
    expect(conceptOf(['12345678', 'GELUNAR', 'x'])).toBe('GELUNAR:<number>');
    expect(conceptOf(['PID-1', 'GELUNAR', 'x'])).toBe('GELUNAR:<withheld>');
    expect(conceptOf(['Doe^Jane', '99X', 'x'])).toBe('99X:<withheld>');
    // Not even a public code, when it happens to be the Patient ID.
    const attributes: Item = [[0x00100020, 'LO', '126000']];
    const chance = report([item('CONTAINER', ['126000', 'DCM', 'x'], [])], { attributes });
    expect(surveyDocument(read(dicomFile(chance))).root.children[0]?.concept).toBe('DCM:<withheld>');
  });

  test('nothing that belongs to the patient, the staff, the place or the object gets out', () => {
    const attributes: Item = [
      [0x00080080, 'LO', 'St Elsewhere'],
      [0x00081070, 'PN', 'Operator^Otto'],
      [0x00081090, 'LO', 'Horizon A (S/N 300123M)'],
      [0x00181000, 'LO', '300123M'],
      [0x00181020, 'LO', '2024.03.05'],
      [0x00204000, 'LT', 'Comment about Paula'],
    ];
    const children = [
      trend,
      text(['1', '99TEST', 'Note'], 'free text about Paula'),
      item('PNAME', ['121008', 'DCM', 'Person Observer Name'], [[0x0040a123, 'PN', 'Olsen^Olga']]),
      item('CONTAINER', ['1', '99TEST', 'Olga reviewed'], []),
      item('UIDREF', ['2', '99TEST', 'UID'], [[0x0040a124, 'UI', '2.25.555']]),
      item('DATE', ['3', '99TEST', 'Date'], [[0x0040a121, 'DA', '20240305']]),
      item(
        'CODE',
        ['4', '99TEST', 'Sex'],
        [
          [
            0x0040a168,
            'SQ',
            [
              [
                [0x00080100, 'SH', 'SECRETCODE'],
                [0x00080104, 'LO', 'Secret'],
              ],
            ],
          ],
        ],
      ),
    ];
    const printed = JSON.stringify(surveyDocument(read(dicomFile(report(children, { attributes })))));
    expect(printed).not.toMatch(
      /Paula|Probe|PID-1|Otto|Olga|Olsen|Elsewhere|300123|2\.25\.|20240305|2024\.03|Mar-2026|0\.831|SECRET|Secret|Comment about/,
    );
    expect(printed).toContain('"hasImageComments":true');
    expect(printed).toContain('Person Observer Name');
  });

  test('surveys of the same kind add up', () => {
    const one = surveyDocument(read(dicomFile(lunarReport(1, 2))));
    const other = surveyDocument(
      read(dicomFile(report([num(BMD, '')], { attributes: [[0x00080070, 'LO', 'HOLOGIC']] }))),
    );
    const merged = mergeSurveys([one, other, one]);
    expect(merged).toHaveLength(2);
    expect(merged[0]).toMatchObject({ documents: 2, items: 2 * one.items, manufacturer: 'GE' });
    expect(merged[0]?.root.children[0]?.children[1]?.children[0]).toMatchObject({
      concept: 'GELUNAR:3',
      count: 2,
      decimal: 2,
    });
    expect(merged[1]?.root.children[0]).toMatchObject({ withoutValue: 1, decimal: 0 });
  });
});
