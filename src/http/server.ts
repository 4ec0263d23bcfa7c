import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { z } from 'zod';
import { listIntakeProblems } from '../db/intake-problem.ts';
import type { Pool } from '../db/pool.ts';
import { findReviewCase, findValueSources, listCaseEvents, listReviewCases } from '../db/review-case.ts';
import { countSourceFiles, listFilesWithReasons } from '../db/source-file.ts';
import { findSourceFileDetail, listValuesOfFile } from '../db/source-file-detail.ts';
import type { JobCounts } from '../queue/connect.ts';
import { caseListPage, casePage } from './case-pages.ts';
import { fileListPage, filePage } from './file-pages.ts';
import { type Markup, page, STYLE } from './layout.ts';

export type ServerContext = {
  readonly pool: Pool;
  readonly queueCounts: () => Promise<Readonly<Record<string, JobCounts>>>;
};

const LIST_LIMIT = 500;
const READY_TIMEOUT_MS = 2000;
const ID = z.object({ id: z.string().regex(/^\d{1,18}$/) });

// Pages hold patients' names: nothing foreign runs in them, nothing keeps a copy, no other site frames them.
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

const send = (reply: FastifyReply, markup: Markup, status = 200) =>
  reply.code(status).type('text/html; charset=utf-8').send(markup);

const notFound = (reply: FastifyReply) =>
  send(reply, page('Not found', '<h1>Not found</h1><p>There is no such page. <a href="/">Review cases</a></p>'), 404);

async function within<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('timeout')), READY_TIMEOUT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Builds the server; whoever calls decides where it listens. */
export function buildServer(context: ServerContext): FastifyInstance {
  const { pool } = context;
  const server = Fastify({ logger: false, bodyLimit: 64 * 1024, forceCloseConnections: true });
  server.addHook('onSend', async (_request, reply) => {
    reply.headers(HEADERS);
  });
  server.setNotFoundHandler((_request, reply) => notFound(reply));
  server.setErrorHandler((_error, _request, reply) =>
    send(
      reply,
      page('Error', '<h1>This page cannot be shown now</h1><p>The log of the http process says why.</p>'),
      500,
    ),
  );

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const checks = { database: pool.query('select 1'), queue: context.queueCounts() };
    const results = await Promise.allSettled([within<unknown>(checks.database), within<unknown>(checks.queue)]);
    const status = Object.fromEntries(
      Object.keys(checks).map((name, index) => [name, results[index]?.status === 'fulfilled' ? 'ok' : 'unreachable']),
    );
    const ready = results.every((result) => result.status === 'fulfilled');
    return await reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', ...status });
  });
  server.get('/style.css', async (_request, reply) => await reply.type('text/css').send(STYLE));

  server.get('/', async (request, reply) => {
    const { all } = z.object({ all: z.literal('1').optional().catch(undefined) }).parse(request.query);
    const cases = await listReviewCases(pool, { all: all === '1', limit: LIST_LIMIT });
    return send(reply, caseListPage(cases, all === '1'));
  });
  server.get('/cases/:id', async (request, reply) => {
    const id = ID.safeParse(request.params);
    const found = id.success ? await findReviewCase(pool, id.data.id) : null;
    if (found === null) return notFound(reply);
    const sources = found.evidence.comparisons.flatMap(({ reference, followUp }) => [
      ...reference.sources,
      ...followUp.sources,
    ]);
    const [events, values] = await Promise.all([listCaseEvents(pool, found.id), findValueSources(pool, sources)]);
    return send(reply, casePage(found, events, values));
  });
  server.get('/files', async (_request, reply) => {
    const [counts, files, problems] = await Promise.all([
      countSourceFiles(pool),
      listFilesWithReasons(pool, LIST_LIMIT),
      listIntakeProblems(pool, LIST_LIMIT),
    ]);
    return send(reply, fileListPage(counts, files, problems));
  });
  server.get('/files/:id', async (request, reply) => {
    const id = ID.safeParse(request.params);
    const file = id.success ? await findSourceFileDetail(pool, id.data.id) : null;
    if (file === null) return notFound(reply);
    return send(reply, filePage(file, await listValuesOfFile(pool, file.id)));
  });
  return server;
}
