import { pino } from 'pino';
import type { Pool } from '../../../src/db/pool.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { type NightOptions, runNight } from '../../../src/jobs/nightly/night.ts';
import { fileTestLsc, judge, storeVisit } from './stored-visit.ts';

/** What a night in a test has unless the test is about it: the schedule's, of everything, without a queue or an end. */
export const ORDINARY_NIGHT = {
  queues: null,
  limits: READ_LIMITS,
  filters: {},
  trigger: 'schedule',
  dryRun: false,
  recomputeOnly: false,
  sample: 1000,
  windowSeconds: null,
  stopping: new AbortController().signal,
  onChange: () => undefined,
  onProgress: () => undefined,
} as const satisfies Partial<NightOptions>;

/** A night without queue and reader: whatever has to be opened is missing from the archive. */
export async function runTestNight(pool: Pool, archiveDir: string, more: Partial<NightOptions> = {}) {
  return await runNight({
    pool,
    ...ORDINARY_NIGHT,
    log: pino({ level: 'silent' }),
    archiveDir,
    reader: {
      read: async () => Promise.reject(new Error('a file was read')),
      close: async () => undefined,
      limits: READ_LIMITS,
    },
    concurrency: 1,
    ...more,
  });
}

/**
 * A patient judged by wide LSCs, which are replaced by narrow ones before the night: it opens a case, and it finds the
 * files of both visits missing. Returns the ids of run and patient.
 */
export async function plantNight(
  pool: Pool,
  archiveDir: string,
  patientId: string,
): Promise<{ readonly run: string; readonly patient: string }> {
  await fileTestLsc(pool, '0.200', '0.200');
  await storeVisit(pool, { patientId, scannedOn: '2018-03-01', spine: '1.000', leftHip: '0.800' });
  const patient = await storeVisit(pool, { patientId, scannedOn: '2020-03-01', spine: '1.060', leftHip: '0.760' });
  await judge(pool, patient);
  await fileTestLsc(pool, '0.030', '0.020');
  const { runId } = await runTestNight(pool, archiveDir);
  return { run: runId ?? '', patient };
}
