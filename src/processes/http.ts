import { addMetricsRoute } from '../http/metrics-server.ts';
import { buildServer } from '../http/server.ts';
import { openJobQueues } from '../jobs/enqueue.ts';
import type { Runtime } from '../runtime.ts';
import { measureState } from './state-metrics.ts';

/** Serves the review pages and the health checks; resolves with the address once it listens. */
export async function startHttp(runtime: Runtime): Promise<string> {
  const { config, log, pool } = runtime;
  const queues = await openJobQueues(runtime.queues, (error) => log.warn({ err: error }, 'queue connection'));
  runtime.onClose(queues.close);
  const server = buildServer({ pool, queueCounts: queues.counts });
  addMetricsRoute(server, runtime.metrics);
  await server.listen({ host: config.httpHost, port: config.httpPort });
  runtime.onClose(async () => await server.close());
  measureState(runtime.metrics, pool, queues);
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.httpPort;
  const host = config.httpHost.includes(':') ? `[${config.httpHost}]` : config.httpHost;
  const url = `http://${host}:${port}/`;
  log.info({ url }, 'review page');
  return url;
}
