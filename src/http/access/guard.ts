import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hashSecret } from '../../credentials/secret.ts';
import { findApiToken } from '../../db/access/api-token.ts';
import { findSession, type Identity } from '../../db/access/session.ts';
import { ROLES, type Role } from '../../db/access/user.ts';
import type { Pool } from '../../db/pool.ts';
import { problem } from '../answer/problem.ts';
import { clientOf } from './client.ts';
import type { Throttle } from './throttle.ts';

/** What the answers of a route show: text about patients (a drop name often holds a name), or nothing of them. */
export type Shows = 'patients' | 'nothing';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route; `none` for public routes. There is no default: a route without it stops the start. */
    role?: Role | 'none';
    /** Whether its answers tell of patients: those are written into the access log. No default here either. */
    shows?: Shows;
  }
  interface FastifyInstance {
    /** Every route with what it declares, in the order of registration. */
    routeRoles: () => readonly RouteRole[];
  }
  interface FastifyRequest {
    /** Set before the handler of every route but those of role `none`. */
    identity: Identity | null;
  }
}

export type RouteRole = {
  readonly method: string;
  readonly url: string;
  readonly role: Role | 'none';
  readonly shows: Shows;
};

export const SESSION_COOKIE = 'dxaflow_session';
export const SESSION_SECONDS = 12 * 60 * 60;

export const mayDo = (identity: Identity, role: Role): boolean => ROLES.indexOf(identity.role) >= ROLES.indexOf(role);

/** The caller; only for handlers behind a role. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw problem('SIGN_IN_NEEDED');
  return request.identity;
}

async function identify(pool: Pool, request: FastifyRequest, throttle: Throttle): Promise<Identity | null> {
  const { authorization = '' } = request.headers;
  // Of another scheme it is for a proxy in front, and says nothing to us.
  if (/^Bearer\b/i.test(authorization)) {
    const bearer = /^Bearer ([\w-]{20,200})$/i.exec(authorization)?.[1];
    const found = bearer === undefined ? null : await findApiToken(pool, hashSecret(bearer));
    if (found === null && throttle.failToken(clientOf(request))) throw problem('SIGN_IN_THROTTLED');
    return found;
  }
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie === undefined ? null : await findSession(pool, hashSecret(cookie));
}

/**
 * Whether a browser sends this for a page of another site (Fetch Metadata; else the Origin header). The session cookie
 * is SameSite=Strict as well. A program sends neither header and no cookie.
 */
function isCrossSite({ method, headers, host }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

/** Puts a check of the role before every route, and refuses routes that name none or do not say what they show. */
export function guardRoutes(server: FastifyInstance, pool: Pool, throttle: Throttle): void {
  server.decorateRequest('identity', null);
  const routes: RouteRole[] = [];
  server.decorate('routeRoles', () => routes);
  server.addHook('onRoute', (route) => {
    const { role, shows } = route.config ?? {};
    if (role === undefined) throw new Error(`Route ${route.url} names no role.`);
    if (shows === undefined) throw new Error(`Route ${route.url} does not say whether it shows patients.`);
    if (shows === 'patients' && role === 'none') throw new Error(`Route ${route.url} shows patients without a role.`);
    for (const method of [route.method].flat()) routes.push({ method, url: route.url, role, shows });
  });
  server.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    if (isCrossSite(request)) throw problem('CROSS_SITE');
    const { role } = request.routeOptions.config;
    if (role === 'none' || request.is404) return;
    request.identity = await identify(pool, request, throttle);
    if (request.identity === null) {
      if (request.method === 'GET' && !request.url.startsWith('/api/')) return await reply.redirect('/sign-in', 303);
      throw problem('SIGN_IN_NEEDED');
    }
    if (role === undefined || !mayDo(request.identity, role)) throw problem('ROLE_TOO_LOW');
  });
}
