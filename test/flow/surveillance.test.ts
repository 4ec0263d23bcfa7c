import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeRow, geContent, geRootConcept } from '../../src/simulate/writers/ge-report.ts';
import { GE_SCANS } from '../../src/simulate/writers/ge-vocabulary.ts';
import { uidOf, writePart10 } from '../../src/simulate/writers/part10.ts';
import { ENHANCED_SR, srDataset } from '../../src/simulate/writers/sr-dataset.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { recordErrors } from '../support/recorded-log.ts';

const BIN = fileURLToPath(new URL('../../bin/dxaflow.js', import.meta.url));

/** One study: BMD in mg/cm², vertebrae as [BMC g, area cm²], T-scores in tenths. */
type Study = {
  readonly day: string;
  readonly part?: string;
  readonly spine?: number;
  readonly left?: number;
  readonly right?: number;
  readonly neck?: number;
  readonly levels?: readonly (readonly [bmc: number, area: number])[];
  readonly spineT?: number;
  readonly height?: string;
  readonly birthDate?: string;
  readonly sex?: 'F' | 'M';
  readonly scanner?: 'A' | 'B' | 'N';
};

const AREA = 3000;
const row = (label: string, bmd: number, t?: number): GeRow => ({
  label,
  bmd,
  part: { bmc: Math.round((bmd * AREA) / 1000), area: AREA },
  scores: t === undefined ? null : { t, z: 0, youngAdult: 90, ageMatched: 100 },
});

function spineRows({ spine, levels, spineT }: Study): readonly GeRow[] {
  if (levels !== undefined) {
    const parts = levels.map(([bmc, area]) => ({ bmc: Math.round(100 * bmc), area: Math.round(100 * area) }));
    const whole = parts.reduce((sum, part) => ({ bmc: sum.bmc + part.bmc, area: sum.area + part.area }), {
      bmc: 0,
      area: 0,
    });
    return [
      ...parts.map((part, index): GeRow => ({ label: `L${index + 1}`, part, scores: null })),
      { label: 'L1-L4', part: whole, scores: null },
    ];
  }
  return spine === undefined ? [] : [row('L1-L4', spine, spineT)];
}

/** The scanners: A has LSCs from 2000 on, N from 2020 on and renewed in 2023, B has none. */
const SERIALS = { A: 'SV1', B: 'SV2', N: 'SV3' } as const;

function fileOf(patientId: string, study: Study, index: number): Uint8Array {
  const uid = (...parts: readonly string[]) => uidOf([patientId, String(index), ...parts].join('/'));
  const scans = [
    { name: GE_SCANS.spine, rows: spineRows(study) },
    {
      name: GE_SCANS.leftFemur,
      rows: [
        ...(study.neck === undefined ? [] : [row('Neck', study.neck)]),
        ...(study.left === undefined ? [] : [row('Total', study.left)]),
      ],
    },
    { name: GE_SCANS.rightFemur, rows: study.right === undefined ? [] : [row('Total', study.right)] },
  ].filter(({ rows }) => rows.length > 0);
  const date = study.day.replaceAll('-', '');
  const header = {
    sopClassUid: ENHANCED_SR,
    sopInstanceUid: uid('report'),
    studyInstanceUid: uid('study'),
    seriesInstanceUid: uid('series'),
    studyDate: date,
    studyTime: `${String(90_000 + 100 * index).padStart(6, '0')}`,
    contentTime: '120000',
    accessionNumber: `SV${index}`,
    studyDescription: 'DXA bone density',
    instanceNumber: 1,
    manufacturer: 'GE Healthcare',
    modelName: 'Lunar iDXA',
    deviceSerialNumber: SERIALS[study.scanner ?? 'A'],
    stationName: '',
    institutionName: 'Hospital North',
    softwareVersion: '18',
    patientName: 'Fixture^Anna',
    patientId,
    issuerOfPatientId: 'H',
    birthDate: study.birthDate ?? '19500615',
    sex: study.sex ?? 'F',
    age: '070Y',
    height: study.height ?? '1.60',
    weight: '65.0',
    ethnicGroup: 'White',
    imageComments: null,
  } as const;
  return writePart10(ENHANCED_SR, header.sopInstanceUid, srDataset(header, geRootConcept, geContent('Obs^One', scans)));
}

const yearly = (values: readonly Omit<Study, 'day'>[], years = 1, from = 2015): readonly Study[] =>
  values.map((value, index) => ({ day: `${from + years * index}-03-05`, ...value }));

const LEVELS = [
  [8.5, 12.1],
  [10.6, 13.2],
  [13.3, 14.6],
  [15.2, 16.0],
] as const;

/** The scenarios, a patient each, with the cases ("visit rule") that are to be there. */
const SCENARIOS: Readonly<Record<string, { readonly studies: readonly Study[]; readonly cases: readonly string[] }>> = {
  S1: {
    studies: yearly([780, 764, 748, 732, 716].map((left) => ({ spine: 850, left }))),
    cases: ['2017-03-05 L2_CONFIRMED_LOSS', '2019-03-05 L2_CONFIRMED_LOSS'],
  },
  S2: {
    studies: yearly([
      { spine: 900, left: 800 },
      { spine: 840, left: 750 },
    ]),
    cases: ['2016-03-05 L1_LOSS_AT_BOTH_SITES'],
  },
  S3: {
    studies: yearly([
      { spine: 850, left: 780 },
      { spine: 855, left: 740 },
    ]),
    cases: ['2016-03-05 L3_ROBUST_LOSS'],
  },
  S4: {
    studies: yearly(
      [
        { spine: 850, left: 780 },
        { spine: 870, left: 770 },
        { spine: 890, left: 760 },
      ],
      2,
    ),
    cases: ['2019-03-05 D1B_SPINE_UP_HIP_DOWN_SINCE_BASELINE'],
  },
  S5: { studies: yearly([780, 762].map((left) => ({ spine: 850, left }))), cases: ['2016-03-05 L4_SINGLE_LOSS'] },
  S6: { studies: yearly([780, 764].map((left) => ({ spine: 850, left }))), cases: [] },
  S7: {
    studies: yearly([
      { spine: 850, left: 780, right: 780 },
      { spine: 850, left: 760, right: 790 },
    ]),
    cases: [],
  },
  S8_PROVISIONAL: {
    studies: yearly([{ left: 780 }, { left: 740 }]).map((one) => ({ ...one, scanner: 'B' })),
    cases: [],
  },
  S8_OTHER_SCANNER: {
    studies: yearly([{ left: 780 }, { left: 740 }]).map((one, index) => ({ ...one, scanner: index === 0 ? 'A' : 'B' })),
    cases: [],
  },
  SPLIT: {
    studies: [
      { day: '2015-03-05', spine: 850, left: 780 },
      { day: '2017-03-05', spine: 890 },
      { day: '2017-03-05', left: 750 },
    ],
    cases: ['2017-03-05 D1_SPINE_UP_HIP_DOWN'],
  },
  RENEWED: {
    studies: [
      { day: '2021-03-01', spine: 850, left: 780, scanner: 'N' },
      { day: '2024-03-05', spine: 910, left: 730, scanner: 'N' },
    ],
    cases: ['2024-03-05 D1_SPINE_UP_HIP_DOWN'],
  },
  FROM_BEFORE: {
    studies: [
      { day: '2018-03-05', left: 780, scanner: 'N' },
      { day: '2021-03-05', left: 750, scanner: 'N' },
    ],
    cases: ['2021-03-05 L3_ROBUST_LOSS'],
  },
  OTHER_PERSON: {
    studies: [
      { day: '2021-03-05', levels: LEVELS, height: '1.70' },
      {
        day: '2023-03-05',
        levels: [
          [7, 10],
          [8.7, 10.8],
          [10.9, 12],
          [12.6, 13.3],
        ],
        height: '1.55',
      },
    ],
    cases: ['2023-03-05 MAYBE_OTHER_PERSON'],
  },
  T_AGAINST: {
    studies: yearly([
      { spine: 1000, spineT: -15 },
      { spine: 1010, spineT: -19 },
    ]),
    cases: ['2016-03-05 T_AGAINST_BMD'],
  },
  CHILD: {
    studies: [
      { day: '2019-03-05', spine: 520, left: 640, birthDate: '20100101' },
      { day: '2021-03-05', spine: 610, left: 610, birthDate: '20100101' },
    ],
    cases: [],
  },
  IMPOSSIBLE: {
    studies: [
      { day: '2021-03-05', left: 780 },
      { day: '2045-03-01', left: 700 },
    ],
    cases: [],
  },
};

/** Lines of the list of visits with errors, beside that of the other person: patient, day, findings. */
const FINDINGS = [
  'IMPOSSIBLE 2045-03-01 IMPOSSIBLE_DATE',
  'LEVELS 2023-03-05 LEVEL_SHIFT',
  'SAME 2023-03-05 SAME_NUMBERS_AGAIN',
];

const WITH_FINDINGS: Readonly<Record<string, readonly Study[]>> = {
  LEVELS: [
    { day: '2021-03-05', levels: LEVELS },
    {
      day: '2023-03-05',
      levels: [
        [7, 11.5],
        [8.5, 12.1],
        [10.6, 13.2],
        [13.3, 14.6],
      ],
    },
  ],
  SAME: [
    { day: '2021-03-05', levels: LEVELS, left: 780, neck: 700 },
    { day: '2023-03-05', levels: LEVELS, left: 780, neck: 700 },
  ],
};

const LSC_COLUMNS =
  'manufacturer,model_name,device_serial_number,station_name,region,vertebrae,laterality,lsc_g_per_cm2,confidence_level,valid_from,valid_to,source,author';
const lscLine = (serial: string, place: string, lsc: string, from = '2000-01-01', to = '') =>
  `GE Healthcare,Lunar iDXA,${serial},,${place},${lsc},0.95,${from},${to},precision study,A. Author`;
const SPINE = 'spine,"L1,L2,L3,L4",none';
const LSCS = [
  LSC_COLUMNS,
  lscLine('SV1', SPINE, '0.033'),
  lscLine('SV1', 'total_hip,,any', '0.017'),
  lscLine('SV1', 'total_hip,,mean', '0.014'),
  lscLine('SV1', 'femoral_neck,,any', '0.040'),
  lscLine('SV3', SPINE, '0.028', '2020-01-01', '2022-12-31'),
  lscLine('SV3', 'total_hip,,any', '0.020', '2020-01-01', '2022-12-31'),
  lscLine('SV3', SPINE, '0.036', '2023-01-01'),
  lscLine('SV3', 'total_hip,,any', '0.022', '2023-01-01'),
].join('\n');

describe('the scenarios of surveillance, from DICOM files to the lists', { timeout: 300_000 }, () => {
  let folder: string;
  let database: TestDatabase;
  const run = (...args: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const env = {
        PATH: process.env['PATH'] ?? '',
        DATABASE_URL: database.url,
        ARCHIVE_DIR: join(folder, 'archive'),
      };
      execFile(process.execPath, [BIN, ...args], { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        recordErrors('surveillance', stderr);
        if (error === null) resolve(stdout);
        else reject(new Error(`dxaflow ${args[0]} ended with ${error.code}: ${stderr}`));
      });
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dxaflow-surveillance-'));
    database = await createTestDatabase();
    const drop = join(folder, 'drop');
    mkdirSync(drop);
    const all = Object.entries(SCENARIOS).map(([name, { studies }]) => [name, studies] as const);
    for (const [name, studies] of [...all, ...Object.entries(WITH_FINDINGS)]) {
      for (const [index, study] of studies.entries()) {
        writeFileSync(join(drop, `${name}-${index}.dcm`), fileOf(name, study, index));
      }
    }
    writeFileSync(join(folder, 'lsc.csv'), LSCS);
    await run('lsc', 'import', join(folder, 'lsc.csv'), '--by', 'B. Physicist', '--note', 'precision studies');
    await run('ingest', drop);
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('open the cases that they are to open, and no other', async () => {
    const rows: readonly { patientId: string; followUpOn: string; rule: string }[] = JSON.parse(
      await run('qa', 'list', '--format', 'json', '--limit', '500'),
    );
    const found = rows.map(({ patientId, followUpOn, rule }) => `${patientId} ${followUpOn} ${rule}`).sort();
    const expected = Object.entries(SCENARIOS).flatMap(([name, { cases }]) => cases.map((one) => `${name} ${one}`));
    // A shifted level looks like a loss of the spine, and its finding stands beside the case.
    expect(found).toEqual([...expected, 'LEVELS 2023-03-05 L3_ROBUST_LOSS'].sort());
  });

  it('have their findings in the list of visits, one line a visit', async () => {
    const rows: readonly { patientId: string; scannedOn: string; findings: readonly string[] }[] = JSON.parse(
      await run('qa', 'list', '--list', 'visits', '--format', 'json', '--limit', '500'),
    );
    const lines = rows.map(({ patientId, scannedOn, findings }) => `${patientId} ${scannedOn} ${findings.join(' ')}`);
    expect(lines.filter((line) => !line.startsWith('OTHER_PERSON')).sort()).toEqual([...FINDINGS].sort());
  });

  it('have the pairs without an LSC and those that cannot be compared on their lists', async () => {
    const patients = async (list: string) =>
      (JSON.parse(await run('qa', 'list', '--list', list, '--format', 'json')) as readonly { patientId: string }[]).map(
        ({ patientId }) => patientId,
      );
    expect(await patients('lsc')).toEqual(['S8_PROVISIONAL']);
    expect(await patients('not-comparable')).toEqual(['S8_OTHER_SCANNER']);
  });

  it('count the cases of each topic', async () => {
    const count = async (topic: string) =>
      (
        JSON.parse(
          await run('qa', 'list', '--filter', `topic=${topic}`, '--format', 'json', '--limit', '500'),
        ) as readonly unknown[]
      ).length;
    expect([await count('loss'), await count('discordance'), await count('technical')]).toEqual([7, 3, 2]);
  });
});
