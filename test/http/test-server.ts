import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { probeDatabase } from '../../src/db/health/probe.ts';
import { READ_LIMITS } from '../../src/dicom/encoding/limits.ts';
import { watchStates } from '../../src/health/states.ts';
import type { RouteRole } from '../../src/http/access/guard.ts';
import type { ServerContext } from '../../src/http/answer/context.ts';
import { buildServer } from '../../src/http/server.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';
import { recordedLog } from '../support/recorded-log.ts';

export type TestServer = {
  readonly database: TestDatabase;
  readonly server: FastifyInstance;
  readonly archiveDir: string;
  /** Every route with its role. */
  readonly routes: readonly RouteRole[];
  readonly close: () => Promise<void>;
};

export type TestServerOptions = Pick<ServerContext, 'singleUser'> &
  Partial<Pick<ServerContext, 'trustedProxies' | 'countSignInFailure' | 'log'>>;

/** The server over a database of its own; the queue answers with counts and takes nothing. */
export async function createTestServer(options: TestServerOptions): Promise<TestServer> {
  const database = await createTestDatabase();
  const archiveDir = await mkdtemp(join(tmpdir(), 'dxaflow-http-'));
  const log = recordedLog();
  const states = watchStates(log);
  states.watch('database', async () => (await probeDatabase(database.url)).trouble);
  const server = await buildServer({
    pool: database.pool,
    log,
    queues: {
      counts: async () => ({ ingest: { wait: 0 }, assess: { wait: 0 } }),
      enqueueIngests: async () => undefined,
      enqueueAssessments: async () => undefined,
    },
    states,
    nextNight: async () => new Date('2030-01-02T02:00:00Z'),
    archiveDir,
    dropDir: join(archiveDir, 'drop'),
    limits: READ_LIMITS,
    ...options,
  });
  await server.ready();
  return {
    database,
    server,
    archiveDir,
    routes: server.routeRoles(),
    close: async () => {
      await server.close();
      await states.close();
      await database.drop();
      await rm(archiveDir, { recursive: true, force: true });
    },
  };
}
