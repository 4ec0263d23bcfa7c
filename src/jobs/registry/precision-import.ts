import { createHash } from 'node:crypto';
import { z } from 'zod';
import { lockRegistry, type Signature } from '../../db/audit.ts';
import { inTransaction, type Pool } from '../../db/pool.ts';
import type { Device } from '../../db/registry/device.ts';
import { insertPrecisionStudy, type NewPrecisionStudy, type PrecisionScan } from '../../db/registry/precision.ts';
import { evaluatePrecisionStudy } from '../../dxa/precision/precision.ts';
import { type Laterality, type RegionOfInterest, vertebraeKey } from '../../dxa/values/region.ts';
import type { PrecisionSettings } from '../../dxa/values/settings.ts';
import {
  bmdText,
  DEVICE_COLUMNS,
  day,
  deviceOf,
  LATERALITY,
  optional,
  parseCsvRows,
  REGION_COLUMNS,
  roiOf,
  text,
} from './csv-rows.ts';

/** The columns of precision.csv, one line per scan; docs/precision-csv.md explains each. */
const ROW = z.object({
  ...DEVICE_COLUMNS,
  technologist: z.string().default(''),
  subject: text('the person, by a code of the study'),
  ...REGION_COLUMNS,
  laterality: LATERALITY,
  scanned_on: optional(day),
  bmd_g_per_cm2: bmdText(/^[0-3]?\.\d{1,6}$/, 'must be g/cm² with a decimal point and at most six places').refine(
    (value) => value >= 100_000 && value <= 3_000_000,
    { error: 'must be from 0.1 to 3 g/cm²' },
  ),
});

/** A scan with what it is a scan of. */
export type LocatedScan = {
  readonly device: Device;
  readonly roi: RegionOfInterest;
  readonly laterality: Laterality;
  readonly scan: PrecisionScan;
};

/** Reads precision.csv. Throws PRECISION_INVALID with every line that breaks a rule. */
export function parsePrecisionCsv(csv: string): readonly LocatedScan[] {
  return parseCsvRows(csv, 'PRECISION_INVALID', ROW, (row, line) => {
    const device = deviceOf(row);
    if (typeof device === 'string') return device;
    const roi = roiOf(row, row.laterality);
    if (typeof roi === 'string') return roi;
    const { technologist, subject, scanned_on: scannedOn, bmd_g_per_cm2: bmd } = row;
    const scan = { technologist, subject, scannedOn, bmd, source: `line ${line}` };
    return { device, roi, laterality: row.laterality, scan };
  });
}

const keyOf = ({ device, roi, laterality }: LocatedScan) =>
  [device.scannerKey, roi.region, vertebraeKey(roi.vertebrae), laterality].join(' ');

/** Evaluates every scanner, region and side among the scans on its own (R1.1 to R1.6). */
export function precisionStudiesOf(
  located: readonly LocatedScan[],
  origin: NewPrecisionStudy['origin'],
  settings: PrecisionSettings,
): readonly NewPrecisionStudy[] {
  return [...Map.groupBy(located, keyOf)].flatMap(([key, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const scans = group.map(({ scan }) => scan);
    // Two technologists on one person are two sets of repeats: between them lies more than precision.
    const repeats = [...Map.groupBy(scans, ({ technologist, subject }) => JSON.stringify([technologist, subject]))];
    const result = evaluatePrecisionStudy(
      repeats.map(([, own]) => ({
        subject: own[0]?.subject ?? '',
        technologist: own[0]?.technologist ?? null,
        values: own.map(({ bmd }) => bmd),
      })),
      first.roi.region,
      settings,
    );
    const contents = scans.map(({ technologist, subject, scannedOn, bmd }) => [technologist, subject, scannedOn, bmd]);
    const contentHash = createHash('sha256')
      .update(JSON.stringify([key, contents]))
      .digest('hex');
    const { lscFactor, minimumDegreesOfFreedom, upperLimitLowerTail } = settings;
    const used = { lscFactor, minimumDegreesOfFreedom, upperLimitLowerTail };
    const { device, roi, laterality } = first;
    return [{ ...device, roi, laterality, scans, result, settings: used, contentHash, origin }];
  });
}

export type PrecisionImport = { readonly imported: readonly string[]; readonly unchanged: number };

/** Puts precision studies on file; nothing is judged by them before their LSC is filed. */
export async function importPrecisionStudies(
  pool: Pool,
  studies: readonly NewPrecisionStudy[],
  signature: Signature,
): Promise<PrecisionImport> {
  return await inTransaction(pool, async (transaction) => {
    await lockRegistry(transaction);
    const imported: string[] = [];
    for (const study of studies) {
      const id = await insertPrecisionStudy(transaction, study, signature);
      if (id !== null) imported.push(id);
    }
    return { imported, unchanged: studies.length - imported.length };
  });
}
