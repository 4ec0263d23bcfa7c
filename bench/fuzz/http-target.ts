import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pool } from '../../src/db/pool.ts';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { watchStates } from '../../src/health/states.ts';
import { buildServer } from '../../src/http/server.ts';
import { archivePathOf } from '../../src/jobs/archive/archive.ts';
import { createLog } from '../../src/runtime/log.ts';
import { PLANTED, plantSite } from '../../test/support/stored/planted-site.ts';
import { signedIn, withToken } from '../../test/support/web/sign-in.ts';
import type { FuzzTarget } from './http-case.ts';
import { MARK } from './http-values.ts';

/** A file whose bytes are gone is answered with 503, and rightly: here all are there. */
async function archiveTheRest(pool: Pool, archiveDir: string): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    `select id::text from source_file where archive_path not like '__/%'`,
  );
  for (const { id } of rows) {
    const bytes = Buffer.from(`no report ${id}`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const path = archivePathOf(sha256);
    await mkdir(dirname(join(archiveDir, path)), { recursive: true });
    await writeFile(join(archiveDir, path), bytes);
    await pool.query('update source_file set sha256 = $2, archive_path = $3, byte_count = $4 where id = $1', [
      ...[id, sha256, path],
      bytes.length,
    ]);
  }
}

/** A database with something of everything, people of every role, and the table of routes of the server itself. */
export async function prepareTarget(pool: Pool, archiveDir: string): Promise<FuzzTarget> {
  const site = await plantSite(pool, archiveDir);
  const states = watchStates(createLog('silent', 'fuzz'));
  const server = await buildServer({
    pool,
    log: createLog('silent', 'fuzz'),
    states,
    queues: {
      counts: async () => ({}),
      enqueueIngests: async () => undefined,
      enqueueAssessments: async () => undefined,
    },
    limits: READ_LIMITS,
    archiveDir,
    dropDir: archiveDir,
    singleUser: false,
  });
  server.addHook('onClose', states.close);
  await server.ready();
  const routes = server.routeRoles();
  await server.close();
  const people = [
    await signedIn(pool, 'viewer', 'fuzz.viewer'),
    await signedIn(pool, 'reviewer', 'fuzz.reviewer'),
    await signedIn(pool, 'administrator', 'fuzz.administrator'),
    await signedIn(pool, 'administrator'),
    await withToken(pool, 'reviewer'),
    await withToken(pool, 'administrator'),
  ];
  await archiveTheRest(pool, archiveDir);
  return { routes, people, site };
}

/** Lines of a log that repeat what was sent, or what stands in the database about a patient. */
export const leaksIn = (log: string): readonly string[] =>
  log
    .split('\n')
    .filter((line) => line.includes(MARK) || line.includes(PLANTED))
    .map((line) => line.slice(0, 300));
