import { trendOf } from '../../src/dxa/change/trend.ts';
import { bridge } from '../../src/dxa/precision/cross-calibration.ts';
import { fallbackLsc } from '../../src/dxa/precision/fallback-lsc.ts';
import { absoluteLsc, lscAt95 } from '../../src/dxa/precision/lsc.ts';
import { evaluatePrecisionStudy, precisionOf, upperLimitFactor } from '../../src/dxa/precision/precision.ts';
import { regionScans } from '../../src/dxa/scan/region-scan.ts';
import { rebuild } from '../../src/dxa/scan/vertebral-set.ts';
import { twoSidedZ } from '../../src/dxa/values/distributions.ts';
import { formatMicro } from '../../src/dxa/values/quantity.ts';
import type { Vertebra } from '../../src/dxa/values/region.ts';
import { ASSESSMENT_SETTINGS, DEFAULT_SETTINGS } from '../../src/dxa/values/settings.ts';
import { bmd, crossCalibration, lsc, spine, study } from '../dxa/build-history.ts';
import { compare } from '../dxa/compare-pair.ts';

type Example = readonly [rule: string, given: string, gives: string];

const grams = (micro: number) => formatMicro(micro, 6);
const at95 = (text: string, confidenceLevel: number) =>
  grams(lscAt95(lsc('total_hip', text, { confidenceLevel }), ASSESSMENT_SETTINGS));

/** Two operators' total body BMC of eight people (8.1). */
const DUPLICATES = [
  [1.327, 1.323],
  [1.336, 1.322],
  [1.078, 1.073],
  [1.227, 1.233],
  [0.938, 0.934],
  [1.004, 1.019],
  [1.18, 1.184],
  [1.288, 1.304],
].map((values, index) => ({ subject: String(index), technologist: null, values }));

/** Area and BMC of four vertebrae (8.14). */
const LEVELS = [
  ['L1', '12.10', '11.50'],
  ['L2', '13.20', '14.10'],
  ['L3', '14.60', '16.20'],
  ['L4', '16.00', '17.80'],
] as const;

function rebuilt(...vertebrae: readonly Vertebra[]): string {
  const rows = LEVELS.map(([level, area, bmc]) => spine('1.000', { vertebrae: [level], area, bmc }));
  const [scan] = regionScans(study('1', '2020-03-01', rows));
  const density = scan === undefined ? null : rebuild(scan, vertebrae);
  return density === null ? '' : grams(density.bmd);
}

function generalised(before: string, after: string): string {
  const entries = [
    lsc('total_hip', before, { lscId: 'a', validTo: '2020-12-31' }),
    lsc('total_hip', after, { lscId: 'b', validFrom: '2021-01-01' }),
  ];
  const settings = { lscAcrossEntries: 'generalised' } as const;
  return grams(compare({ onFile: { lscEntries: entries }, settings }).lsc?.leastSignificantChange ?? 0);
}

function technologist(cv: number): string {
  // Two scans that differ by d have an SD of d / sqrt(2).
  const difference = cv * Math.SQRT2;
  const values = [100 - difference / 2, 100 + difference / 2];
  const scans = Array.from({ length: 30 }, (_, index) => ({ subject: String(index), technologist: 'T', values }));
  const [result] = evaluatePrecisionStudy(scans, 'spine', DEFAULT_SETTINGS).technologists;
  return `LSC ${(DEFAULT_SETTINGS.lscFactor.value * (result?.rmsCv ?? 0)).toFixed(2)} %, ${result?.withinCeiling ? 'within' : 'above'}`;
}

/** Every figure is computed by the product's own functions. */
export function arithmetic(): readonly Example[] {
  const duplicates = precisionOf(DUPLICATES, DEFAULT_SETTINGS);
  const across = bridge(crossCalibration(), bmd('0.800'));
  const days = ['2018-03-01', '2020-03-01', '2022-03-01'];
  const line = (values: readonly string[]) => {
    const points = values.map((text, index) => ({ scannedOn: days[index] ?? '', bmd: bmd(text) }));
    const trend = trendOf(points, bmd('0.017'), ASSESSMENT_SETTINGS.significanceOperator);
    return trend === null
      ? ''
      : `${trend.verdict}, ${trend.strength.toFixed(2)} times the smallest significant slope, ${formatMicro(trend.annualRate, 4)} g/cm² a year`;
  };
  const missing = compare({ onFile: { lscEntries: [] } });
  return [
    [
      'R1.1',
      'eight people twice, total body BMC of 8.1',
      `RMS-SD ${duplicates.precisionError.toFixed(7)}, RMS-CV ${duplicates.rmsCv.toFixed(4)} %`,
    ],
    [
      'R1.3',
      'precision error 0.010 g/cm² with 27 degrees of freedom',
      `upper limit ${(0.01 * upperLimitFactor(27, DEFAULT_SETTINGS.upperLimitLowerTail)).toFixed(6)} g/cm²`,
    ],
    [
      'R1.4',
      'precision error 0.015 g/cm², one scan at each visit, 95 %',
      `LSC ${(DEFAULT_SETTINGS.lscFactor.value * 0.015).toFixed(4)} g/cm²`,
    ],
    [
      'R1.4',
      'the same at 80 % (Bonnick prints 0.027)',
      `LSC ${(twoSidedZ(0.8) * Math.SQRT2 * 0.015).toFixed(4)} g/cm²`,
    ],
    ['R1.4', 'LSC 0.028 given at 68 %', `${at95('0.028', 0.68)} g/cm² at 95 %`],
    ['R1.4', 'LSC 0.027 given at 80 %', `${at95('0.027', 0.8)} g/cm² at 95 %`],
    ['R1.5', 'spine, one technologist, RMS-CV 1.90 %', technologist(1.9)],
    ['R1.5', 'spine, one technologist, RMS-CV 1.94 %', technologist(1.94)],
    ['R1.7', 'LSC 2.8 % of a cohort with mean 0.985 g/cm²', `${grams(absoluteLsc(2.8, bmd('0.985')))} g/cm²`],
    [
      'R1.9',
      'total hip 0.800, no LSC on file',
      `${missing.verdict}, shown beside ${grams(fallbackLsc('total_hip', bmd('0.800'), ASSESSMENT_SETTINGS)?.leastSignificantChange ?? 0)} g/cm²`,
    ],
    [
      'R2.1',
      'total hip 0.800 on the old scanner, line 0.010 + 1.02 · BMD',
      `${grams(across.converted)} g/cm² on the new one`,
    ],
    [
      'R2.2',
      'the same with SEE 0.015, n 30, mean 0.85, sum of squares 0.5',
      `limit ${grams(across.generalisedLsc)} g/cm²`,
    ],
    [
      'R2.2',
      'LSC 0.028 on the first day and 0.036 on the second, `lscAcrossEntries` = generalised',
      `${generalised('0.028', '0.036')} g/cm²`,
    ],
    ['R2.3', 'vertebrae of 8.14, L1-L4', `${rebuilt('L1', 'L2', 'L3', 'L4')} g/cm²`],
    ['R2.3', 'the same vertebrae, L2-L4', `${rebuilt('L2', 'L3', 'L4')} g/cm²`],
    ['4.6', 'total hip 0.780, 0.770, 0.760, two years apart, LSC 0.017', line(['0.780', '0.770', '0.760'])],
    ['4.6', 'total hip 0.780, 0.772, 0.764, two years apart, LSC 0.017', line(['0.780', '0.772', '0.764'])],
  ];
}

/** z' and factor of the LSC with one scan at each visit, by confidence level. */
export function multipliers(): readonly (readonly string[])[] {
  return [0.68, 0.8, 0.9, 0.95, 0.99].map((level) => {
    const z = twoSidedZ(level);
    return [
      `${Math.round(100 * level)} %`,
      z.toFixed(4),
      (z * Math.SQRT2).toFixed(4),
      (twoSidedZ(0.95) / z).toFixed(4),
    ];
  });
}

export function upperLimits(): readonly (readonly string[])[] {
  return [14, 27, 28, 30, 42, 60, 90, 120].map((df) => [
    String(df),
    upperLimitFactor(df, DEFAULT_SETTINGS.upperLimitLowerTail).toFixed(4),
  ]);
}
