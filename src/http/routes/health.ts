import { SCRIPT, STYLE } from '../assets/assets.ts';
import type { App, ServerContext } from '../context.ts';
import { problem } from '../problem.ts';
import { readReadiness } from '../readiness.ts';

/** What anybody may ask: whether the process lives and works, and the files of the pages. None holds a patient value. */
export function addHealthRoutes(app: App, context: ServerContext): void {
  const open = { config: { role: 'none' }, schema: { hide: true } } as const;
  const always = new Set(['/healthz', '/readyz', '/metrics', STYLE.path, SCRIPT.path]);
  app.addHook('onRequest', async (request) => {
    if (always.has(request.routeOptions.url ?? '')) return;
    // Whatever it would show or write may no longer mean what this code takes it for.
    if (context.states.current().some(({ part }) => part === 'schema')) throw problem('RELEASE_OUTDATED');
  });
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
