import type { Queryable } from '../pool.ts';
import { LOCAL_ACTOR, type Role } from './user.ts';

/** Who asks: a person by a session, or a program by a token. */
export type Identity = { readonly actor: string; readonly role: Role };

/** Opens a session for a user, or for the local person when `userId` is null. Sessions that have run out are swept. */
export async function openSession(
  database: Queryable,
  session: {
    readonly tokenHash: string;
    readonly userId: string | null;
    readonly role: Role;
    readonly lifetimeSeconds: number;
  },
): Promise<void> {
  await database.query(
    `with gone as (delete from session where expires_at < now())
     insert into session (token_hash, user_id, role, expires_at)
     values ($1, $2, $3, now() + make_interval(secs => $4))`,
    [session.tokenHash, session.userId, session.role, session.lifetimeSeconds],
  );
}

/** The role is that of the user now, not that of the day of signing in. */
export async function findSession(database: Queryable, tokenHash: string): Promise<Identity | null> {
  const { rows } = await database.query<Identity>({
    name: 'find-session',
    text: `select coalesce(u.name, $2) as actor, coalesce(u.role, s.role) as role
             from session s left join app_user u on u.id = s.user_id
            where s.token_hash = $1 and s.expires_at > now() and u.disabled_at is null`,
    values: [tokenHash, LOCAL_ACTOR],
  });
  return rows[0] ?? null;
}

export async function endSession(database: Queryable, tokenHash: string): Promise<void> {
  await database.query('delete from session where token_hash = $1', [tokenHash]);
}

export async function addEnterLink(database: Queryable, tokenHash: string, lifetimeSeconds: number): Promise<void> {
  await database.query(
    'insert into enter_link (token_hash, expires_at) values ($1, now() + make_interval(secs => $2))',
    [tokenHash, lifetimeSeconds],
  );
}

/** True for the first caller with a link that has not expired, and for none after. */
export async function spendEnterLink(database: Queryable, tokenHash: string): Promise<boolean> {
  const { rowCount } = await database.query(
    'update enter_link set used_at = now() where token_hash = $1 and used_at is null and expires_at > now()',
    [tokenHash],
  );
  return rowCount === 1;
}
