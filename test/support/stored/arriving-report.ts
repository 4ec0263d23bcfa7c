import { createHash } from 'node:crypto';
import type { Pool } from '../../../src/db/pool.ts';
import { inTransaction } from '../../../src/db/pool.ts';
import { reportRow } from '../../../src/db/records/report-row.ts';
import { type Micro, parseMicro, type Quantity } from '../../../src/dxa/values/quantity.ts';
import type { Laterality, Region } from '../../../src/dxa/values/region.ts';
import type { MeasuredValue, NormalisedReport } from '../../../src/dxa/values/report.ts';
import { assessStoredPatient } from '../../../src/jobs/assess/assess.ts';
import { storeOutcome } from '../../../src/jobs/ingest/store-outcome.ts';
import { RECEIVED_ON } from '../dicom/received.ts';
import { IDXA, L1_L4 } from './stored-study.ts';

const micro = (text: string): Micro => {
  const value = parseMicro(text);
  if (value === null) throw new RangeError(`not a decimal: ${text}`);
  return value;
};

export function measured(
  region: Region,
  laterality: Laterality,
  quantity: Quantity,
  text: string,
  scanLabel = 'Scan',
): MeasuredValue {
  return {
    scanType: region === 'spine' ? 'spine' : 'hip',
    scanLabel,
    roi: { region, vertebrae: region === 'spine' ? L1_L4 : [] },
    laterality,
    quantity,
    referencePopulation: '',
    value: micro(text),
    rawText: text,
    rawUnit: null,
    rawLabel: region,
    code: null,
    path: `1.${region}.${laterality}.${quantity}`,
  };
}

type Change = Partial<Omit<NormalisedReport, 'patient' | 'equipment' | 'study'>> & {
  readonly uid: string;
  readonly day?: string;
  readonly study?: string;
  readonly patient?: Partial<NormalisedReport['patient']>;
  readonly equipment?: Partial<NormalisedReport['equipment']>;
};

/** A report of patient P1 with what a test is about. */
export function reportWith({ uid, day = '2024-03-05', study, patient, equipment, ...rest }: Change): NormalisedReport {
  return {
    vendor: 'test',
    adapterVersion: '1',
    sopInstanceUid: uid,
    seriesInstanceUid: null,
    contentAt: `${day}T10:00:00`,
    patient: { patientId: 'P1', issuerOfPatientId: 'H', name: null, sex: 'F', birthDate: '1950-01-01', ...patient },
    study: {
      studyInstanceUid: study ?? `2.25.${day.replaceAll('-', '')}`,
      accessionNumber: null,
      scannedAt: `${day}T09:30:00`,
      description: null,
    },
    equipment: { ...IDXA, ...equipment },
    body: { heightM: null, weightKg: null, ethnicGroup: null },
    values: [],
    claims: [],
    findings: [],
    ...rest,
  };
}

/** Takes a report in as its file's job does, and judges whom it concerns; the same report again is the same file. */
export async function arrive(pool: Pool, report: NormalisedReport): Promise<string | null> {
  const sha256 = createHash('sha256').update(JSON.stringify(report)).digest('hex');
  const { rows } = await pool.query<{ id: string; attempts: number }>(
    `insert into source_file (sha256, byte_count, archive_path, drop_name, state) values ($1, 1, $1, 'test', 'received')
     on conflict (sha256) do update set times_received = source_file.times_received + 1 returning id::text, attempts`,
    [sha256],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('insert returned no row');
  const { id, attempts } = row;
  const known = { receivedOn: RECEIVED_ON, supersededById: null } as const;
  const file = { ...known, id, sha256, archivePath: sha256, state: 'received', attempts } as const;
  const outcome = { ok: true, report: reportRow(report, 'test') } as const;
  const stored = await inTransaction(pool, (transaction) => storeOutcome(transaction, file, outcome));
  if (stored.patientId !== null) await assessStoredPatient(pool, stored.patientId);
  return stored.patientId;
}
