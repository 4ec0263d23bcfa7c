import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { USE_CASE_STATUS } from '../../codes/http-codes.ts';
import { ruleLabel } from '../../codes/wording.ts';
import { DISPOSITIONS } from '../../db/cases/case-life.ts';
import { DxaflowError } from '../../errors/errors.ts';
import { ASSIGNEE, actOnCase, CASE_VERSION, type CaseAction, StaleCaseError } from '../../jobs/cases/review.ts';
import { identityOf } from '../access/guard.ts';
import { willShow } from '../access/shown.ts';
import { type App, BY_ID, type ServerContext } from '../answer/context.ts';
import { html, lines } from '../answer/html.ts';
import { problem } from '../answer/problem.ts';
import { waitBriefly } from '../answer/wait-briefly.ts';
import { caseContent } from '../pages/case.ts';
import type { Draft } from '../pages/case-actions.ts';
import { eventList } from '../pages/case-history.ts';
import type { Markup } from '../view/layout.ts';
import { sendPage } from '../view/send.ts';
import { readCaseView } from './case-view.ts';

const VERSION = z.coerce.number().pipe(CASE_VERSION);
/** Where to go afterwards: a page of ours, never an external address. */
const BACK = z
  .string()
  .regex(/^\/(\?[\w=&%.+~:-]*)?$/)
  .optional()
  .catch(undefined);
const LONG_TEXT = z.string().trim().max(10_000);

/** The forms of the case page; what each of them asks for. */
const FORMS = {
  assign: z.object({ version: VERSION, back: BACK, assignee: z.union([z.literal(''), ASSIGNEE]) }),
  comment: z.object({ version: VERSION, back: BACK, text: LONG_TEXT.min(1) }),
  tick: z.object({
    version: VERSION,
    back: BACK,
    item: z.string().max(200),
    ticked: z.enum(['yes', 'no']),
    note: z.string().max(2000),
  }),
  resolve: z.object({ version: VERSION, back: BACK, disposition: z.enum(DISPOSITIONS), note: LONG_TEXT }),
  reopen: z.object({ version: VERSION, back: BACK, note: LONG_TEXT.min(1) }),
} as const;

async function sendCase(
  { pool }: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  notice: Markup,
  draft: Draft,
  status: number,
): Promise<FastifyReply> {
  const identity = identityOf(request);
  const view = await readCaseView(pool, id, draft);
  if (view === null) throw problem('NOT_FOUND');
  const fileIds = [...view.sources.values()].map(({ sourceFileId }) => sourceFileId);
  willShow(request, { patientIds: [view.found.patientKey], fileIds });
  return sendPage(request, reply, {
    title: `${ruleLabel(view.found.rule)}, case ${id}`,
    section: 'worklist',
    status,
    content: html`!${notice}!${caseContent(view, identity)}`,
  });
}

/** What a person typed, so that it can be put back into the form and is readable in any case. */
const draftOf = (body: Readonly<Record<string, unknown>>): Draft =>
  Object.fromEntries(
    ['text', 'note', 'disposition'].flatMap((name) => {
      const value = body[name];
      return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
    }),
  );

/** "Changed meanwhile": what happened, the case as it is now, and what was typed still in its form. */
function staleNotice(error: StaleCaseError, draft: Draft): Markup {
  const typed = Object.values(draft).map((text) => html`<blockquote>!${lines(text)}</blockquote>`);
  return html`<div class="problem" role="alert"><h2>The case has changed in the meantime; nothing was saved</h2>
!${eventList(error.changes)}
!${typed.length === 0 ? '' : html`<p>Your input, also kept in the form below:</p>!${typed.join('')}`}
<p>The current case is shown below. Review it and submit the form again.</p></div>`;
}

/** The page of a case and its forms. */
export function addCaseRoutes(app: App, context: ServerContext): void {
  const { pool, queues, log } = context;
  app.get(
    '/cases/:id',
    { config: { role: 'viewer', shows: 'patients' }, schema: { hide: true, params: BY_ID } },
    async (request, reply) => await sendCase(context, request, reply, request.params.id, '', {}, 200),
  );

  const act = async (
    request: FastifyRequest,
    reply: FastifyReply,
    action: CaseAction,
    back: string | undefined,
    draft: Draft,
  ): Promise<FastifyReply> => {
    try {
      const { patientToAssess } = await actOnCase(pool, action);
      if (patientToAssess !== null) await waitBriefly(queues.enqueueAssessments([patientToAssess]), log);
    } catch (error) {
      if (error instanceof StaleCaseError) {
        return await sendCase(context, request, reply, action.caseId, staleNotice(error, draft), draft, 412);
      }
      const status = error instanceof DxaflowError ? USE_CASE_STATUS.get(error.code) : undefined;
      if (!(error instanceof DxaflowError) || status === undefined || status === 404) throw error;
      const notice = html`<p class="problem" role="alert">${error.message} Nothing was written.</p>`;
      return await sendCase(context, request, reply, action.caseId, notice, draft, status);
    }
    return await reply.redirect(back ?? `/cases/${action.caseId}`, 303);
  };
  const options = <T extends z.ZodType>(body: T) =>
    ({ config: { role: 'reviewer', shows: 'patients' }, schema: { hide: true, params: BY_ID, body } }) as const;
  const common = (request: FastifyRequest & { params: { id: string }; body: { version: number } }) => ({
    caseId: request.params.id,
    by: identityOf(request).actor,
    version: request.body.version,
  });

  app.post('/cases/:id/assign', options(FORMS.assign), async (request, reply) => {
    const { assignee, back } = request.body;
    const action = { ...common(request), kind: 'assign', to: assignee === '' ? null : assignee } as const;
    return await act(request, reply, action, back, {});
  });
  app.post('/cases/:id/comment', options(FORMS.comment), async (request, reply) => {
    const { text, back } = request.body;
    return await act(request, reply, { ...common(request), kind: 'comment', text }, back, draftOf(request.body));
  });
  app.post('/cases/:id/tick', options(FORMS.tick), async (request, reply) => {
    const { item, ticked, note, back } = request.body;
    const action = { ...common(request), kind: 'tick', item, note, ticked: ticked === 'yes' } as const;
    return await act(request, reply, action, back, draftOf(request.body));
  });
  app.post('/cases/:id/resolve', options(FORMS.resolve), async (request, reply) => {
    const { disposition, note, back } = request.body;
    const action = { ...common(request), kind: 'resolve', disposition, note } as const;
    return await act(request, reply, action, back, draftOf(request.body));
  });
  app.post('/cases/:id/reopen', options(FORMS.reopen), async (request, reply) => {
    const { note, back } = request.body;
    return await act(request, reply, { ...common(request), kind: 'reopen', note }, back, draftOf(request.body));
  });
}
