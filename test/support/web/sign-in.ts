import { hashSecret, newSecret } from '../../../src/credentials/secret.ts';
import { addApiToken } from '../../../src/db/access/api-token.ts';
import { openSession } from '../../../src/db/access/session.ts';
import { addUser, findUserToSignIn, type Role } from '../../../src/db/access/user.ts';
import type { Queryable } from '../../../src/db/pool.ts';
import { SESSION_COOKIE } from '../../../src/http/access/guard.ts';

const HOUR_SECONDS = 3600;

/**
 * Opens a session straight in the database, as the local person or as a user of that name (made when there is none), and
 * returns the secret for the cookie.
 */
async function openTestSession(database: Queryable, role: Role, userName?: string): Promise<string> {
  const secret = newSecret();
  let userId: string | null = null;
  if (userName !== undefined) {
    await addUser(database, { name: userName, role, passwordHash: 'scrypt$none' });
    userId = (await findUserToSignIn(database, userName))?.id ?? null;
  }
  await openSession(database, { tokenHash: hashSecret(secret), userId, role, lifetimeSeconds: HOUR_SECONDS });
  return secret;
}

/** Request headers of a browser that is signed in: `fetch(url, { headers: await signedIn(pool) })`. */
export async function signedIn(
  database: Queryable,
  role: Role = 'administrator',
  userName?: string,
): Promise<{ readonly cookie: string }> {
  return { cookie: `${SESSION_COOKIE}=${await openTestSession(database, role, userName)}` };
}

/** Request headers of a program with an API token. */
export async function withToken(database: Queryable, role: Role): Promise<{ readonly authorization: string }> {
  const secret = newSecret();
  const name = `test-${secret
    .slice(0, 12)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, 'x')}`;
  await addApiToken(database, { name, role, tokenHash: hashSecret(secret), lifetimeDays: null });
  return { authorization: `Bearer ${secret}` };
}

/** A cookie for playwright: `context.addCookies([await browserCookie(pool, url)])`. */
export async function browserCookie(
  database: Queryable,
  url: string,
  role: Role = 'administrator',
  userName?: string,
): Promise<{ name: string; value: string; url: string }> {
  return { name: SESSION_COOKIE, value: await openTestSession(database, role, userName), url };
}
