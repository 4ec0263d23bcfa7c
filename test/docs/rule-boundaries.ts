import { isWide } from '../../src/dxa/scan/score-gap.ts';
import type { Agent, Marker } from '../../src/dxa/study/context.ts';
import type { OnFile } from '../../src/dxa/study/history.ts';
import { classifyTScore } from '../../src/dxa/values/classification.ts';
import { hip, lsc, micro, SCANNER_B, spine } from '../dxa/build-history.ts';
import { type Case, compare } from '../dxa/compare-pair.ts';
import { checklistOf } from '../dxa/nothing-known.ts';
import { code } from './page.ts';

type Boundary = readonly [rule: string, what: string, result: string];

const codeOf = (rule: string, given: Case): string => {
  const found = compare(given).checks.find((check) => check.rule === rule);
  return `${found?.outcome} ${code(found?.code ?? '')}`;
};

const verdictOf = (before: string, after: string) =>
  code(compare({ before: hip('left', before), after: hip('left', after) }).verdict);

const weights = (before: string, after: string): Case => ({
  studyBefore: { weightKg: micro(before) },
  studyAfter: { weightKg: micro(after) },
});

const spineAreas = (after: string): Case => ({
  before: spine('1.000', { bmc: '60', area: '60' }),
  after: spine('1.000', { bmc: after, area: after }),
});

const hipAreas = (bmc: string, area: string): Case => ({
  before: hip('left', '0.800', { bmc: '24', area: '30' }),
  after: hip('left', '0.800', { bmc, area }),
});

const inForce = (validFrom: string, validTo: string): Case => ({
  onFile: { lscEntries: [lsc('total_hip', '0.017', { validFrom, validTo })] },
});

const epoch = (startsOn: string): { readonly onFile: Partial<OnFile> } => ({
  onFile: { scannerEpochs: [{ epochId: '1', scannerId: 'scanner-a', startsOn, reason: 'relocation' }] },
});

const software = (after: string): Case => ({ after: hip('left', '0.780', { softwareVersions: [after] }) });

/** A marker the day before the start of an agent on 2021-09-01 and half a year after it. */
function markerText(agent: Agent, marker: Marker, first: number, last: number): string {
  const known = checklistOf({
    therapies: [{ agent, startedOn: '2021-09-01', endedOn: null }],
    markers: [
      { marker, takenOn: '2021-08-31', value: first },
      { marker, takenOn: '2022-03-01', value: last },
    ],
  }).find((item) => item.code === 'TURNOVER_MARKERS')?.known;
  return known ?? '';
}

/** What the code does exactly at each limit and one step beside it; every result is computed. */
export function boundaries(): readonly Boundary[] {
  return [
    ['R1.4', 'total hip 0.800 → 0.783, LSC 0.017: exactly the LSC', verdictOf('0.800', '0.783')],
    [
      'R1.4',
      'total hip 0.817 → 0.800, LSC 0.017: exactly the LSC, 0.01699… in binary fractions',
      verdictOf('0.817', '0.800'),
    ],
    ['R1.4', 'total hip 0.800 → 0.784, LSC 0.017', verdictOf('0.800', '0.784')],
    [
      'C1',
      'scans on two scanners, both on 2022-03-01',
      codeOf('C1', { beforeOn: '2022-03-01', after: hip('left', '0.780', { scanner: SCANNER_B }) }),
    ],
    ['C2', 'scans on 2020-03-01 and 2022-03-01, epoch from 2022-03-01', codeOf('C2', epoch('2022-03-01'))],
    ['C2', 'scans on 2020-03-01 and 2022-03-01, epoch from 2020-03-01', codeOf('C2', epoch('2020-03-01'))],
    ['C5', 'software 18 → 18.1', codeOf('C5', software('18.1'))],
    ['C5', 'software 18 → 19', codeOf('C5', software('19'))],
    [
      'C8',
      'L1-L4 before, L2 alone now',
      codeOf('C8', { before: spine('0.9'), after: spine('0.9', { vertebrae: ['L2'] }) }),
    ],
    ['C13', 'total hip area 30.00 → 30.57 cm² (1.9 %), BMC 24.00 → 24.46 g', codeOf('C13', hipAreas('24.46', '30.57'))],
    ['C13', 'total hip area 30.00 → 30.63 cm² (2.1 %), BMC 24.00 → 24.50 g', codeOf('C13', hipAreas('24.50', '30.63'))],
    ['C13', 'spine area 60.00 → 61.00 cm²: exactly 1 cm²', codeOf('C13', spineAreas('61.00'))],
    ['C13', 'spine area 60.00 → 61.01 cm²', codeOf('C13', spineAreas('61.01'))],
    [
      'C13',
      'total hip area 30.00 → 30.30 cm²: exactly 1 %, BMC 24.00 → 27.00 g',
      codeOf('C13', hipAreas('27.00', '30.30')),
    ],
    ['C13', 'total hip area 30.00 → 30.33 cm², BMC 24.00 → 27.00 g', codeOf('C13', hipAreas('27.00', '30.33'))],
    ['C14', 'weight 65.0 → 60.0 kg', codeOf('C14', weights('65.0', '60.0'))],
    ['C14', 'weight 65.1 → 60.0 kg', codeOf('C14', weights('65.1', '60.0'))],
    ['C15', 'scans 365 days apart', codeOf('C15', { beforeOn: '2021-03-01' })],
    ['C15', 'scans 364 days apart', codeOf('C15', { beforeOn: '2021-03-02' })],
    [
      'C16',
      'LSC valid from the day of the first scan to the day of the second',
      codeOf('C16', inForce('2020-03-01', '2022-03-01')),
    ],
    ['C16', 'LSC valid from the day after the first scan', codeOf('C16', inForce('2020-03-02', '2022-03-01'))],
    ['C16', 'LSC valid from the day after the second scan', codeOf('C16', inForce('2022-03-02', '2024-03-01'))],
    ['C16', 'LSC valid to the day before the second scan', codeOf('C16', inForce('2020-03-01', '2022-02-28'))],
    ...['-1.0', '-1.04', '-1.1', '-2.4', '-2.45', '-2.5'].map(
      (score): Boundary => ['R3.1', `T-score ${score.replace('-', '−')}`, code(classifyTScore(micro(score)))],
    ),
    [
      'R2.5',
      'T-scores of neighbours 1.0 apart',
      isWide({ pair: '', tenths: 10 }) ? 'stands out' : 'does not stand out',
    ],
    [
      'R2.5',
      'T-scores of neighbours 1.1 apart',
      isWide({ pair: '', tenths: 11 }) ? 'stands out' : 'does not stand out',
    ],
    ['4.5', 'CTX 0.50 → 0.22 on alendronate: a fall of exactly 56 %', markerText('alendronate', 'CTX', 0.5, 0.22)],
    ['4.5', 'CTX 0.50 → 0.21 on alendronate', markerText('alendronate', 'CTX', 0.5, 0.21)],
    ['4.5', 'P1NP 40 → 120 on teriparatide', markerText('teriparatide', 'P1NP', 40, 120)],
    ['4.5', 'P1NP 50 → 69 on teriparatide: a rise of exactly 38 %', markerText('teriparatide', 'P1NP', 50, 69)],
  ];
}
