import pg from 'pg';
import { codeOf } from '../../errors/errors.ts';

/** A whole trial is over in this time, so that a health check can wait for it. */
export const TRIAL_MS = 1500;

const KINDS: Readonly<Record<string, string>> = {
  '3D000': 'MISSING',
  '53100': 'FULL',
  '53300': 'CONNECTIONS',
  '57P03': 'STARTING',
  '57P01': 'STARTING',
  '25006': 'READ_ONLY',
  '42501': 'RIGHTS',
  '42P01': 'SCHEMA',
  '3F000': 'SCHEMA',
};
const KINDS_BY_CLASS: Readonly<Record<string, string>> = { '28': 'SIGN_IN', '57': 'STARTING', '08': 'UNREACHABLE' };
const TIMED_OUT = /timeout/i;
const UNREACHABLE = /^(ECONN|EPIPE|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/;

/** What a failure of PostgreSQL is called, by its SQLSTATE or the code of the network. */
export function kindOfFailure(error: unknown): string {
  const code = codeOf(error);
  if (UNREACHABLE.test(code)) return 'UNREACHABLE';
  // Its own timeouts are the only errors of pg that carry no code.
  if (code === 'UNKNOWN') return error instanceof Error && TIMED_OUT.test(error.message) ? 'SILENT' : 'UNREACHABLE';
  return KINDS[code] ?? KINDS_BY_CLASS[code.slice(0, 2)] ?? 'FAILING';
}

/**
 * Opens a new connection, as a starting process would, and runs `work`; whatever happens it is over in `TRIAL_MS`. A
 * connection of the pool would not notice that the password has changed or that there is no other to be had.
 */
export async function tryPostgres<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'dxaflow trial',
    connectionTimeoutMillis: TRIAL_MS,
    query_timeout: TRIAL_MS,
  });
  client.on('error', () => undefined); // the statement at hand fails as well
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('trial: timeout')), TRIAL_MS);
  try {
    const done = client.connect().then(() => work(client));
    done.catch(() => undefined);
    return await Promise.race([done, late.promise]);
  } finally {
    clearTimeout(timer);
    // Not end(), which waits for a server that may be silent; the server sees the connection close.
    client.connection.stream.destroy();
  }
}

type Look = { readonly standby: boolean; readonly readOnly: boolean };

/** Throws with the SQLSTATE of a statement that writes where the server takes none. */
export async function checkWritable(client: pg.Client): Promise<'STANDBY' | 'READ_ONLY' | null> {
  const { rows } = await client.query<Look>(
    `select pg_is_in_recovery() as standby, current_setting('transaction_read_only') = 'on' as "readOnly"`,
  );
  if (rows[0]?.standby === true) return 'STANDBY';
  return rows[0]?.readOnly === true ? 'READ_ONLY' : null;
}
