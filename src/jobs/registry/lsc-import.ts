import { z } from 'zod';
import { lockRegistry, type Signature } from '../../db/audit.ts';
import {
  type Affected,
  countJudgedBy,
  type LscPlace,
  touchPatientsOfLsc,
  unknownScanners,
} from '../../db/judgement/dependents.ts';
import { inTransaction, type Pool, type Queryable } from '../../db/pool.ts';
import { fileLsc, type NewLsc } from '../../db/registry/lsc.ts';
import { absoluteLsc } from '../../dxa/precision/lsc.ts';
import { doubtsAbout } from '../../dxa/precision/plausible-lsc.ts';
import { describeVertebrae } from '../../dxa/values/region.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import {
  bmdText,
  DEVICE_COLUMNS,
  day,
  deviceOf,
  LATERALITY_OR_ANY,
  optional,
  parseCsvRows,
  REGION_COLUMNS,
  roiOf,
  text,
  wholeNumberText,
} from './csv-rows.ts';

const NO_LEVEL = 'must be given as a fraction, e.g. 0.95: an LSC without its confidence level says nothing';
const BELOW_ONE = /^0?\.(?=\d*[1-9])\d{1,6}$/;
const figure = bmdText(BELOW_ONE, 'must be g/cm² with a decimal point and at most six places, above 0 and below 1');

/** The columns of lsc.csv; docs/lsc-csv.md explains each. */
const ROW = z.object({
  ...DEVICE_COLUMNS,
  ...REGION_COLUMNS,
  laterality: LATERALITY_OR_ANY,
  lsc_g_per_cm2: optional(figure),
  lsc_percent: optional(
    z
      .string()
      .regex(/^(?=.*[1-9])\d{1,2}(\.\d{1,3})?$/, { error: 'must be percent with at most three places, e.g. 2.8' }),
  ),
  cohort_mean_g_per_cm2: optional(
    bmdText(/^[0-3]?\.\d{1,6}$/, 'must be the mean BMD of the precision cohort in g/cm², e.g. 0.985'),
  ),
  confidence_level: z
    .string({ error: NO_LEVEL })
    .regex(/^0\.\d{1,4}$/, { error: NO_LEVEL })
    .transform(Number)
    .refine((level) => level >= 0.5, { error: 'must be at least 0.5' }),
  valid_from: day,
  valid_to: optional(day),
  precision_error_g_per_cm2: optional(figure),
  precision_error_upper_g_per_cm2: optional(figure),
  degrees_of_freedom: optional(wholeNumberText),
  operator: z.string().default(''),
  source: text('where the LSC comes from'),
  author: text('who is responsible for it'),
  note: z.string().default(''),
});

type Row = z.infer<typeof ROW>;

/** The absolute LSC of a row: as given, or from percent and the cohort's mean (R1.7). */
function absoluteOf(row: Row): Pick<NewLsc, 'leastSignificantChange' | 'given'> | string {
  const { lsc_g_per_cm2, lsc_percent, cohort_mean_g_per_cm2 } = row;
  if (lsc_g_per_cm2 !== null) {
    if (lsc_percent === null && cohort_mean_g_per_cm2 === null) {
      return { leastSignificantChange: lsc_g_per_cm2, given: null };
    }
    return 'lsc_g_per_cm2 and lsc_percent exclude each other';
  }
  if (lsc_percent === null) return 'lsc_g_per_cm2 must be given, or lsc_percent with cohort_mean_g_per_cm2';
  if (cohort_mean_g_per_cm2 === null) {
    return 'cohort_mean_g_per_cm2 must be given: percent of the patient’s BMD would be too lenient where BMD is low';
  }
  return {
    leastSignificantChange: absoluteLsc(Number(lsc_percent), cohort_mean_g_per_cm2),
    given: { lscPercent: lsc_percent, cohortMean: cohort_mean_g_per_cm2 },
  };
}

function toEntry(row: Row): NewLsc | string {
  const roi = roiOf(row, row.laterality);
  if (typeof roi === 'string') return roi;
  if (row.valid_to !== null && row.valid_to < row.valid_from) return 'valid_to must not be before valid_from';
  const device = deviceOf(row);
  if (typeof device === 'string') return device;
  const absolute = absoluteOf(row);
  if (typeof absolute === 'string') return absolute;
  return {
    ...device,
    ...absolute,
    roi,
    laterality: row.laterality,
    confidenceLevel: row.confidence_level,
    precisionError: row.precision_error_g_per_cm2,
    precisionErrorUpper: row.precision_error_upper_g_per_cm2,
    degreesOfFreedom: row.degrees_of_freedom,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    operator: row.operator,
    precisionStudyId: null,
    despite: null,
    source: row.source,
    author: row.author,
    note: row.note,
  };
}

/** Reads lsc.csv. Throws LSC_INVALID with every line that breaks a rule; then nothing at all is imported. */
export function parseLscCsv(csv: string): readonly NewLsc[] {
  return parseCsvRows(csv, 'LSC_INVALID', ROW, toEntry);
}

/** What filing entries did, before anybody is judged by them. */
export type FiledLscs = {
  readonly imported: number;
  readonly unchanged: number;
  /** Entries that took the place of another, with what the other had judged. */
  readonly corrections: readonly (Affected & { readonly lscId: string; readonly replacesId: string })[];
  /** Where somebody can now be judged otherwise. */
  readonly places: readonly LscPlace[];
  /** What speaks against entries that were filed nevertheless, one sentence each. */
  readonly warnings: readonly string[];
};

export type LscImport = Omit<FiledLscs, 'places'> & {
  readonly patientsToAssess: number;
  /** Keys of scanners that no stored report names. */
  readonly unknownScanners: readonly string[];
};

/**
 * Puts LSCs on file and marks the patients they can judge for a new judgement; the sweep sees to it. Throws
 * LSC_IMPLAUSIBLE for what can hardly be right, unless `despite` says why it is; the reason stays with those entries.
 */
export async function importLsc(
  pool: Pool,
  entries: readonly NewLsc[],
  signature: Signature,
  despite: string | null = null,
): Promise<LscImport> {
  const checked = withReason(entries, despite);
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const { places, ...filed } = await fileLscs(transaction, checked, signature);
    return {
      ...filed,
      patientsToAssess: places.length === 0 ? 0 : await touchPatientsOfLsc(transaction, places),
      unknownScanners: await unknownScanners(
        transaction,
        entries.map(({ scannerKey }) => scannerKey),
      ),
    };
  });
}

const placeText = ({ roi, laterality, validFrom }: NewLsc) =>
  [roi.region, describeVertebrae(roi.vertebrae), laterality === 'none' ? '' : laterality, `from ${validFrom}`]
    .filter((word) => word !== '')
    .join(' ');

const doubtsOf = (entries: readonly NewLsc[]) =>
  entries.map((entry) => ({ entry, about: placeText(entry), doubts: doubtsAbout(entry) }));

/** Notes the reason with the entries that need one; throws LSC_IMPLAUSIBLE where it is missing. */
export function withReason(entries: readonly NewLsc[], despite: string | null): readonly NewLsc[] {
  const reason = despite?.trim() ?? '';
  const doubtful = doubtsOf(entries).filter(({ doubts }) => doubts.implausible.length > 0);
  if (doubtful.length > 0 && reason === '') {
    const lines = doubtful.flatMap(({ about, doubts }) => doubts.implausible.map((doubt) => `${about}: ${doubt}`));
    throw new DxaflowError(
      'LSC_IMPLAUSIBLE',
      `Nothing was imported. ${lines.join('; ')}. If it is right, --despite "reason" imports it with the reason.`,
      { exitCode: EXIT.usage },
    );
  }
  const named = new Set(doubtful.map(({ entry }) => entry));
  return entries.map((entry) => (named.has(entry) ? { ...entry, despite: reason } : entry));
}

/** Puts checked entries on file in the caller's transaction and marks nobody. */
export async function fileLscs(
  transaction: Queryable,
  entries: readonly NewLsc[],
  signature: Signature,
): Promise<FiledLscs> {
  const corrections: (Affected & { lscId: string; replacesId: string })[] = [];
  const changed: NewLsc[] = [];
  let imported = 0;
  for (const entry of entries) {
    const filed = await fileLsc(transaction, entry, signature);
    if (filed === null) continue;
    imported += 1;
    if (judges(entry)) changed.push(entry);
    if (filed.replaced === null) continue;
    const affected = await countJudgedBy(transaction, { lscId: filed.replaced.lscId });
    corrections.push({ lscId: filed.lscId, replacesId: filed.replaced.lscId, ...affected });
  }
  return {
    imported,
    unchanged: entries.length - imported,
    corrections,
    // What an entry corrects has its scanner and region.
    places: changed.map(lscPlaceOf),
    warnings: doubtsOf(entries).flatMap(({ about, doubts, entry }) => [
      ...doubts.warnings.map((warning) => `${about}: ${warning}.`),
      ...(entry.despite === null ? [] : doubts.implausible.map((doubt) => `${about}: ${doubt}; filed despite it.`)),
    ]),
  };
}

/** A technologist's own LSC is on file for comparison; the one of the whole site judges (R1.6). */
export const judges = ({ operator }: Pick<NewLsc, 'operator'>): boolean => operator === '';

/** Where an LSC can judge. */
export const lscPlaceOf = ({ scannerKey, roi }: NewLsc): LscPlace => ({ scannerKey, region: roi.region });
