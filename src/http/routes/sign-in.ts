import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { html } from 'ghtml';
import { z } from 'zod';
import { endSession, openSession, spendEnterLink } from '../../db/session.ts';
import { countSignInAttempt, findUserToSignIn, forgetSignInAttempts, type Role } from '../../db/user.ts';
import { isLoopback, SESSION_COOKIE, SESSION_SECONDS } from '../access/guard.ts';
import { verifyPassword } from '../access/password.ts';
import { hashSecret, newSecret } from '../access/secret.ts';
import { HTTP_CODES, type HttpCode } from '../codes.ts';
import type { App, ServerContext } from '../context.ts';
import { problem } from '../problem.ts';
import { sendPage } from '../send.ts';

const WINDOW_SECONDS = 15 * 60;
/** Tries in a quarter of an hour: of one name from one address, of one name from anywhere, of one address. */
const LIMITS = { pair: 5, name: 50, address: 100 } as const;

const subject = (kind: string, ...parts: readonly string[]) =>
  createHash('sha256')
    .update([kind, ...parts].join('\0'))
    .digest('hex');

const secureNow = ({ protocol, headers }: FastifyRequest) =>
  protocol === 'https' || headers['x-forwarded-proto'] === 'https';

async function signIn(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  user: { readonly id: string | null; readonly role: Role },
): Promise<FastifyReply> {
  const secret = newSecret();
  await openSession(context.pool, {
    tokenHash: hashSecret(secret),
    userId: user.id,
    role: user.role,
    lifetimeSeconds: SESSION_SECONDS,
  });
  return await reply
    .setCookie(SESSION_COOKIE, secret, {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: secureNow(request),
      maxAge: SESSION_SECONDS,
    })
    .redirect('/', 303);
}

function signInPage(request: FastifyRequest, reply: FastifyReply, context: ServerContext, code: HttpCode | null) {
  const failure =
    code === null ? '' : html`<p class="problem" role="alert">${HTTP_CODES[code].text} ${HTTP_CODES[code].remedy}</p>`;
  const hint = context.singleUser
    ? html`<p class="soft">On this machine the link that dxaflow printed at its start signs you in, once.</p>`
    : '';
  const status = code === 'SIGN_IN_THROTTLED' ? 429 : code === null ? 200 : 401;
  return sendPage(request, reply, {
    title: 'Sign in',
    section: null,
    status,
    content: html`<h1>Sign in</h1>!${failure}!${hint}
<form class="stack" method="post" action="/sign-in">
<label>User name<input name="name" autocomplete="username" required maxlength="63" autocapitalize="none"></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required maxlength="200"></label>
<button class="main">Sign in</button></form>`,
  });
}

/** Signing in by link or password, and out again. */
export function addSignInRoutes(app: App, context: ServerContext): void {
  const { pool } = context;
  const config = { role: 'none', shows: 'nothing' } as const;

  app.get(
    '/enter/:secret',
    // A HEAD request, as a preview sends it, must not use the link up.
    { config, exposeHeadRoute: false, schema: { hide: true, params: z.object({ secret: z.string().max(100) }) } },
    async (request, reply) => {
      const allowed = context.singleUser && isLoopback(request.socket.remoteAddress);
      if (!allowed || !(await spendEnterLink(pool, hashSecret(request.params.secret))))
        throw problem('ENTER_LINK_INVALID');
      return await signIn(context, request, reply, { id: null, role: 'administrator' });
    },
  );

  app.get('/sign-in', { config, schema: { hide: true } }, async (request, reply) =>
    signInPage(request, reply, context, null),
  );

  const body = z.object({ name: z.string().min(1).max(63), password: z.string().min(1).max(200) });
  app.post('/sign-in', { config, schema: { hide: true, body } }, async (request, reply) => {
    const { name, password } = request.body;
    const pair = subject('pair', name, request.ip);
    const tries = await Promise.all([
      countSignInAttempt(pool, pair, WINDOW_SECONDS),
      countSignInAttempt(pool, subject('name', name), WINDOW_SECONDS),
      countSignInAttempt(pool, subject('address', request.ip), WINDOW_SECONDS),
    ]);
    if (tries[0] > LIMITS.pair || tries[1] > LIMITS.name || tries[2] > LIMITS.address) {
      void reply.header('retry-after', String(WINDOW_SECONDS));
      return signInPage(request, reply, context, 'SIGN_IN_THROTTLED');
    }
    const user = await findUserToSignIn(pool, name);
    if (!(await verifyPassword(password, user?.passwordHash ?? null)) || user === null) {
      return signInPage(request, reply, context, 'SIGN_IN_FAILED');
    }
    await forgetSignInAttempts(pool, pair);
    return await signIn(context, request, reply, user);
  });

  app.post(
    '/sign-out',
    { config: { role: 'viewer', shows: 'nothing' }, schema: { hide: true } },
    async (request, reply) => {
      const secret = request.cookies[SESSION_COOKIE];
      if (secret !== undefined) await endSession(pool, hashSecret(secret));
      return await reply.clearCookie(SESSION_COOKIE, { path: '/' }).redirect('/sign-in', 303);
    },
  );
}
