import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { html } from 'ghtml';
import type { DxaflowError } from '../errors.ts';
import { isOutage } from '../transient.ts';
import type { ServerContext } from './context.ts';
import { describeProblem, problem } from './problem.ts';
import { sendPage } from './send.ts';

/** Whether the answer goes to a program: the API, and whoever asks for JSON. */
const wantsJson = ({ url, headers }: FastifyRequest): boolean =>
  url.startsWith('/api/') || /\bjson\b/.test(headers.accept ?? '');

/** Answers errors as problem+json or as a page, and logs those that are ours. */
export function answerErrors(
  server: {
    setErrorHandler: (
      handler: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => unknown,
    ) => unknown;
    setNotFoundHandler: (handler: (request: FastifyRequest, reply: FastifyReply) => unknown) => unknown;
  },
  { log, states }: Pick<ServerContext, 'log' | 'states'>,
): void {
  const answer = (error: FastifyError | DxaflowError, request: FastifyRequest, reply: FastifyReply) => {
    const found = describeProblem(error);
    // What lasts is told once, by whoever watches it.
    if (isOutage(error)) states.note('database', error);
    else if (found.status >= 500 && found.code !== 'RELEASE_OUTDATED') {
      log.error({ route: request.routeOptions.url, err: error }, 'request failed');
    }
    if (found.status === 401) void reply.header('www-authenticate', 'Bearer');
    if (found.status === 429) void reply.header('retry-after', '900');
    if (wantsJson(request))
      return reply.code(found.status).type('application/problem+json').send(JSON.stringify(found));
    const rules = (found.errors ?? []).map(({ field, rule }) => html`<li>${field}: ${rule}</li>`);
    return sendPage(request, reply, {
      title: found.title,
      section: null,
      status: found.status,
      content: html`<h1>${found.title}</h1><p>${found.detail}</p>!${rules.length === 0 ? '' : html`<ul>!${rules.join('')}</ul>`}
<p class="soft"><code>${found.code}</code> · <a href="/">Review cases</a></p>`,
    });
  };
  server.setErrorHandler(answer);
  server.setNotFoundHandler((request, reply) => answer(problem('NOT_FOUND'), request, reply));
}
