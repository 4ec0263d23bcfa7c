import { createHash } from 'node:crypto';
import { inTransaction, type Pool } from '../../../src/db/pool.ts';
import { storeReport } from '../../../src/db/records/report.ts';
import { reportRow } from '../../../src/db/records/report-row.ts';
import { type Micro, parseMicro } from '../../../src/dxa/values/quantity.ts';
import type { Laterality, Region, ScanType, Vertebra } from '../../../src/dxa/values/region.ts';
import type { MeasuredValue, NormalisedReport, ReportEquipment, VendorClaim } from '../../../src/dxa/values/report.ts';

export const IDXA: ReportEquipment = {
  manufacturer: 'GE Healthcare',
  modelName: 'Lunar iDXA',
  deviceSerialNumber: 'A1',
  stationName: null,
  institutionName: null,
  softwareVersions: ['18'],
};
export const IDXA_B: ReportEquipment = { ...IDXA, deviceSerialNumber: 'B1' };
export const L1_L4: readonly Vertebra[] = ['L1', 'L2', 'L3', 'L4'];

export type GivenScan = {
  readonly region: Region;
  readonly bmd: string;
  readonly laterality?: Laterality;
  readonly vertebrae?: readonly Vertebra[];
};
export const spine = (bmd: string): GivenScan => ({ region: 'spine', bmd, vertebrae: L1_L4 });
export const hip = (laterality: Laterality, bmd: string): GivenScan => ({ region: 'total_hip', laterality, bmd });

export type GivenStudy = {
  readonly patient: string;
  readonly uid: string;
  readonly scannedAt: string;
  readonly scans: readonly GivenScan[];
  readonly equipment?: ReportEquipment;
  readonly contentAt?: string;
  readonly sopInstanceUid?: string;
  readonly claims?: readonly VendorClaim[];
};

const micro = (text: string): Micro => {
  const value = parseMicro(text);
  if (value === null) throw new RangeError(`not a decimal: ${text}`);
  return value;
};

const scanTypeOf = (region: Region): ScanType =>
  region === 'spine' ? 'spine' : region.startsWith('whole_body') ? 'whole_body' : 'hip';

function measuredValue(scan: GivenScan, index: number): MeasuredValue {
  return {
    scanType: scanTypeOf(scan.region),
    scanLabel: scanTypeOf(scan.region),
    roi: { region: scan.region, vertebrae: scan.vertebrae ?? [] },
    laterality: scan.laterality ?? 'none',
    quantity: 'bmd',
    referencePopulation: '',
    value: micro(scan.bmd),
    rawText: scan.bmd,
    rawUnit: 'g/cm2',
    rawLabel: scan.region,
    code: null,
    path: `1.${index + 1}`,
  };
}

function reportOf(given: GivenStudy): NormalisedReport {
  return {
    vendor: 'test',
    adapterVersion: '1',
    sopInstanceUid: given.sopInstanceUid ?? `${given.uid}.1`,
    seriesInstanceUid: null,
    contentAt: given.contentAt ?? given.scannedAt,
    patient: { patientId: given.patient, issuerOfPatientId: '', name: null, sex: 'F', birthDate: '1950-01-01' },
    study: { studyInstanceUid: given.uid, accessionNumber: null, scannedAt: given.scannedAt, description: null },
    equipment: given.equipment ?? IDXA,
    body: { heightM: null, weightKg: null, ethnicGroup: null },
    values: given.scans.map(measuredValue),
    claims: given.claims ?? [],
    findings: [],
  };
}

/** Stores one report as ingest does, without a file; returns the row id of its patient. */
export async function storeStudy(pool: Pool, given: GivenStudy): Promise<string> {
  const report = reportOf(given);
  return await inTransaction(pool, async (transaction) => {
    const sha256 = createHash('sha256').update(JSON.stringify(report)).digest('hex');
    const { rows } = await transaction.query<{ id: string }>(
      `insert into source_file (sha256, byte_count, archive_path, drop_name, state, sop_instance_uid)
       values ($1, 1, $1, $1, 'stored', $2) returning id::text`,
      [sha256, report.sopInstanceUid],
    );
    return (await storeReport(transaction, reportRow(report, 'test'), rows[0]?.id ?? '')).patientId;
  });
}
