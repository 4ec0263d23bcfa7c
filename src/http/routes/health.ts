import type { FastifyInstance } from 'fastify';
import type { App, ServerContext } from '../answer/context.ts';
import { problem } from '../answer/problem.ts';
import { SCRIPT, STYLE } from '../assets/assets.ts';
import { readReadiness } from './readiness.ts';

const ALWAYS: readonly string[] = ['/healthz', '/readyz', '/metrics', STYLE.path, SCRIPT.path];

/**
 * Refuses everything but the health checks once the database was migrated beyond this code: what it would show or write
 * may no longer mean what it takes it for. Before the session lookup.
 */
export function refuseWhenOutdated(server: FastifyInstance, { states }: ServerContext): void {
  server.addHook('onRequest', async (request) => {
    if (ALWAYS.includes(request.routeOptions.url ?? '')) return;
    if (states.current().some(({ part }) => part === 'schema')) throw problem('RELEASE_OUTDATED');
  });
}

/** Public routes: health checks and the static files of the pages. None holds patient data. */
export function addHealthRoutes(app: App, context: ServerContext): void {
  const open = { config: { role: 'none', shows: 'nothing' }, schema: { hide: true } } as const;
  app.get('/healthz', open, async () => ({ status: 'ok' }));
  app.get('/readyz', open, async (_request, reply) => {
    const readiness = await readReadiness(context);
    return await reply.code(readiness.status === 'ready' ? 200 : 503).send(readiness);
  });
  for (const asset of [STYLE, SCRIPT]) {
    app.get(asset.path, open, async (_request, reply) =>
      reply.type(asset.contentType).header('cache-control', 'public, max-age=31536000, immutable').send(asset.body),
    );
  }
}
