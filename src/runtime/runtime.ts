import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { openPool, type Pool } from '../db/pool.ts';
import { levelOf, migrate, readMigrations, requireWorkableSchema } from '../db/schema/migrate.ts';
import { DxaflowError, EXIT } from '../errors/errors.ts';
import { createMetrics, type Metrics } from '../health/metrics.ts';
import { type States, watchStates } from '../health/states.ts';
import { openMetricsServer } from '../http/metrics-server.ts';
import { connectQueues, QUEUE_NAMESPACE, type QueueSystem } from '../queue/connect.ts';
import { type Closers, openClosers } from './closers.ts';
import { type Config, readConfig } from './config.ts';
import { asDatabaseAway, connectDatabase } from './connect-database.ts';
import { endWithParent } from './end-with-parent.ts';
import { createLog } from './log.ts';
import { measureStates } from './state-metrics.ts';
import { describeSurroundings, type Surroundings } from './surroundings.ts';

export type Runtime = Closers & {
  readonly config: Config;
  readonly log: Logger;
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly queues: QueueSystem;
  readonly metrics: Metrics;
  /** Resolves when the process must end because its embedded database is elsewhere now; never otherwise. */
  readonly databaseLost: Promise<DxaflowError>;
  /** What is wrong with what the process needs; code that meets such an error notes it here instead of logging it. */
  readonly states: States;
  /** Resolves when the database was migrated beyond what this process can work with. */
  readonly outdated: Promise<void>;
  /** The process has something to say even then: it waits for its restart instead of ending. */
  readonly standBy: () => void;
  readonly standsBy: () => boolean;
};

/**
 * Statements that a process runs at the same time: its judgements, or half its files, which mostly share theirs; with some
 * to spare for health checks and sweeps. Six processes stay below the hundred connections of an untuned PostgreSQL.
 */
const poolSize = (config: Config) => Math.max(Math.ceil(config.ingestConcurrency / 2), config.assessConcurrency) + 6;

/**
 * Connects a process to its database and queue. The embedded database is brought to this release's schema; a given one
 * must be there already (SCHEMA_OLD says how), unless `migrates` is set, as for `dxaflow migrate`. A `brief` process, such
 * as a command, does not watch what it needs.
 */
export async function openRuntime(
  config: Config,
  process: string,
  options: { readonly migrates: boolean; readonly queueNamespace: string; readonly brief?: true },
): Promise<Runtime> {
  const log = createLog(config.logLevel, process);
  const closers = openClosers(log);
  let surroundings: Surroundings | undefined;
  let standsBy = false;
  try {
    const states = watchStates(log, (conditions) => surroundings?.share(conditions));
    closers.onClose(states.close);
    const database = await connectDatabase(config, log);
    closers.onClose(database.release);
    const pool = openPool(database.url, {
      max: poolSize(config),
      applicationName: `dxaflow ${process}`,
      onError: (error) => states.note('database', error),
    });
    closers.onClose(() => pool.end());
    const migrations = await readMigrations();
    if (options.migrates || config.databaseUrl === undefined) await migrate(pool, migrations);
    else await requireWorkableSchema(pool, migrations);
    const queueUrl = config.queueUrl ?? database.url;
    const { queueNamespace } = options;
    const level = levelOf(migrations);
    surroundings = describeSurroundings({
      process,
      states,
      pool,
      databaseUrl: database.url,
      queueUrl,
      queueNamespace,
      level,
    });
    if (options.brief === undefined) surroundings.watch();
    const queues = connectQueues(queueUrl, queueNamespace, {
      lockMs: config.jobLockMs,
      onOutage: (error) => states.note('database', error),
      isOutdated: surroundings.isOutdated,
    });
    const metrics = createMetrics(process);
    measureStates(metrics, states);
    return {
      config,
      log,
      databaseUrl: database.url,
      pool,
      queues,
      metrics,
      databaseLost: database.lost,
      states,
      outdated: surroundings.outdated,
      standBy: () => {
        standsBy = true;
      },
      standsBy: () => standsBy,
      ...closers,
    };
  } catch (error) {
    await closers.close();
    throw asDatabaseAway(error);
  }
}

/** Says on standard error what stopped a process and returns its exit code. */
function reportFatal(log: Logger, error: unknown): number {
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
 * STOP_TIMEOUT_MS. Exit code 0 after a clean stop, 1 when something had to be cut off, 78 for the configuration
 * and when the database was migrated beyond this release.
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
    const why = await Promise.race([
      stopped.promise,
      runtime.databaseLost,
      runtime.outdated.then(() => 'outdated' as const),
    ]);
    if (why === 'outdated') {
      // Told by the line of its state. What is at work is done or handed back; nothing of it counts as failed.
      await Promise.race([runtime.stopWork(), stopped.promise, sleep(config.stopTimeoutMs)]);
      if (runtime.standsBy()) await stopped.promise;
      else process.exitCode = EXIT.configuration;
    } else if (why !== undefined) {
      throw why;
    }
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
