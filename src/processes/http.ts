import { hashSecret, newSecret } from '../credentials/secret.ts';
import { addEnterLink } from '../db/access/session.ts';
import { isLoopback } from '../http/access/address.ts';
import { addMetricsRoute } from '../http/metrics-server.ts';
import { buildServer } from '../http/server.ts';
import { openJobQueues } from '../jobs/work/enqueue.ts';
import { NIGHT_QUEUE, NIGHT_SCHEDULE, type NightJob } from '../queue/job.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { measureState } from '../runtime/state-metrics.ts';

const ENTER_LINK_SECONDS = 24 * 60 * 60;
/** Cases can be read and decided upon while the queue is away. */
const PATIENCE = { ms: 3000, late: 'go on' } as const;
const LOCAL_HOSTS: readonly string[] = ['localhost', '::1'];

/**
 * Serves the review pages, the API and the health checks; resolves with the address once it listens. With `singleUser`,
 * and only where no one else can reach it, the address is a link that signs one browser in.
 */
export async function startHttp(runtime: Runtime, options: { readonly singleUser: boolean }): Promise<string> {
  const { config, log, pool, states } = runtime;
  const onError = (error: Error) => states.note('queue', error);
  const queues = await openJobQueues(runtime.queues, onError, PATIENCE);
  runtime.onClose(queues.close);
  const nights = await runtime.queues.openQueue<NightJob>(NIGHT_QUEUE, onError, PATIENCE);
  runtime.onClose(nights.close);
  const nextNight = async () => {
    const due = await nights.dueAt(NIGHT_SCHEDULE);
    return due === null ? null : new Date(due);
  };
  const singleUser = options.singleUser && (LOCAL_HOSTS.includes(config.httpHost) || isLoopback(config.httpHost));
  const { archiveDir, dropDir, limits, trustedProxies } = config;
  const server = await buildServer({
    ...{ pool, log, queues, states, nextNight, archiveDir, dropDir, limits, singleUser, trustedProxies },
    countSignInFailure: runtime.metrics.countSignInFailure,
  });
  addMetricsRoute(server, runtime.metrics);
  await server.listen({ host: config.httpHost, port: config.httpPort });
  runtime.onClose(async () => await server.close());
  runtime.standBy();
  measureState(runtime.metrics, pool, queues);
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.httpPort;
  const host = config.httpHost.includes(':') ? `[${config.httpHost}]` : config.httpHost;
  const url = `http://${host}:${port}/`;
  log.info({ url }, 'review page');
  if (!singleUser) return url;
  const secret = newSecret();
  await addEnterLink(pool, hashSecret(secret), ENTER_LINK_SECONDS);
  return `${url}enter/${secret}`;
}
