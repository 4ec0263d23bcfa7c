import { createHash } from 'node:crypto';
import { inTransaction, type Pool } from '../../../src/db/pool.ts';
import { storeReport } from '../../../src/db/records/report.ts';
import { reportRow } from '../../../src/db/records/report-row.ts';
import { type Micro, parseMicro, type Quantity } from '../../../src/dxa/values/quantity.ts';
import type { Region, Vertebra } from '../../../src/dxa/values/region.ts';
import type { MeasuredValue, NormalisedReport } from '../../../src/dxa/values/report.ts';
import { scannerKey } from '../../../src/dxa/values/scanner-key.ts';
import { assessStoredPatient } from '../../../src/jobs/assess/assess.ts';

const L1_L4: readonly Vertebra[] = ['L1', 'L2', 'L3', 'L4'];

export type GivenVisit = {
  readonly patientId: string;
  readonly scannedOn: string;
  /** g/cm². */
  readonly spine?: string;
  readonly leftHip?: string;
  readonly serial?: string;
  readonly sex?: 'F' | 'M';
  readonly heightM?: string;
  /** Of several studies of one day; absent for the only one. */
  readonly study?: string;
  /** Of the scan, "09:00" where none is given. */
  readonly time?: string;
  /** Another analysis of the same study. */
  readonly analysis?: number;
  readonly institution?: string;
  readonly findings?: NormalisedReport['findings'];
};

const micro = (text: string): Micro => {
  const value = parseMicro(text);
  if (value === null) throw new RangeError(`not a decimal: ${text}`);
  return value;
};

function value(region: Region, text: string, quantity: Quantity, path: string): MeasuredValue {
  const spine = region === 'spine';
  return {
    scanType: spine ? 'spine' : 'hip',
    scanLabel: spine ? 'AP Spine' : 'Left Femur',
    roi: { region, vertebrae: spine ? L1_L4 : [] },
    laterality: spine ? 'none' : 'left',
    quantity,
    referencePopulation: '',
    value: micro(text),
    rawText: text,
    rawUnit: 'g/cm²',
    rawLabel: spine ? 'L1-L4' : 'Total',
    code: null,
    path,
  };
}

const uid = (...parts: readonly unknown[]) =>
  `1.2.${BigInt(`0x${createHash('sha256').update(parts.join('|')).digest('hex').slice(0, 24)}`)}`;

function reportOf(visit: GivenVisit): NormalisedReport {
  const study = uid(visit.patientId, visit.scannedOn, ...(visit.study === undefined ? [] : [visit.study]));
  const analysis = visit.analysis ?? 1;
  return {
    vendor: 'test',
    adapterVersion: '1',
    sopInstanceUid: uid(study, analysis),
    seriesInstanceUid: null,
    contentAt: `${visit.scannedOn}T10:00:0${analysis}`,
    patient: {
      patientId: visit.patientId,
      issuerOfPatientId: '',
      name: 'DOE^JANE',
      sex: visit.sex ?? 'F',
      birthDate: '1950-01-01',
    },
    study: {
      studyInstanceUid: study,
      accessionNumber: null,
      scannedAt: `${visit.scannedOn}T${visit.time ?? '09:00'}:00`,
      description: null,
    },
    equipment: {
      manufacturer: 'GE Healthcare',
      modelName: 'Lunar iDXA',
      deviceSerialNumber: visit.serial ?? 'A1',
      stationName: null,
      institutionName: visit.institution ?? 'Hospital North',
      softwareVersions: ['18'],
    },
    body: { heightM: visit.heightM === undefined ? null : micro(visit.heightM), weightKg: null, ethnicGroup: null },
    values: [
      ...(visit.spine === undefined ? [] : [value('spine', visit.spine, 'bmd', '1.1')]),
      ...(visit.leftHip === undefined ? [] : [value('total_hip', visit.leftHip, 'bmd', '1.2')]),
    ],
    claims: [],
    findings: visit.findings ?? [],
  };
}

/** Stores a visit the way ingesting its file does and returns the patient's row id. */
export async function storeVisit(pool: Pool, visit: GivenVisit): Promise<string> {
  const report = reportOf(visit);
  return await inTransaction(pool, async (transaction) => {
    const sha256 = createHash('sha256').update(report.sopInstanceUid).digest('hex');
    const { rows } = await transaction.query<{ id: string }>(
      `insert into source_file (sha256, byte_count, archive_path, drop_name, state, sop_instance_uid)
       values ($1, 1, $1, 'test.dcm', 'stored', $2)
       on conflict (sha256) do update set times_received = source_file.times_received + 1 returning id::text`,
      [sha256, report.sopInstanceUid],
    );
    const sourceFileId = rows[0]?.id ?? '';
    return (await storeReport(transaction, reportRow(report, 'test'), sourceFileId)).patientId;
  });
}

/** Judges a patient with the settings of the product. */
export async function judge(pool: Pool, patientId: string) {
  return await assessStoredPatient(pool, patientId);
}

/**
 * Puts LSCs of spine L1-L4 and left total hip on file, g/cm², in place of those in force, and marks every patient for a
 * new judgement, as an import does.
 */
export async function fileTestLsc(
  pool: Pool,
  spine: string,
  hip: string,
  options: { readonly serial?: string; readonly validTo?: string } = {},
): Promise<void> {
  const device = { manufacturer: 'GE Healthcare', modelName: 'Lunar iDXA', stationName: null };
  const { key } = scannerKey({ ...device, deviceSerialNumber: options.serial ?? 'A1' });
  await pool.query('update least_significant_change set retired_at = now() where scanner_key = $1', [key]);
  for (const [region, vertebrae, laterality, lsc] of [
    ['spine', 'L1,L2,L3,L4', 'none', spine],
    ['total_hip', '', 'left', hip],
  ] as const) {
    await pool.query(
      `insert into least_significant_change (scanner_key, manufacturer, model_name, device_serial_number, region,
          vertebrae, laterality, lsc_g_per_cm2, confidence_level, valid_from, valid_to, source, author)
       values ($1, 'GE Healthcare', 'Lunar iDXA', $2, $3, $4, $5, $6, 0.95, '2000-01-01', $7, 'test study', 'Dr Test')`,
      [key, options.serial ?? 'A1', region, vertebrae, laterality, lsc, options.validTo ?? null],
    );
  }
  await pool.query('update patient set revision = revision + 1');
}
