import type { Logger } from 'pino';
import { attachEmbedded } from '../embedded/attach.ts';
import { databaseError } from '../embedded/codes.ts';
import type { ServerNews } from '../embedded/lease.ts';
import { codeOf, type DxaflowError } from '../errors/errors.ts';
import { isOutage } from '../errors/transient.ts';
import type { Config } from './config.ts';

type Database = {
  readonly url: string;
  readonly release: () => Promise<void>;
  readonly lost: Promise<DxaflowError>;
};

const NEWS = {
  down: 'embedded PostgreSQL ended; it is started again',
  up: 'embedded PostgreSQL is up again',
  unwatched: 'the keeper of the embedded PostgreSQL ended; another one takes over',
  watched: 'the embedded PostgreSQL has a keeper again',
} as const;

function logNews(log: Logger, news: ServerNews): void {
  if (typeof news === 'string') log.warn({ embedded: news }, NEWS[news]);
  else log.error({ err: news.failed }, 'embedded PostgreSQL does not start; it is tried again');
}

/** Takes the database that is configured, or a lease of the embedded one. */
export async function connectDatabase(config: Config, log: Logger): Promise<Database> {
  const lost = Promise.withResolvers<DxaflowError>();
  if (config.databaseUrl !== undefined) {
    return { url: config.databaseUrl, release: async () => undefined, lost: lost.promise };
  }
  const embedded = await attachEmbedded(config.homeDir, {
    onNews: (news) => logNews(log, news),
    onLost: lost.resolve,
  });
  return { url: embedded.databaseUrl, release: embedded.release, lost: lost.promise };
}

/** An error of a statement, in words where it is the database that does not answer. */
export function asDatabaseAway(error: unknown): unknown {
  return isOutage(error) ? databaseError('DATABASE_AWAY', `Cause: ${codeOf(error)}.`, error) : error;
}
