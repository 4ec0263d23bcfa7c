import { trendOf } from '../../src/dxa/change/trend.ts';
import { calibrationLine } from '../../src/dxa/precision/calibration-line.ts';
import { bridge } from '../../src/dxa/precision/cross-calibration.ts';
import { fallbackLsc } from '../../src/dxa/precision/fallback-lsc.ts';
import { absoluteLsc, lscAt95 } from '../../src/dxa/precision/lsc.ts';
import { doubtsAbout } from '../../src/dxa/precision/plausible-lsc.ts';
import { evaluatePrecisionStudy, precisionOf, upperLimitFactor } from '../../src/dxa/precision/precision.ts';
import { regionScans } from '../../src/dxa/scan/region-scan.ts';
import { rebuild } from '../../src/dxa/scan/vertebral-set.ts';
import { twoSidedZ } from '../../src/dxa/values/distributions.ts';
import { type Bmd, formatMicro } from '../../src/dxa/values/quantity.ts';
import type { Vertebra } from '../../src/dxa/values/region.ts';
import { ASSESSMENT_SETTINGS, DEFAULT_SETTINGS } from '../../src/dxa/values/settings.ts';
import { bmd, crossCalibration, hip, L1_L4, lsc, roiOf, SCANNER_B, spine, study } from '../dxa/build-history.ts';
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
    lsc('total_hip', before, { lscId: 'a' }),
    lsc('total_hip', after, { lscId: 'b', validFrom: '2021-01-01' }),
  ];
  return grams(compare({ onFile: { lscEntries: entries } }).lsc?.leastSignificantChange ?? 0);
}

/** The limit across scanners with people of n 30, mean 0.95 and sum of squares 0.5, and LSCs of both scanners. */
function acrossScanners(standardErrorOfEstimate: number, plain: string): string {
  const comparison = compare({
    before: hip('left', '0.850'),
    after: hip('left', '0.820', { scanner: SCANNER_B }),
    onFile: {
      crossCalibrations: [crossCalibration({ slope: 1, intercept: 0, standardErrorOfEstimate, meanFrom: 0.95 })],
      lscEntries: [lsc('total_hip', plain), lsc('total_hip', plain, { lscId: 'b', scannerId: 'scanner-b' })],
    },
  });
  return grams(comparison.lsc?.leastSignificantChange ?? 0);
}

/** The error of one scan from people who were scanned once or twice on the later scanner, 0.02 apart. */
function errorOfEstimate(times: 1 | 2): string {
  const means = [734_000, 816_000, 918_000, 1_040_000];
  const line = calibrationLine(
    means.map((mean, index) => ({
      from: (700_000 + 100_000 * index) as Bmd,
      to: (times === 1 ? [mean] : [mean - 10_000, mean + 10_000]) as Bmd[],
    })),
  );
  return (line?.standardErrorOfEstimate ?? 0).toFixed(6);
}

/** What an LSC would be refused for when it is imported. */
function importOf(region: 'spine' | 'femoral_neck', text: string, precisionError: string | null): string {
  const { implausible } = doubtsAbout({
    roi: roiOf(region, region === 'spine' ? L1_L4 : []),
    leastSignificantChange: bmd(text),
    confidenceLevel: 0.95,
    precisionError: precisionError === null ? null : bmd(precisionError),
  });
  return implausible.length === 0 ? 'accepted' : `refused: ${implausible.join('; ')}`;
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
    ['R1.12', 'spine 0.33 imported', importOf('spine', '0.33', null)],
    ['R1.12', 'femoral neck 0.012 with a precision error of 0.012', importOf('femoral_neck', '0.012', '0.012')],
    ['R1.12', 'spine 0.033 with a precision error of 0.012', importOf('spine', '0.033', '0.012')],
    [
      'R2.1',
      'total hip 0.800 on the old scanner, line 0.010 + 1.02 · BMD',
      `${grams(across.converted)} g/cm² on the new one`,
    ],
    [
      'R2.2',
      'the same with SEE 0.015, n 30, mean 0.85, sum of squares 0.5',
      `prediction interval ${grams(across.predictionInterval)} g/cm²`,
    ],
    ['R2.1', 'four people of scatter 0.01, one scan each on the later scanner', `SEE ${errorOfEstimate(1)} g/cm²`],
    ['R2.1', 'the same means, each of two scans 0.02 apart', `SEE of one scan ${errorOfEstimate(2)} g/cm²`],
    [
      'R2.2',
      'BMD 0.850, SEE 0.012, n 30, mean 0.95, sum of squares 0.5, LSC of both scanners 0.033',
      `limit ${acrossScanners(0.012, '0.033')} g/cm²`,
    ],
    ['R2.2', 'the same with SEE 0.020', `limit ${acrossScanners(0.02, '0.033')} g/cm²`],
    ['R2.2', 'LSC 0.028 on the first day and 0.036 on the second', `${generalised('0.028', '0.036')} g/cm²`],
    ['R2.2', 'LSC 0.020 and 0.022', `${generalised('0.020', '0.022')} g/cm²`],
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
