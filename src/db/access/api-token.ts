import type { Queryable } from '../pool.ts';
import type { Identity } from './session.ts';
import type { Role } from './user.ts';

export type ApiToken = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
};

/** Adds a token; false when a token of this name is in force. */
export async function addApiToken(
  database: Queryable,
  token: {
    readonly name: string;
    readonly role: Role;
    readonly tokenHash: string;
    readonly lifetimeDays: number | null;
  },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `insert into api_token (name, role, token_hash, expires_at) values ($1, $2, $3, now() + make_interval(days => $4))
     on conflict (name) where revoked_at is null do nothing`,
    [token.name, token.role, token.tokenHash, token.lifetimeDays],
  );
  return rowCount === 1;
}

export async function listApiTokens(database: Queryable): Promise<readonly ApiToken[]> {
  const { rows } = await database.query<ApiToken>(
    `select id::text, name, role, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt",
            revoked_at as "revokedAt" from api_token order by name, id`,
  );
  return rows;
}

/** False when no token of this name is in force. */
export async function revokeApiToken(database: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await database.query(
    'update api_token set revoked_at = now() where name = $1 and revoked_at is null',
    [name],
  );
  return rowCount === 1;
}

/** Finds who a token belongs to and notes the use, at most once a minute. */
export async function findApiToken(database: Queryable, tokenHash: string): Promise<Identity | null> {
  const { rows } = await database.query<Identity>({
    name: 'find-api-token',
    text: `with found as (select id, name, role, last_used_at from api_token
                           where token_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())),
                used as (update api_token set last_used_at = now()
                          where id in (select id from found
                                        where last_used_at is null or last_used_at < now() - interval '1 minute'))
           select 'token:' || name as actor, role from found`,
    values: [tokenHash],
  });
  return rows[0] ?? null;
}
