import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DISPOSITIONS } from '../../db/cases/case-life.ts';
import { findReviewCase, listCaseEvents, listCaseTicks } from '../../db/cases/review-case.ts';
import { listWorklist } from '../../db/qa-list/worklist.ts';
import { findRejections } from '../../db/rejection/shown.ts';
import { ASSIGNEE, actOnCase, type CaseAction, StaleCaseError } from '../../jobs/cases/review.ts';
import { identityOf } from '../access/guard.ts';
import { willShow } from '../access/shown.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { PROBLEM, problem } from '../answer/problem.ts';
import { waitBriefly } from '../answer/wait-briefly.ts';
import { instancesOf } from '../routes/case-view.ts';
import { filterOf, WORKLIST_QUERY } from '../routes/worklist.ts';
import { wasThisAction } from './repeated.ts';
import { CASE_DETAIL, CASE_PAGE, detailOf, summaryOf } from './shapes.ts';

const TAGS = ['cases'];
const LIMIT = z.coerce.number().int().min(1).max(500).default(50);
const ERRORS = { '4xx': PROBLEM } as const;
const LONG_TEXT = z.string().trim().max(10_000);

const etagOf = (version: number) => `"${version}"`;

/** The version that the caller looked at; without it a change could undo another one unseen. */
function versionOf(request: FastifyRequest): number {
  const given = /^(?:W\/)?"(\d{1,9})"$/.exec(request.headers['if-match'] ?? '')?.[1];
  if (given === undefined) throw problem('VERSION_NEEDED');
  return Number(given);
}

/** Cases for programs: the worklist, one case, and everything a reviewer can do to it. */
export function addCaseApi(app: App, { pool, queues, log }: ServerContext): void {
  app.get(
    '/api/cases',
    {
      config: { role: 'viewer', shows: 'patients' },
      schema: {
        tags: TAGS,
        summary: 'Cases waiting for review, or by other filters',
        querystring: WORKLIST_QUERY.extend({ limit: LIMIT }),
        response: { 200: CASE_PAGE, ...ERRORS },
      },
    },
    async (request) => {
      const { query } = request;
      const page = await listWorklist(pool, filterOf(query), query.after ?? null, query.limit);
      willShow(request, { patientIds: page.rows.map(({ patientKey }) => patientKey) });
      return { cases: page.rows.map(summaryOf), next: page.next };
    },
  );

  const send = async (request: FastifyRequest, reply: FastifyReply, id: string) => {
    const found = await findReviewCase(pool, id);
    if (found === null) throw problem('NOT_FOUND');
    const [events, ticks, rejections] = await Promise.all([
      listCaseEvents(pool, id),
      listCaseTicks(pool, id),
      findRejections(pool, instancesOf(found)),
    ]);
    willShow(request, { patientIds: [found.patientKey] });
    return reply.header('etag', etagOf(found.version)).send(detailOf(found, events, ticks, rejections));
  };
  app.get(
    '/api/cases/:id',
    {
      config: { role: 'viewer', shows: 'patients' },
      schema: {
        tags: TAGS,
        summary: 'One case with evidence, explanations, checklist and history; the ETag is its version',
        params: BY_ID,
        response: { 200: CASE_DETAIL, ...ERRORS },
      },
    },
    async (request, reply) => await send(request, reply, request.params.id),
  );

  /** Carries an action out; repeating the one that made the next version is answered as done. */
  const act = async (request: FastifyRequest, reply: FastifyReply, action: CaseAction) => {
    try {
      const { patientToAssess } = await actOnCase(pool, action);
      if (patientToAssess !== null) await waitBriefly(queues.enqueueAssessments([patientToAssess]), log);
    } catch (error) {
      if (!(error instanceof StaleCaseError) || !wasThisAction(error.changes[0], action)) throw error;
    }
    return await send(request, reply, action.caseId);
  };
  const options = <P extends z.ZodType, B extends z.ZodType>(summary: string, params: P, body: B) =>
    ({
      config: { role: 'reviewer', shows: 'patients' },
      schema: {
        tags: TAGS,
        summary,
        description: 'Needs If-Match with the ETag of the case; 412 if it has been changed since.',
        headers: z.object({ 'if-match': z.string().optional() }),
        params,
        body,
        response: { 200: CASE_DETAIL, ...ERRORS },
      },
    }) as const;
  const common = (request: FastifyRequest & { params: { id: string } }) => ({
    caseId: request.params.id,
    by: identityOf(request).actor,
    version: versionOf(request),
  });

  const assignee = z.object({ to: ASSIGNEE.nullable().describe('an active user who may decide cases') });
  app.put(
    '/api/cases/:id/assignee',
    options('Assign the case, or unassign it with null', BY_ID, assignee),
    async (request, reply) => await act(request, reply, { ...common(request), kind: 'assign', to: request.body.to }),
  );
  const comment = z.object({ text: LONG_TEXT.min(1) });
  app.post(
    '/api/cases/:id/comments',
    options('Add a comment', BY_ID, comment),
    async (request, reply) =>
      await act(request, reply, { ...common(request), kind: 'comment', text: request.body.text }),
  );
  const byItem = BY_ID.extend({ item: z.string().regex(/^[A-Z0-9_]{1,80}$/) });
  const tick = z.object({ ticked: z.boolean(), note: z.string().trim().max(2000).default('') });
  app.put(
    '/api/cases/:id/checklist/:item',
    options('Tick or untick an item of the checklist', byItem, tick),
    async (request, reply) =>
      await act(request, reply, { ...common(request), kind: 'tick', item: request.params.item, ...request.body }),
  );
  const resolution = z.object({ disposition: z.enum(DISPOSITIONS), note: LONG_TEXT.default('') });
  app.put(
    '/api/cases/:id/resolution',
    options('Resolve the case', BY_ID, resolution),
    async (request, reply) => await act(request, reply, { ...common(request), kind: 'resolve', ...request.body }),
  );
  const reopening = z.object({ note: LONG_TEXT.min(1) });
  app.post(
    '/api/cases/:id/reopenings',
    options('Reopen a resolved or withdrawn case', BY_ID, reopening),
    async (request, reply) =>
      await act(request, reply, { ...common(request), kind: 'reopen', note: request.body.note }),
  );
}
