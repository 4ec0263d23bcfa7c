import { readDiskTrouble } from '../../db/intake-problem.ts';
import { SCRIPT, STYLE } from '../assets/assets.ts';
import type { App, ServerContext } from '../context.ts';

const READY_TIMEOUT_MS = 2000;

/** What keeps the intake from moving files into the archive. */
const DISK_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'disk full',
  EDQUOT: 'quota used up',
  EROFS: 'read-only',
  EIO: 'disk does not answer',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
};

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
  const open = { config: { role: 'none', shows: 'nothing' }, schema: { hide: true } } as const;
  app.get('/healthz', open, async () => ({ status: 'ok' }));
  app.get('/readyz', open, async (_request, reply) => {
    const told = async (work: Promise<unknown>) =>
      await within(work).then(
        () => 'ok',
        () => 'unreachable',
      );
    // The http process need not reach the archive: the intake notes what keeps it from taking files.
    const [database, queue, archive] = await Promise.all([
      told(pool.query('select 1')),
      told(queues.counts()),
      within(readDiskTrouble(pool)).then(
        (code) => (code === null ? 'ok' : `${DISK_WORDS[code] ?? 'disk trouble'} (${code})`),
        () => 'unknown',
      ),
    ]);
    const ready = [database, queue, archive].every((part) => part === 'ok');
    const status = ready ? 'ready' : 'not ready';
    return await reply.code(ready ? 200 : 503).send({ status, database, queue, archive });
  });
  for (const asset of [STYLE, SCRIPT]) {
    app.get(asset.path, open, async (_request, reply) =>
      reply.type(asset.contentType).header('cache-control', 'public, max-age=31536000, immutable').send(asset.body),
    );
  }
}
