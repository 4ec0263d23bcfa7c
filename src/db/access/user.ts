import type { Queryable } from '../pool.ts';

/** Name under which the one person of a single machine stands in the audit. */
export const LOCAL_ACTOR = 'local';

/** What a person or program may do; each role may do what those before it may. */
export const ROLES = ['viewer', 'reviewer', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

export type User = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
};

/** Adds a user; false when the name is taken, also by a disabled user: the audit must not mix up two people. */
export async function addUser(
  database: Queryable,
  user: { readonly name: string; readonly role: Role; readonly passwordHash: string },
): Promise<boolean> {
  const { rowCount } = await database.query(
    'insert into app_user (name, role, password_hash) values ($1, $2, $3) on conflict (name) do nothing',
    [user.name, user.role, user.passwordHash],
  );
  return rowCount === 1;
}

export async function listUsers(database: Queryable): Promise<readonly User[]> {
  const { rows } = await database.query<User>(
    'select id::text, name, role, created_at as "createdAt", disabled_at as "disabledAt" from app_user order by name',
  );
  return rows;
}

/**
 * Names that can be assigned cases now: active users with a role for it, and the one person of a single machine
 * once a link was made for that one. Never a token: a program cannot review.
 */
export async function listReviewers(database: Queryable): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select name from app_user where disabled_at is null and role <> 'viewer'
     union all
     select $1 where exists (select from enter_link) or exists (select from session where user_id is null)
      order by 1`,
    [LOCAL_ACTOR],
  );
  return rows.map(({ name }) => name);
}

/** Ends a user's access at once, with every session; false when there is no such active user. */
export async function disableUser(database: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await database.query(
    `with gone as (update app_user set disabled_at = now() where name = $1 and disabled_at is null returning id),
          ended as (delete from session where user_id in (select id from gone))
     select id from gone`,
    [name],
  );
  return rowCount === 1;
}

export async function findUserToSignIn(
  database: Queryable,
  name: string,
): Promise<{ readonly id: string; readonly role: Role; readonly passwordHash: string } | null> {
  const { rows } = await database.query<{ id: string; role: Role; passwordHash: string }>(
    `select id::text, role, password_hash as "passwordHash" from app_user where name = $1 and disabled_at is null`,
    [name],
  );
  return rows[0] ?? null;
}
