import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Pool } from '../../db/pool.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import type { States } from '../../health/states.ts';
import type { JobQueues } from '../../jobs/work/enqueue.ts';

/** Why a try to sign in came to nothing. */
export type SignInFailure = 'wrong' | 'throttled' | 'token' | 'token_throttled';

export type ServerContext = {
  readonly pool: Pool;
  readonly log: Logger;
  readonly queues: Pick<JobQueues, 'counts' | 'enqueueAssessments' | 'enqueueIngests'>;
  /** When the next night is due; absent where no queue of nights is at hand. */
  readonly nextNight?: () => Promise<Date | null>;
  /** What is wrong with what the process needs. */
  readonly states: Pick<States, 'look' | 'current' | 'note'>;
  readonly archiveDir: string;
  readonly dropDir: string;
  readonly limits: ReadLimits;
  /** One person on one machine: a link printed at start signs the browser in, from this machine only. */
  readonly singleUser: boolean;
  /** Addresses and networks of proxies that say truly for whom they ask; absent: none. */
  readonly trustedProxies?: readonly string[];
  readonly countSignInFailure?: (failure: SignInFailure) => void;
};

/** A Fastify whose routes are typed by their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Id of a row; decimal text everywhere. */
export const ROW_ID = z.string().regex(/^\d{1,18}$/, { error: 'must be a row id' });
export const BY_ID = z.object({ id: ROW_ID });
