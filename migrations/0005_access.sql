-- People who sign in with a password; never deleted, because the audit names them.
create table app_user (
  id            bigint generated always as identity primary key,
  name          text not null unique check (name ~ '^[a-z0-9][a-z0-9._@-]{0,62}$' and name not in ('local', 'dxaflow')),
  role          text not null check (role in ('viewer', 'reviewer', 'administrator')),
  -- scrypt with its parameters and salt; see src/http/access/password.ts.
  password_hash text not null,
  created_at    timestamptz not null default now(),
  disabled_at   timestamptz
);

-- A browser that signed in. Secrets are kept as SHA-256 only, here and below: who reads the table cannot sign in with it.
create table session (
  token_hash  text primary key check (token_hash ~ '^[0-9a-f]{64}$'),
  -- Null for the one person of a single machine, who came by the link printed at start.
  user_id     bigint references app_user (id),
  role        text not null check (role in ('viewer', 'reviewer', 'administrator')),
  created_at  timestamptz not null default now(),
  expires_at  timestamptz not null
);
create index session_by_user on session (user_id);

-- A link that signs one browser in, once.
create table enter_link (
  token_hash  text primary key check (token_hash ~ '^[0-9a-f]{64}$'),
  created_at  timestamptz not null default now(),
  expires_at  timestamptz not null,
  used_at     timestamptz
);

-- Programs that use the API.
create table api_token (
  id           bigint generated always as identity primary key,
  name         text not null check (name ~ '^[a-z0-9][a-z0-9._@-]{0,62}$'),
  token_hash   text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  role         text not null check (role in ('viewer', 'reviewer', 'administrator')),
  created_at   timestamptz not null default now(),
  expires_at   timestamptz,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
create unique index api_token_in_force on api_token (name) where revoked_at is null;

-- Tries to sign in within a window of time, by a hash of who tried: what people type into a name field may be a password.
create table sign_in_attempt (
  subject    text        primary key,
  attempts   integer     not null,
  started_at timestamptz not null default now()
);

-- Who looked at which patient's values; only ever added to.
create table access_log (
  id          bigint generated always as identity primary key,
  happened_at timestamptz not null default now(),
  actor       text     not null,
  -- The route's name, e.g. "GET /cases/:id": never a URL with its query.
  route       text     not null,
  patient_ids bigint[] not null
);
create index access_log_by_patient on access_log using gin (patient_ids);

create function refuse_access_log_change() returns trigger language plpgsql as $$
begin
  raise exception 'access_log is only ever added to' using errcode = 'restrict_violation';
end
$$;
create trigger access_log_append_only before update or delete or truncate on access_log
  for each statement execute function refuse_access_log_change();
