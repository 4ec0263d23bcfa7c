import { listPatientsToReassess } from '../../../src/db/night/selection.ts';
import type { Pool } from '../../../src/db/pool.ts';
import { RULE_SET_VERSION } from '../../../src/dxa/assess-patient.ts';
import { assessStoredPatient } from '../../../src/jobs/assess/assess.ts';

/** Judges whoever waits for it, as night and worker do; returns the patients' row ids. */
export async function assessWaiting(pool: Pool): Promise<readonly string[]> {
  const everybody = { afterId: '0', endId: '9223372036854775807', limit: 1000 };
  const patients = await listPatientsToReassess(pool, everybody, RULE_SET_VERSION);
  for (const patientId of patients) await assessStoredPatient(pool, patientId);
  return patients;
}

/** Current comparisons as "previous total_hip left 2020-01-01>2022-01-01 down -0.020000 lsc 0.017000". */
export async function currentComparisons(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `select concat_ws(' ', c.kind, c.region, c.laterality, c.reference_on || '>' || c.follow_up_on, c.verdict,
            c.delta_g_per_cm2, 'lsc', coalesce(c.lsc_g_per_cm2::text, 'none')) as line
       from comparison c join patient p on p.id = c.patient_id
      where c.superseded_at is null
      order by p.patient_id, c.follow_up_on, c.region, c.laterality, c.kind desc`,
  );
  return rows.map(({ line }) => line);
}

const COLUMNS =
  'manufacturer,model_name,device_serial_number,region,vertebrae,laterality,lsc_g_per_cm2,confidence_level,valid_from,valid_to,source,author';

export const lscCsvOf = (...lines: readonly string[]) => [COLUMNS, ...lines].join('\n');
/** One line of an LSC at 95 % for the test scanner. */
export const lscLine = (
  region: string,
  lsc: string,
  more: { from?: string; to?: string; level?: string; side?: string; serial?: string; source?: string } = {},
) =>
  [
    'GE Healthcare',
    'Lunar iDXA',
    more.serial ?? 'A1',
    region,
    region === 'spine' ? '"L1,L2,L3,L4"' : '',
    more.side ?? (region === 'spine' ? 'none' : 'any'),
    lsc,
    more.level ?? '0.95',
    more.from ?? '2000-01-01',
    more.to ?? '',
    more.source ?? 'precision study',
    'A. Author',
  ].join(',');
