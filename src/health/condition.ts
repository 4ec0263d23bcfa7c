import type { CodeEntry } from '../dxa/values/finding.ts';

/** What a process needs in order to work. */
export type Part = 'database' | 'queue' | 'archive' | 'drop' | 'schema';

const passing = (text: string, remedy: string): CodeEntry => ({ text, remedy, permanence: 'transient' });

/** What can be wrong with a part; each ends by itself when its cause does. */
export const CONDITION_CODES = {
  DATABASE_UNREACHABLE: passing('No PostgreSQL answers at DATABASE_URL.', 'Start it, or mend the network between.'),
  DATABASE_SILENT: passing(
    'PostgreSQL takes connections and does not answer.',
    'Look whether its host is stopped, swapping or out of disk.',
  ),
  DATABASE_STARTING: passing('PostgreSQL is starting, stopping or recovering.', 'Wait; its log says how far it is.'),
  DATABASE_MISSING: passing('The server has no database of this name.', 'Correct DATABASE_URL or restore the backup.'),
  DATABASE_SIGN_IN: passing(
    'PostgreSQL refuses user or password.',
    'Put the password of today into DATABASE_URL (or its file) and restart the processes.',
  ),
  DATABASE_CONNECTIONS: passing(
    'PostgreSQL has no connection left to give.',
    'Raise max_connections, or run fewer processes; docs/scaling.md says how many each takes.',
  ),
  DATABASE_READ_ONLY: passing(
    'The database takes no writes: default_transaction_read_only is on.',
    'Turn it off (alter system or alter database … reset default_transaction_read_only).',
  ),
  DATABASE_STANDBY: passing(
    'The server is a standby, or still recovers: it takes no writes.',
    'Point DATABASE_URL at the primary, or promote the standby.',
  ),
  DATABASE_FULL: passing('The disk of the database is full.', 'Make room; what waits goes on by itself.'),
  DATABASE_RIGHTS: passing(
    'The database refuses a statement for lack of rights.',
    'Let the account of DATABASE_URL own the tables of dxaflow.',
  ),
  DATABASE_SCHEMA: passing('The tables of dxaflow are not there.', 'Run “dxaflow migrate”.'),
  DATABASE_BUSY: passing(
    'The database answers, and this process has no connection free.',
    'Look at what runs for long in pg_stat_activity.',
  ),
  DATABASE_FAILING: passing('The database fails at a trial statement.', 'Its log and the cause beside say why.'),
  QUEUE_UNREACHABLE: passing(
    'Nothing answers at QUEUE_URL, or what is there hangs up at once.',
    'Start it, mend the network between, or raise its maxclients. Nothing is lost: what is to be done stands in the database, and the running intake finds it when the queue is back.',
  ),
  QUEUE_SILENT: passing(
    'The queue takes connections and does not answer.',
    'Look whether its host is stopped, swapping or busy with one long command.',
  ),
  QUEUE_STARTING: passing('The queue is loading its data, or starting.', 'Wait; its log says how far it is.'),
  QUEUE_MISSING: passing('The server of the queue has no such database.', 'Correct QUEUE_URL.'),
  QUEUE_SIGN_IN: passing(
    'The queue refuses user or password.',
    'Put the password of today into QUEUE_URL (or its file) and restart the processes.',
  ),
  QUEUE_CONNECTIONS: passing('The queue has no connection left to give.', 'Raise maxclients or max_connections.'),
  QUEUE_READ_ONLY: passing(
    'The queue takes no writes: it is a replica, or read-only.',
    'Point QUEUE_URL at the primary, or make this one the primary.',
  ),
  QUEUE_STANDBY: passing('The server of the queue is a standby.', 'Point QUEUE_URL at the primary, or promote it.'),
  QUEUE_MEMORY: passing(
    'Redis has used up its maxmemory and takes no new job.',
    'Raise maxmemory, or look who else fills it. Work that waits stands in the database and is found again.',
  ),
  QUEUE_EVICTS: passing(
    'Redis may throw jobs away: its maxmemory-policy is not noeviction.',
    'Set maxmemory-policy noeviction.',
  ),
  QUEUE_FULL: passing('The disk of the queue is full, or Redis cannot save to it.', 'Make room.'),
  QUEUE_CLUSTER: passing(
    'The Redis Cluster is not in order, or the queue spans its slots.',
    'Mend the cluster; docs/scaling.md says what the queue needs of one.',
  ),
  QUEUE_RIGHTS: passing(
    'The queue refuses a command for lack of rights.',
    'Let the account of QUEUE_URL do everything.',
  ),
  QUEUE_SCHEMA: passing('The tables of the queue are not there.', 'Run “dxaflow migrate”.'),
  QUEUE_LAYOUT: passing(
    'The tables or keys of the queue are not in the form that this release knows: another version of BullMQ made them.',
    'Run the release of dxaflow that goes with it (docs/upgrading.md). Nothing is lost: what is to be done stands in the database.',
  ),
  QUEUE_FAILING: passing('The queue fails at a trial.', 'Its log and the cause beside say why.'),
  ARCHIVE_FULL: passing('The disk of the archive is full.', 'Make room; files wait in the drop folder meanwhile.'),
  ARCHIVE_READ_ONLY: passing('The archive is mounted read-only.', 'Mount it for writing.'),
  ARCHIVE_GONE: passing('The archive folder is not there.', 'Mount it, or correct ARCHIVE_DIR.'),
  ARCHIVE_RIGHTS: passing(
    'The intake may not write into the archive.',
    'Give the folder to the account that it runs under.',
  ),
  ARCHIVE_SILENT: passing('The disk of the archive does not answer.', 'Look at the file server.'),
  ARCHIVE_FAILING: passing('A trial in the archive folder fails.', 'The cause beside says why.'),
  DROP_GONE: passing('The drop folder is not there, or its mount is not.', 'Mount it, or correct DROP_DIR.'),
  DROP_READ_ONLY: passing('Files cannot leave the drop folder: it is mounted read-only.', 'Mount it for writing.'),
  DROP_RIGHTS: passing(
    'The intake may not read the drop folder, or not take files out.',
    'Let its account read and write there.',
  ),
  DROP_FULL: passing('The disk of the drop folder is full: senders cannot write.', 'Make room.'),
  DROP_SILENT: passing('The drop folder does not answer.', 'Look at the file server.'),
  DROP_FAILING: passing('A look into the drop folder fails.', 'The cause beside says why.'),
  SCHEMA_MOVED_ON: passing(
    'The database was migrated for newer code than this process runs. It has stopped working and handed back what it had.',
    'Start the newer dxaflow in its place (docs/upgrading.md).',
  ),
} as const satisfies Record<string, CodeEntry>;

export type ConditionCode = keyof typeof CONDITION_CODES;

/** `cause` is the SQLSTATE, error code of the system or first word of Redis that it was told by. */
export type Trouble = { readonly code: ConditionCode; readonly cause: string };

export type Condition = Trouble & { readonly part: Part; readonly since: Date };

const isCode = (code: string): code is ConditionCode => Object.hasOwn(CONDITION_CODES, code);

/** The trouble of a kind with a part, or its FAILING where that kind has no words for it. */
export function troubleOf(part: Part, kind: string, cause: string): Trouble {
  // What schema the database has, it says itself.
  const place = part === 'schema' ? 'DATABASE' : (part.toUpperCase() as Uppercase<Exclude<Part, 'schema'>>);
  const code = `${place}_${kind}`;
  return { code: isCode(code) ? code : `${place}_FAILING`, cause };
}

/** For the line of a part in a health check. */
export const conditionWords = (code: string): string =>
  code
    .slice(code.indexOf('_') + 1)
    .toLowerCase()
    .replaceAll('_', ' ');
