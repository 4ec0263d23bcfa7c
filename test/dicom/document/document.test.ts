import { describe, expect, test } from 'vitest';
import { dicomFile, type Item, uint32 } from '../../support/dicom/dicom-bytes.ts';
import { codesOf, itemAt, read } from '../../support/dicom/dicom-read.ts';
import { BMD, type Code, container, item, num, report, text } from '../../support/dicom/dicom-report.ts';

const NOTE: Code = ['1', '99TEST', 'Note'];

describe('relations', () => {
  const reference = (big: boolean, ...target: number[]): Item => [
    [0x0040a010, 'CS', 'INFERRED FROM'],
    [0x0040db73, 'UL', uint32(big, ...target)],
  ];
  const withChildren = (parent: Item, children: Item[]): Item => [...parent, [0x0040a730, 'SQ', children]];

  test('a by-reference item keeps its relationship and the path of its target, even up to its own ancestor', () => {
    for (const big of [false, true]) {
      const cycle = withChildren(container('A', []), [
        withChildren(num(BMD, '1'), [reference(big, 1, 1), reference(big, 1)]),
      ]);
      const document = read(dicomFile(report([cycle]), { syntax: big ? 'big endian' : 'implicit' }));
      expect(itemAt(document.root, '1.1.1.1', 'BY_REFERENCE')).toMatchObject({
        relationship: 'INFERRED FROM',
        target: '1.1',
      });
      expect(itemAt(document.root, '1.1.1.2', 'BY_REFERENCE').target).toBe('1');
      expect(codesOf(document)).toEqual([]);
    }
  });

  test('a target that does not exist is a finding', () => {
    const document = read(dicomFile(report([reference(false, 1, 7)])));
    expect(document.findings).toEqual([{ code: 'REFERENCE_DANGLING', path: '1.1' }]);
  });

  test('paths count positions from 1 at every level', () => {
    const tree = container('A', [container('B', [text(NOTE, 'x'), text(NOTE, 'y')]), text(NOTE, 'z')]);
    const { root } = read(dicomFile(report([text(NOTE, 'w'), tree])));
    expect(itemAt(root, '1.2.1.2', 'TEXT').text).toBe('y');
    expect(itemAt(root, '1.2.2', 'TEXT').text).toBe('z');
  });

  test('template, observation time and observation UID belong to their item', () => {
    const template = [
      0x0040a504,
      'SQ',
      [
        [
          [0x00080105, 'CS', 'DCMR'],
          [0x0040db00, 'CS', '1500'],
        ],
      ],
    ] as const;
    const child: Item = [...num(BMD, '1'), [0x0040a032, 'DT', '20240305'], [0x0040a171, 'UI', '2.25.6'], template];
    const { root } = read(dicomFile(report([[...child].sort((a, b) => a[0] - b[0])])));
    expect(itemAt(root, '1.1', 'NUM')).toMatchObject({ templateId: '1500', observationUid: '2.25.6' });
    expect(itemAt(root, '1.1', 'NUM').observationDateTime?.date).toBe('2024-03-05');
    expect(root.templateId).toBeNull();
  });
});

describe('the header', () => {
  test('is decoded, with null for what is absent or empty', () => {
    const attributes: Item = [
      [0x0008002a, 'DT', '20240305101500'],
      [0x00080201, 'SH', '+0100'],
      [0x00100021, 'LO', 'HOSPITAL A'],
      [0x00101010, 'AS', '069Y'],
      [0x00101020, 'DS', '1,62'],
      [0x00102160, 'SH', 'Asian'],
      [0x00204000, 'LT', '<DXA_RESULTS/>'],
      [0x00080050, 'SH', ''],
      [0x00081070, 'PN', 'Op^One\\Op^Two'],
    ];
    const { header, findings } = read(dicomFile(report([num(BMD, '1')], { attributes })));
    expect(header).toMatchObject({
      modality: 'SR',
      contentDate: { raw: '20240305', date: '2024-03-05' },
      contentTime: { raw: '101722.25', time: '10:17:22.25' },
      acquisitionDateTime: { date: '2024-03-05', time: '10:15:00' },
      acquisitionDate: null,
      timezoneOffsetMinutes: 60,
      completionFlag: 'COMPLETE',
      verificationFlag: null,
      imageComments: '<DXA_RESULTS/>',
      patient: {
        patientId: 'PID-1',
        issuerOfPatientId: 'HOSPITAL A',
        name: { alphabetic: 'Probe^Paula', ideographic: '', phonetic: '' },
        sex: 'F',
        age: '069Y',
        size: { raw: '1,62', decimal: null },
        weight: { raw: '63.5', decimal: '63.5' },
        ethnicGroup: 'Asian',
      },
      study: { studyInstanceUid: '2.25.11', accessionNumber: null, description: null },
      series: { seriesInstanceUid: '2.25.12' },
      equipment: { manufacturer: 'GE Healthcare', modelName: 'Lunar iDXA', softwareVersions: ['18.00', '2.0'] },
    });
    expect(findings).toEqual([{ code: 'VALUE_UNREADABLE', path: '(0010,1020)' }]);
  });

  test('no finding ever holds a value of the file', () => {
    const secret = 'Geheimnis^Gerda';
    const attributes: Item = [
      [0x00080005, 'CS', secret],
      [0x00080020, 'DA', secret],
      [0x0020000d, 'UI', secret],
      [0x00101030, 'DS', secret],
    ];
    const document = read(dicomFile(report([item('DATE', NOTE, [[0x0040a121, 'DA', secret]])], { attributes })));
    expect(codesOf(document)).toContain('VALUE_UNREADABLE');
    expect(JSON.stringify(document.findings)).not.toMatch(/Geheimnis|Gerda/);
  });
});
