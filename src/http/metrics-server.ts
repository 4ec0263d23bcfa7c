import Fastify, { type FastifyInstance } from 'fastify';
import type { Metrics } from '../health/metrics.ts';
import { PATIENCE } from './access/connections.ts';
import { answerClientError, answerFrameworkError } from './view/errors.ts';

/** Adds /metrics to a server that is not listening yet. The answer holds counts and codes, no patient value. */
export function addMetricsRoute(server: FastifyInstance, metrics: Metrics): void {
  server.get(
    '/metrics',
    { config: { role: 'none', shows: 'nothing' }, schema: { hide: true } },
    async (_request, reply) => {
      const { contentType, body } = await metrics.render();
      return await reply.type(contentType).send(body);
    },
  );
}

/** Serves /metrics and /healthz of a process that has no pages; resolves once it listens. */
export async function openMetricsServer(
  metrics: Metrics,
  listen: { readonly host: string; readonly port: number },
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = Fastify({
    logger: false,
    forceCloseConnections: true,
    ...PATIENCE,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
  });
  addMetricsRoute(server, metrics);
  server.get('/healthz', async () => ({ status: 'ok' }));
  await server.listen(listen);
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : listen.port,
    close: async () => await server.close(),
  };
}
