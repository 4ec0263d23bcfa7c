import { z } from 'zod';
import type { CalibrationPair, NewCrossCalibration } from '../../db/registry/cross-calibration.ts';
import { calibrationLine } from '../../dxa/precision/calibration-line.ts';
import { type RegionOfInterest, vertebraeKey } from '../../dxa/values/region.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import {
  bmdText,
  day,
  LATERALITY_OR_ANY,
  optional,
  parseCsvRows,
  REGION_COLUMNS,
  roiOf,
  text,
  twoDeviceColumns,
  twoDevicesOf,
  wholeNumberText,
} from './csv-rows.ts';

const decimal = (error: string) =>
  z
    .string({ error })
    .regex(/^-?\d{0,2}\.?\d{1,6}$/, { error })
    .transform(Number);
const grams = decimal('must be g/cm² with a decimal point and at most six places');
const above0 = (error: string) => decimal(error).refine((value) => value > 0, { error });

const COMMON = {
  ...twoDeviceColumns(),
  ...REGION_COLUMNS,
  laterality: LATERALITY_OR_ANY,
  valid_from: day,
  valid_to: optional(day),
  source: text('where the cross-calibration comes from'),
  author: text('who is responsible for it'),
  note: z.string().default(''),
};

/** The columns of crosscal.csv, one line per relationship; docs/crosscal-csv.md explains each. */
const FIGURES = z.object({
  ...COMMON,
  slope: above0('must be a number above 0, e.g. 1.012'),
  intercept_g_per_cm2: grams,
  standard_error_of_estimate_g_per_cm2: above0('must be given in g/cm²: without it no interval can be computed'),
  n: wholeNumberText.refine((n) => n >= 3, { error: 'must be at least 3' }),
  mean_from_g_per_cm2: optional(grams),
  sum_of_squares_from: optional(above0('must be a number above 0 in (g/cm²)²')),
  min_from_g_per_cm2: optional(grams),
  max_from_g_per_cm2: optional(grams),
});

const bmd = bmdText(/^[0-3]?\.\d{1,6}$/, 'must be g/cm² with a decimal point and at most six places');

/** The columns of a file of pairs, one line per person; docs/crosscal-csv.md. */
const PAIR = z.object({
  ...COMMON,
  subject: text('the person, by a code of the study'),
  from_bmd_g_per_cm2: bmd,
  to_bmd_g_per_cm2: bmd,
  to_bmd_2_g_per_cm2: optional(bmd),
});

type Common = z.infer<z.ZodObject<typeof COMMON>>;
type Described = Pick<
  NewCrossCalibration,
  'from' | 'to' | 'roi' | 'laterality' | 'validFrom' | 'validTo' | 'source' | 'author' | 'note'
>;

function describe(row: Common): Described | string {
  const devices = twoDevicesOf(row);
  if (typeof devices === 'string') return devices;
  const roi: RegionOfInterest | string = roiOf(row, row.laterality);
  if (typeof roi === 'string') return roi;
  if (row.valid_to !== null && row.valid_to < row.valid_from) return 'valid_to must not be before valid_from';
  const { laterality, valid_from: validFrom, valid_to: validTo, source, author, note } = row;
  return { ...devices, roi, laterality, validFrom, validTo, source, author, note };
}

/** Reads crosscal.csv. Throws CROSSCAL_INVALID with every line that breaks a rule. */
export function parseCrossCalibrationCsv(csv: string): readonly NewCrossCalibration[] {
  return parseCsvRows(csv, 'CROSSCAL_INVALID', FIGURES, (row) => {
    const described = describe(row);
    if (typeof described === 'string') return described;
    return {
      ...described,
      slope: row.slope,
      intercept: row.intercept_g_per_cm2,
      standardErrorOfEstimate: row.standard_error_of_estimate_g_per_cm2,
      n: row.n,
      meanFrom: row.mean_from_g_per_cm2,
      sumOfSquaresFrom: row.sum_of_squares_from,
      minFrom: row.min_from_g_per_cm2,
      maxFrom: row.max_from_g_per_cm2,
      pairs: [],
    };
  });
}

/** Six places, as the columns keep them: what is judged with is what is shown. */
const round = (value: number) => Math.round(value * 1e6) / 1e6;

/** Reads a file of pairs and computes one relationship for each two scanners, region, side and first day. */
export function parseCalibrationPairsCsv(csv: string): readonly NewCrossCalibration[] {
  const rows = parseCsvRows(csv, 'CROSSCAL_INVALID', PAIR, (row, line) => {
    const described = describe(row);
    if (typeof described === 'string') return described;
    const { subject, from_bmd_g_per_cm2: from, to_bmd_g_per_cm2: to, to_bmd_2_g_per_cm2: toAgain } = row;
    const pair: CalibrationPair = { subject, from, to, toAgain, source: `line ${line}` };
    return { described, pair };
  });
  const groups = Map.groupBy(rows, ({ described: { from, to, roi, laterality, validFrom } }) =>
    [from.scannerKey, to.scannerKey, roi.region, vertebraeKey(roi.vertebrae), laterality, validFrom].join(' '),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const pairs = group.map(({ pair }) => pair);
    const again = pairs.find(({ subject }, index) => pairs.findIndex((one) => one.subject === subject) < index);
    if (again !== undefined) {
      throw new DxaflowError(
        'CROSSCAL_INVALID',
        `Nothing was imported. ${again.source} names a person of an earlier line: a second scan on the later scanner stands in to_bmd_2_g_per_cm2.`,
        { exitCode: EXIT.usage },
      );
    }
    const line = calibrationLine(
      pairs.map(({ from, to, toAgain }) => ({ from, to: toAgain === null ? [to] : [to, toAgain] })),
    );
    if (line === null || round(line.slope) <= 0 || round(line.standardErrorOfEstimate) <= 0) {
      throw new DxaflowError(
        'CROSSCAL_INVALID',
        `Nothing was imported. The group that begins at ${first.pair.source} gives no relationship: it takes three people with different values, a rising line and some scatter.`,
        { exitCode: EXIT.usage },
      );
    }
    const entries = Object.entries(line).map(([name, value]) => [name, round(value)]);
    return [{ ...first.described, ...(Object.fromEntries(entries) as typeof line), pairs }];
  });
}
