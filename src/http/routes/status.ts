import { z } from 'zod';
import { listAccesses } from '../../db/access/access-log.ts';
import { readBacklog } from '../../db/files/backlog.ts';
import { countFailures } from '../../db/files/failure.ts';
import { readLastActivity } from '../../db/files/last-activity.ts';
import { listConditions } from '../../db/health/process-condition.ts';
import { isNightWaiting } from '../../db/night/lock.ts';
import { findLatestNights } from '../../db/night/run.ts';
import { listNightSteps } from '../../db/night/step.ts';
import type { Pool } from '../../db/pool.ts';
import { listDataMoves } from '../../db/schema/data-move.ts';
import { within } from '../../errors/within.ts';
import { type Shown, willShow } from '../access/shown.ts';
import { type App, ROW_ID, type ServerContext } from '../answer/context.ts';
import { accessContent, type NightWithSteps, type Status, statusContent } from '../pages/status.ts';
import { sendPage } from '../view/send.ts';
import { nextNight, withCounts } from './nights.ts';

const ACCESS_LIMIT = 200;
const QUEUE_TIMEOUT_MS = 2000;

/** The latest run of each kind: one by hand must not hide that the night broke off. */
async function readLastNights(pool: Pool): Promise<readonly NightWithSteps[]> {
  const { latest } = await findLatestNights(pool);
  const nights = await withCounts(
    pool,
    latest.toSorted((a, b) => Number(b.id) - Number(a.id)),
  );
  const steps = await listNightSteps(pool, ...nights.map(({ id }) => id));
  return nights.map((night) => ({ ...night, steps: steps.filter(({ runId }) => runId === night.id) }));
}

/** What waits and when something last moved; a queue that is away must not take the page with it. */
export async function readStatus(context: ServerContext): Promise<Status> {
  const { pool, queues, states, dropDir } = context;
  const [counts, backlog, failures, moments, lastNights, nextNightAt, nightWaits, noted, moves] = await Promise.all([
    within(
      queues.counts().catch(() => null),
      QUEUE_TIMEOUT_MS,
      null,
    ),
    readBacklog(pool),
    countFailures(pool),
    readLastActivity(pool),
    readLastNights(pool),
    nextNight(context),
    isNightWaiting(pool),
    listConditions(pool),
    listDataMoves(pool),
  ]);
  return {
    queues: counts,
    conditions: [...states.current(), ...noted],
    moves,
    backlog,
    failures,
    ...moments,
    lastNights,
    nextNightAt,
    nightWaits,
    dropDir,
    now: new Date(),
  };
}

/** Which part of the access log is asked for. */
export const ACCESS_QUERY = z.object({
  patient: ROW_ID.optional(),
  file: ROW_ID.optional(),
  before: ROW_ID.optional(),
});

/** Viewing the log is logged as well, under the filter used, not under every patient listed. */
export const askedFor = ({ patient, file }: z.infer<typeof ACCESS_QUERY>): Shown => ({
  patientIds: patient === undefined ? [] : [patient],
  fileIds: file === undefined ? [] : [file],
});

export function addStatusRoutes(app: App, context: ServerContext): void {
  app.get('/status', { config: { role: 'viewer', shows: 'nothing' }, schema: { hide: true } }, async (request, reply) =>
    sendPage(request, reply, { title: 'Status', section: 'status', content: statusContent(await readStatus(context)) }),
  );
  app.get(
    '/access',
    { config: { role: 'administrator', shows: 'patients' }, schema: { hide: true, querystring: ACCESS_QUERY } },
    async (request, reply) => {
      const { patient: patientId = null, file: fileId = null, before: beforeId = null } = request.query;
      const accesses = await listAccesses(context.pool, { patientId, fileId, beforeId, limit: ACCESS_LIMIT });
      willShow(request, askedFor(request.query));
      return sendPage(request, reply, {
        title: 'Access',
        section: 'access',
        content: accessContent(accesses, { patientId, fileId }),
      });
    },
  );
}
