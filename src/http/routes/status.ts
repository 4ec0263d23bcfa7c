import { z } from 'zod';
import { listAccesses } from '../../db/access-log.ts';
import { readBacklog } from '../../db/backlog.ts';
import { listDataMoves } from '../../db/data-move.ts';
import { countFailures } from '../../db/failure.ts';
import { readLastMoments } from '../../db/last-moments.ts';
import { listNightRuns } from '../../db/night/run.ts';
import { listNightSteps } from '../../db/night/step.ts';
import { listConditions } from '../../db/process-condition.ts';
import { type App, ROW_ID, type ServerContext } from '../context.ts';
import { accessContent, type Status, statusContent } from '../pages/status.ts';
import { sendPage } from '../send.ts';
import { nextNight, withCounts } from './nights.ts';

const ACCESS_LIMIT = 200;
const QUEUE_TIMEOUT_MS = 2000;

/** What waits and when something last moved; a queue that is away must not take the page with it. */
export async function readStatus(context: ServerContext): Promise<Status> {
  const { pool, queues, states, dropDir } = context;
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), QUEUE_TIMEOUT_MS);
  try {
    const [counts, backlog, failures, moments, nights, nextNightAt, noted, moves] = await Promise.all([
      Promise.race([queues.counts().catch(() => null), late]),
      readBacklog(pool),
      countFailures(pool),
      readLastMoments(pool),
      listNightRuns(pool, 1),
      nextNight(context),
      listConditions(pool),
      listDataMoves(pool),
    ]);
    const [night] = await withCounts(pool, nights);
    const lastNight = night === undefined ? null : { ...night, steps: await listNightSteps(pool, night.id) };
    const conditions = [...states.current(), ...noted];
    return {
      queues: counts,
      conditions,
      moves,
      backlog,
      failures,
      ...moments,
      lastNight,
      nextNightAt,
      dropDir,
      now: new Date(),
    };
  } finally {
    clearTimeout(timer);
  }
}

export function addStatusRoutes(app: App, context: ServerContext): void {
  app.get('/status', { config: { role: 'viewer' }, schema: { hide: true } }, async (request, reply) =>
    sendPage(request, reply, { title: 'Status', section: 'status', content: statusContent(await readStatus(context)) }),
  );
  const querystring = z.object({ patient: ROW_ID.optional(), before: ROW_ID.optional() });
  app.get(
    '/access',
    { config: { role: 'administrator' }, schema: { hide: true, querystring } },
    async (request, reply) => {
      const { patient = null, before = null } = request.query;
      const accesses = await listAccesses(context.pool, { patientId: patient, beforeId: before, limit: ACCESS_LIMIT });
      return sendPage(request, reply, {
        title: 'Access',
        section: 'access',
        content: accessContent(accesses, patient),
      });
    },
  );
}
