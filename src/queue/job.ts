import { z } from 'zod';

/**
 * What a job carries: ids and nothing else, because queue data is clear text. Ids are decimal text, as everywhere.
 */
const ID = z.string().regex(/^\d+$/);

export const INGEST_QUEUE = 'ingest';
export const ASSESS_QUEUE = 'assess';
export const NIGHT_QUEUE = 'nightly';
/** Name of the cron pattern in the queue of nights. */
export const NIGHT_SCHEDULE = 'night';

export const INGEST_JOB = z.object({ sourceFileId: ID });
export const ASSESS_JOB = z.object({ patientId: ID });

/** Why a night is asked for: its hour has come, or a process found one that was cut off. */
export const NIGHT_JOB = z.object({ why: z.enum(['schedule', 'cut_off']) });

export type NightJob = z.infer<typeof NIGHT_JOB>;
export type IngestJob = z.infer<typeof INGEST_JOB>;
export type AssessJob = z.infer<typeof ASSESS_JOB>;
