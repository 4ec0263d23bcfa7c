import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HTTP_CODES, type HttpCode } from '../../codes/http-codes.ts';
import { verifyPassword } from '../../credentials/password.ts';
import { hashSecret, newSecret } from '../../credentials/secret.ts';
import { endSession, openSession, spendEnterLink } from '../../db/access/session.ts';
import { findUserToSignIn, type Role } from '../../db/access/user.ts';
import { clientOf } from '../access/client.ts';
import { SESSION_COOKIE, SESSION_SECONDS } from '../access/guard.ts';
import type { Throttle } from '../access/throttle.ts';
import { createTurns } from '../access/turns.ts';
import type { App, ServerContext } from '../answer/context.ts';
import { html } from '../answer/html.ts';
import { problem } from '../answer/problem.ts';
import { sendPage } from '../view/send.ts';

/** scrypt keeps a thread busy for 0.1 s; Node has four, which read files as well. */
const PASSWORDS_AT_ONCE = 2;

/** Also on the word of a proxy that is not trusted: a Secure cookie does no harm. */
const secureNow = ({ protocol, headers }: FastifyRequest) =>
  protocol === 'https' || /\bhttps$/.test([headers['x-forwarded-proto'] ?? ''].flat().join());

async function signIn(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  user: { readonly id: string | null; readonly role: Role },
): Promise<FastifyReply> {
  const secret = newSecret();
  // Signing in again leaves no orphaned session behind.
  const before = request.cookies[SESSION_COOKIE];
  if (before !== undefined) await endSession(context.pool, hashSecret(before));
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
    ? html`<p class="soft">On this machine, the one-time link printed when dxaflow started signs you in.</p>`
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
export function addSignInRoutes(app: App, context: ServerContext, throttle: Throttle): void {
  const { pool } = context;
  const byTurns = createTurns(PASSWORDS_AT_ONCE);
  const config = { role: 'none', shows: 'nothing' } as const;

  app.get(
    '/enter/:secret',
    // A HEAD request, as a preview sends it, must not use the link up.
    { config, exposeHeadRoute: false, schema: { hide: true, params: z.object({ secret: z.string().max(100) }) } },
    async (request, reply) => {
      const allowed = context.singleUser && clientOf(request).isLocal;
      if (!allowed || !(await spendEnterLink(pool, hashSecret(request.params.secret))))
        throw problem('ENTER_LINK_INVALID');
      return await signIn(context, request, reply, { id: null, role: 'administrator' });
    },
  );

  app.get('/sign-in', { config, schema: { hide: true } }, async (request, reply) =>
    signInPage(request, reply, context, null),
  );

  // Names are kept in small letters; a keyboard that writes the first one large must not lock a user out.
  const name = z.string().trim().toLowerCase().min(1).max(63);
  const body = z.object({ name, password: z.string().min(1).max(200) });
  app.post('/sign-in', { config, schema: { hide: true, body } }, async (request, reply) => {
    const { name, password } = request.body;
    const client = clientOf(request);
    const waitSeconds = await throttle.begin(name, client);
    if (waitSeconds !== null) {
      void reply.header('retry-after', String(waitSeconds));
      return signInPage(request, reply, context, 'SIGN_IN_THROTTLED');
    }
    const user = await findUserToSignIn(pool, name);
    const isRight = await byTurns(client.network, () => verifyPassword(password, user?.passwordHash ?? null));
    if (!isRight || user === null) {
      await throttle.fail(user?.id ?? null, client);
      return signInPage(request, reply, context, 'SIGN_IN_FAILED');
    }
    await throttle.succeed(name, client);
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
