import type { Logger } from 'pino';
import { type Config, readConfig } from './config.ts';
import { migrate, readMigrations, requireCurrentSchema } from './db/migrate.ts';
import { openPool, type Pool } from './db/pool.ts';
import { attachEmbedded } from './embedded/attach.ts';
import { databaseError } from './embedded/codes.ts';
import type { ServerNews } from './embedded/lease.ts';
import { endWithParent } from './end-with-parent.ts';
import { codeOf, DxaflowError, EXIT } from './errors.ts';
import { openMetricsServer } from './http/metrics-server.ts';
import { createLog } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { connectQueues, QUEUE_NAMESPACE, type QueueSystem } from './queue/connect.ts';
import { isOutage } from './transient.ts';

export type Runtime = {
  readonly config: Config;
  readonly log: Logger;
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly queues: QueueSystem;
  readonly metrics: Metrics;
  /** Resolves when the process must end because its embedded database is elsewhere now; never otherwise. */
  readonly databaseLost: Promise<DxaflowError>;
  /** Registers what has to be closed at the end; the last registered is closed first. */
  readonly onClose: (close: () => Promise<void>) => void;
  readonly close: () => Promise<void>;
};

/**
 * Statements that a process runs at the same time: its judgements, or half its files, which mostly share theirs; with some
 * to spare for health checks and sweeps. Six processes stay below the hundred connections of an untuned PostgreSQL.
 */
const poolSize = (config: Config) => Math.max(Math.ceil(config.ingestConcurrency / 2), config.assessConcurrency) + 6;

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

async function connectDatabase(config: Config, log: Logger): Promise<Database> {
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

/**
 * Connects a process to its database and queue. The embedded database is brought to this release's schema; a given one
 * must be there already (SCHEMA_OLD says how), unless `migrates` is set, as for `dxaflow migrate`.
 */
export async function openRuntime(
  config: Config,
  process: string,
  options: { readonly migrates: boolean; readonly queueNamespace: string },
): Promise<Runtime> {
  const log = createLog(config.logLevel, process);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => log.error({ err: error }, 'closing failed'));
    }
  };
  try {
    const database = await connectDatabase(config, log);
    closers.push(database.release);
    const pool = openPool(database.url, {
      max: poolSize(config),
      applicationName: `dxaflow ${process}`,
      onError: (error) => log.warn({ err: error }, 'database connection lost'),
    });
    closers.push(() => pool.end());
    const migrations = await readMigrations();
    if (options.migrates || config.databaseUrl === undefined) await migrate(pool, migrations);
    else await requireCurrentSchema(pool, migrations);
    const queues = connectQueues(config.queueUrl ?? database.url, options.queueNamespace, { lockMs: config.jobLockMs });
    const metrics = createMetrics(process);
    return {
      config,
      log,
      databaseUrl: database.url,
      pool,
      queues,
      metrics,
      databaseLost: database.lost,
      close,
      onClose: (closer) => closers.push(closer),
    };
  } catch (error) {
    await close();
    throw asDatabaseAway(error);
  }
}

/** Says on standard error what stopped a process and returns its exit code. */
export function reportFatal(log: Logger, error: unknown): number {
  log.fatal({ err: error }, 'process cannot go on');
  if (error instanceof DxaflowError) return error.exitCode;
  return EXIT.failure;
}

/** Opens METRICS_PORT before the work starts, so that a process that cannot start its work still says that it lives. */
async function serveMetrics(runtime: Runtime): Promise<void> {
  const { metricsPort, httpHost } = runtime.config;
  if (metricsPort === undefined) return;
  const server = await openMetricsServer(runtime.metrics, { host: httpHost, port: metricsPort });
  runtime.onClose(server.close);
  runtime.log.info({ port: server.port }, 'metrics');
}

/** Ctrl-C reaches a process from its terminal and once more from npm: that is one wish, not the impatience of a second. */
const SAME_SIGNAL_MS = 1000;

/**
 * Runs a worker process: reads the configuration, connects, starts, and on SIGTERM, SIGINT or SIGHUP closes everything within
 * STOP_TIMEOUT_MS. Exit code 0 after a clean stop, 1 when something had to be cut off, 78 for the configuration.
 */
export async function runProcess(name: string, start: (runtime: Runtime) => Promise<void>): Promise<void> {
  let config: Config;
  try {
    config = readConfig(process.env);
  } catch (error) {
    process.exitCode = reportFatal(createLog('info', name), error);
    return;
  }
  // Node would print the error itself with its message, and a database's message may quote a row.
  process.on('uncaughtException', (error) => {
    reportFatal(createLog(config.logLevel, name), error);
    process.exit(EXIT.failure);
  });
  const stopped = Promise.withResolvers<void>();
  let signalledAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signalledAt === undefined) {
      signalledAt = performance.now();
      createLog(config.logLevel, name).info({ signal }, 'stopping');
      stopped.resolve();
    } else if (performance.now() - signalledAt > SAME_SIGNAL_MS) {
      process.exit(EXIT.failure);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  endWithParent(process.env);

  const log = createLog(config.logLevel, name);
  let runtime: Runtime | undefined;
  try {
    runtime = await openRuntime(config, name, { migrates: false, queueNamespace: QUEUE_NAMESPACE });
    await serveMetrics(runtime);
    await start(runtime);
    log.info({ queue: runtime.queues.backend, pid: process.pid }, 'ready');
    const lost = await Promise.race([stopped.promise, runtime.databaseLost]);
    if (lost !== undefined) throw lost;
  } catch (error) {
    process.exitCode = reportFatal(log, error);
  }
  const cutOff = setTimeout(() => {
    log.fatal({ timeoutMs: config.stopTimeoutMs }, 'did not stop in time; what was at work is taken up again');
    process.exit(EXIT.failure);
  }, config.stopTimeoutMs);
  await runtime?.close();
  clearTimeout(cutOff);
  log.info({}, 'stopped');
  // Whatever timer a library still holds must not keep a stopped process alive.
  process.exit();
}
