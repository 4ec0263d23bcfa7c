import { describe, expect, test } from 'vitest';
import { describeDocument } from '../../src/dicom/describe.ts';
import { dicomFile, type Item, uint32 } from '../support/dicom/dicom-bytes.ts';
import { read } from '../support/dicom/dicom-read.ts';
import { BMD, container, num, report, text } from '../support/dicom/dicom-report.ts';

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
