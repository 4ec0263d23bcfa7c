import { awaitNightLock } from '../../db/night/lock.ts';
import { isNightAnswered, wasNightCutOff } from '../../db/night/run.ts';
import { DxaflowError } from '../../errors/errors.ts';
import type { NightJob } from '../../queue/job.ts';
import { type NightOptions, type NightResult, runLocked } from './night.ts';

export type ScheduledNight = Omit<NightOptions, 'trigger' | 'filters' | 'dryRun' | 'recomputeOnly'> & {
  readonly why: NightJob['why'];
  /** Of the job that asks for it; the same again when the queue gives the job to another worker. */
  readonly jobId: string;
  /** Another run is in progress: the nightly run starts when it ends. */
  readonly onWait: () => void;
};

/**
 * Runs the nightly run that a job asks for: at once, or after the run in progress, then with its whole window.
 * Null when it has been already. Throws NIGHT_NOT_BEGUN, which is transient, when the process stops while it waits: the
 * job stays and another process has it.
 */
export async function runScheduledNight({ why, jobId, onWait, ...rest }: ScheduledNight): Promise<NightResult | null> {
  const { pool, stopping } = rest;
  const lock = await awaitNightLock(pool, { stopping, onWait });
  if (lock === null) {
    throw new DxaflowError(
      'NIGHT_NOT_BEGUN',
      'The process stopped while the nightly run was waiting; it starts with the next process.',
      {
        transient: true,
      },
    );
  }
  let needed: boolean;
  try {
    needed = why === 'cut_off' ? await wasNightCutOff(pool) : !(await isNightAnswered(pool, jobId));
  } catch (error) {
    await lock.release();
    throw error;
  }
  if (!needed) {
    await lock.release();
    return null;
  }
  const all = { trigger: 'schedule', filters: {}, dryRun: false, recomputeOnly: false } as const;
  return await runLocked(lock, { ...rest, ...all }, jobId);
}
