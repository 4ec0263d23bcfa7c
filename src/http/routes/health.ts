import { readDiskTrouble } from '../../db/intake-problem.ts';
import { SCRIPT, STYLE } from '../assets/assets.ts';
import type { App, ServerContext } from '../context.ts';

const READY_TIMEOUT_MS = 2000;

async function within<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('timeout')), READY_TIMEOUT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What anybody may ask: whether the process lives and works, and the files of the pages. None holds a patient value. */
export function addHealthRoutes(app: App, { pool, queues }: ServerContext): void {
  const open = { config: { role: 'none' }, schema: { hide: true } } as const;
  app.get('/healthz', open, async () => ({ status: 'ok' }));
  app.get('/readyz', open, async (_request, reply) => {
    const checks = { database: pool.query('select 1'), queue: queues.counts() };
    const results = await Promise.allSettled([within<unknown>(checks.database), within<unknown>(checks.queue)]);
    const status = Object.fromEntries(
      Object.keys(checks).map((name, index) => [name, results[index]?.status === 'fulfilled' ? 'ok' : 'unreachable']),
    );
    // The http process need not reach the archive: the intake notes what keeps it from taking files.
    const archive = (await within(readDiskTrouble(pool)).catch(() => 'unknown')) ?? 'ok';
    const ready = results.every((result) => result.status === 'fulfilled') && archive === 'ok';
    return await reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', ...status, archive });
  });
  for (const asset of [STYLE, SCRIPT]) {
    app.get(asset.path, open, async (_request, reply) =>
      reply.type(asset.contentType).header('cache-control', 'public, max-age=31536000, immutable').send(asset.body),
    );
  }
}
