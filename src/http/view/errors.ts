import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DxaflowError } from '../../errors/errors.ts';
import { isOutage } from '../../errors/transient.ts';
import type { RouteRole } from '../access/guard.ts';
import type { ServerContext } from '../answer/context.ts';
import { SECURITY_HEADERS, setSecurityHeaders } from '../answer/headers.ts';
import { html } from '../answer/html.ts';
import { describeProblem, type Problem, problem } from '../answer/problem.ts';
import { sendPage } from './send.ts';

const PROBLEM_TYPE = 'application/problem+json';

/** Whether the answer goes to a program: the API, and requests for JSON. */
const wantsJson = ({ url, headers }: FastifyRequest): boolean =>
  url.startsWith('/api/') || /\bjson\b/.test(headers.accept ?? '');

function send(found: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (wantsJson(request)) return reply.code(found.status).type(PROBLEM_TYPE).send(JSON.stringify(found));
  const rules = (found.errors ?? []).map(({ field, rule }) => html`<li>${field}: ${rule}</li>`);
  return sendPage(request, reply, {
    title: found.title,
    section: null,
    status: found.status,
    content: html`<h1>${found.title}</h1><p>${found.detail}</p>!${rules.length === 0 ? '' : html`<ul>!${rules.join('')}</ul>`}
<p class="soft"><code>${found.code}</code> · <a href="/">Review cases</a></p>`,
  });
}

/** Methods of our routes for this path; a part of a pattern that begins with ":" stands for anything. */
function methodsOf(routes: readonly RouteRole[], url: string): readonly string[] {
  const given = url.replace(/[?#].*$/s, '').split('/');
  const fits = (pattern: string) => {
    const parts = pattern.split('/');
    return parts.length === given.length && parts.every((part, index) => part.startsWith(':') || part === given[index]);
  };
  return [...new Set(routes.filter((route) => fits(route.url)).map(({ method }) => method))].sort();
}

/** Answers errors as problem+json or as a page, and logs those that are ours. */
export function answerErrors(server: FastifyInstance, { log, states }: Pick<ServerContext, 'log' | 'states'>): void {
  server.setErrorHandler((error: FastifyError | DxaflowError, request, reply) => {
    const found = describeProblem(error);
    // A lasting problem is logged once, by its watcher.
    if (isOutage(error)) states.note('database', error);
    else if (found.status >= 500 && found.code !== 'RELEASE_OUTDATED') {
      log.error({ route: request.routeOptions.url, err: error }, 'request failed');
    }
    if (found.status === 401) void reply.header('www-authenticate', 'Bearer');
    if (found.status === 429) void reply.header('retry-after', '900');
    return send(found, request, reply);
  });
  server.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(server.routeRoles(), request.url);
    if (methods.length === 0) return send(describeProblem(problem('NOT_FOUND')), request, reply);
    void reply.header('allow', methods.join(', '));
    if (request.method === 'OPTIONS') return reply.code(204).send();
    return send(describeProblem(problem('METHOD_UNKNOWN')), request, reply);
  });
}

/** Answers what Fastify finds wrong before any route or hook sees it, such as "/%": it would echo the address. */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  request.identity = null; // no hook has looked who asks
  setSecurityHeaders(request, reply);
  const rule = { field: 'address', rule: 'must be percent-encoded UTF-8' };
  const shown = error.code === 'FST_ERR_BAD_URL' ? problem('REQUEST_INVALID', [rule]) : error;
  void send(describeProblem(shown), request, reply);
}

const STATUS_OF_CODE: ReadonlyMap<string, number> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['HPE_HEADER_OVERFLOW', 431],
]);

type ClientError = Error & { readonly code?: string | undefined; readonly rawPacket?: unknown };

/** Answers what is no HTTP at all, or comes too slowly, and hangs up. */
export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const statusCode = STATUS_OF_CODE.get(error.code ?? '') ?? 400;
  const found = describeProblem(Object.assign(new Error('client error'), { code: '', name: '', statusCode }));
  const body = JSON.stringify(found);
  // An answer to HEAD has no body; what would follow is read as another answer.
  const { rawPacket } = error;
  const isHead = Buffer.isBuffer(rawPacket) && rawPacket.toString('latin1', 0, 5) === 'HEAD ';
  const headers = { ...SECURITY_HEADERS, 'content-type': PROBLEM_TYPE, 'content-length': Buffer.byteLength(body) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    [
      `HTTP/1.1 ${found.status} ${STATUS_CODES[found.status]}`,
      ...lines,
      'connection: close',
      '',
      isHead ? '' : body,
    ].join('\r\n'),
  );
}

/** Answers a request that expects what no server does (an `Expect` header other than 100-continue), which Node would without our headers. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const found = describeProblem(Object.assign(new Error('expectation'), { code: '', name: '', statusCode: 417 }));
  response.writeHead(found.status, { ...SECURITY_HEADERS, 'content-type': PROBLEM_TYPE, connection: 'close' });
  response.end(JSON.stringify(found));
}
