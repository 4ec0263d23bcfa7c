import { assessPatient } from '../../src/dxa/assess-patient.ts';
import type { StudyOfPatient } from '../../src/dxa/study/history.ts';
import { formatMicro } from '../../src/dxa/values/quantity.ts';
import { describeVertebrae } from '../../src/dxa/values/region.ts';
import { ASSESSMENT_SETTINGS } from '../../src/dxa/values/settings.ts';
import { hip, history, lsc, MH, spine, study } from '../dxa/build-history.ts';
import { spineOf } from '../dxa/explanations/explain-situation.ts';
import { codes } from './page.ts';

type Given = Parameters<typeof study>[2];
type Row = Given[number];

const DAYS = ['2018-03-01', '2020-03-01', '2022-03-01'] as const;

const neck = (text: string, tScore?: string): Row =>
  hip('left', text, { region: 'femoral_neck', ...(tScore === undefined ? {} : { tScore }) });
const radius = (text: string): Row => hip('left', text, { region: 'radius_33' });
const areas = (text: string, bmc: string, area: string): Row => hip('left', text, { bmc, area });
const scores = (spineT: string, hipT: string): Given => [
  spine('0.900', { tScore: spineT }),
  hip('left', '0.700', { tScore: hipT }),
];

const ON_FILE = {
  ...MH,
  lscEntries: [
    ...MH.lscEntries,
    lsc('radius_33', '0.030'),
    lsc('total_hip', '0.014', { lscId: 'lsc-mean', laterality: 'mean' }),
  ],
};

/** Visits of one woman, two years apart, with the LSCs spine 0.033, total hip 0.017, mean of both 0.014, femoral neck 0.040, radius 0.030. */
const CASES: readonly (readonly Given[])[] = [
  [
    [spine('0.850'), hip('left', '0.780')],
    [spine('0.883'), hip('left', '0.763')],
  ],
  [
    [spine('0.850'), hip('left', '0.780')],
    [spine('0.882'), hip('left', '0.764')],
  ],
  [
    [spine('0.850'), hip('left', '0.780')],
    [spine('0.890'), hip('left', '0.755')],
  ],
  [
    [spine('0.850'), hip('left', '0.780'), neck('0.700')],
    [spine('0.890'), hip('left', '0.780'), neck('0.655')],
  ],
  [
    [spine('0.890'), hip('left', '0.755')],
    [spine('0.850'), hip('left', '0.780')],
  ],
  [
    [spine('0.850'), hip('left', '0.780')],
    [spine('0.890'), hip('left', '0.785')],
  ],
  [
    [spine('0.850'), hip('left', '0.780')],
    [spine('0.850'), hip('left', '0.755')],
  ],
  [
    [hip('left', '0.780'), neck('0.700')],
    [hip('left', '0.800'), neck('0.655')],
  ],
  [
    [hip('left', '0.780'), hip('right', '0.780')],
    [hip('left', '0.760'), hip('right', '0.797')],
  ],
  [spineOf([0.9, 0.95, 1, 1.05]), spineOf([0.86, 0.91, 1.07, 1.01])],
  [
    spineOf([0.9, 0.95, 1, 1.05], ['-1.5', '-1.2', '-1.0', '-0.8']),
    spineOf([0.9, 0.95, 1, 1.05], ['-1.5', '-1.2', '-0.1', '-0.8']),
  ],
  [[areas('0.800', '24.00', '30.00')], [areas('0.775', '24.00', '30.97')]],
  [scores('-1.0', '-2.5')],
  [scores('-1.1', '-2.5')],
  [[neck('0.700', '-2.4')], [neck('0.690', '-2.5')]],
  [[neck('0.700', '-2.5')], [neck('0.690', '-2.4')]],
  [[spine('1.000', { tScore: '-1.5' })], [spine('1.010', { tScore: '-1.9' })]],
  [
    [spine('0.850'), hip('left', '0.780')],
    [spine('0.870'), hip('left', '0.770')],
    [spine('0.890'), hip('left', '0.760')],
  ],
  [
    [spine('0.890'), hip('left', '0.760')],
    [spine('0.870'), hip('left', '0.770')],
    [spine('0.850'), hip('left', '0.780')],
  ],
  [
    [spine('0.850'), hip('left', '0.780'), hip('right', '0.780')],
    [spine('0.890'), hip('left', '0.760'), hip('right', '0.785')],
  ],
  [
    [spine('0.850'), hip('left', '0.780'), hip('right', '0.780')],
    [spine('0.850'), hip('left', '0.760'), hip('right', '0.790')],
  ],
  [
    [spine('0.900'), hip('left', '0.800')],
    [spine('0.840'), hip('left', '0.750')],
  ],
  [[hip('left', '0.780')], [hip('left', '0.764')], [hip('left', '0.748')]],
  [[hip('left', '0.780')], [hip('left', '0.762')]],
  [[hip('left', '0.780')], [hip('left', '0.764')]],
  [[areas('0.800', '24.00', '30.00')], [areas('0.800', '26.80', '33.50')]],
  [[hip('left', '0.800')], [hip('left', '0.750')], [hip('left', '0.775')]],
  [[hip('left', '0.800')], [hip('left', '0.740')], [hip('left', '0.783')]],
  [
    [spine('0.850'), radius('0.700')],
    [spine('0.890'), radius('0.660')],
  ],
];

const NAMES: Readonly<Record<string, string>> = { radius_33: '33 % radius' };

function describeRow(index: number, visits: readonly StudyOfPatient[]): string {
  const [first] = visits;
  const one = first?.measurements[index];
  if (one === undefined) return '';
  const { roi, laterality } = one;
  const side = laterality === 'none' ? '' : `${laterality} `;
  const region = NAMES[roi.region] ?? roi.region.replaceAll('_', ' ');
  const name = `${side}${region}${roi.vertebrae.length > 0 ? ` ${describeVertebrae(roi.vertebrae)}` : ''}`;
  const line = (pick: (visit: StudyOfPatient) => string) => {
    const [before = '', ...changed] = [...new Set(visits.map(pick))];
    return changed.length > 0 || visits.length === 1 ? [before, ...changed].join(' → ') : `${before} unchanged`;
  };
  const bmd = line((visit) => formatMicro(visit.measurements[index]?.bmd?.value ?? 0, 3));
  const hasScore = one.tScores.length > 0;
  const hasArea = roi.region !== 'spine' && one.area !== null;
  const score = (visit: StudyOfPatient) =>
    formatMicro(visit.measurements[index]?.tScores[0]?.value ?? 0, 1).replace('-', '−');
  const area = (visit: StudyOfPatient) => formatMicro(visit.measurements[index]?.area?.value ?? 0, 2);
  return `${name} ${bmd}${hasScore ? ` (T ${line(score)})` : ''}${hasArea ? ` (area ${line(area)} cm²)` : ''}`;
}

/** What was measured, and every rule that saw something in the last visit, with its strength. */
export function workedCases(): readonly (readonly [measured: string, rules: string, tier: string, strength: string])[] {
  return CASES.map((given) => {
    const visits = given.map((rows, index) => study(String(index), DAYS[index + 3 - given.length] ?? '', rows));
    const found = assessPatient(history(...visits), ON_FILE, ASSESSMENT_SETTINGS).cases.filter(
      ({ followUpStudyId }) => followUpStudyId === visits.at(-1)?.studyId,
    );
    const measured = (visits[0]?.measurements ?? []).map((_, index) => describeRow(index, visits)).join('; ');
    if (found.length === 0) return [measured, 'none', '', ''];
    return [
      measured,
      codes(found.map(({ rule }) => rule)),
      found.map(({ tier }) => tier).join(', '),
      found.map(({ strength }) => strength.toFixed(2)).join(', '),
    ];
  });
}
