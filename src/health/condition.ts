import type { CodeEntry } from '../dxa/values/finding.ts';

/** What a process needs in order to work. */
export type Part = 'database' | 'queue' | 'archive' | 'drop' | 'schema';

const passing = (text: string, remedy: string): CodeEntry => ({ text, remedy, permanence: 'transient' });

/** What can be wrong with a part; each ends by itself when its cause does. */
export const CONDITION_CODES = {
  DATABASE_UNREACHABLE: passing('No PostgreSQL responds at DATABASE_URL.', 'Start it, or fix the network connection.'),
  DATABASE_SILENT: passing(
    'PostgreSQL accepts connections but does not respond.',
    'Check whether its host is stopped, swapping or out of disk.',
  ),
  DATABASE_STARTING: passing('PostgreSQL is starting, stopping or recovering.', 'Wait; see its log for progress.'),
  DATABASE_MISSING: passing('The server has no database of this name.', 'Correct DATABASE_URL or restore the backup.'),
  DATABASE_SIGN_IN: passing(
    'PostgreSQL rejects the user or password.',
    'Put the current password into DATABASE_URL (or its file) and restart the processes.',
  ),
  DATABASE_CONNECTIONS: passing(
    'PostgreSQL has no free connections.',
    'Raise max_connections, or run fewer processes; docs/scaling.md says how many each needs.',
  ),
  DATABASE_READ_ONLY: passing(
    'The database accepts no writes: default_transaction_read_only is on.',
    'Turn it off (alter system or alter database … reset default_transaction_read_only).',
  ),
  DATABASE_STANDBY: passing(
    'The server is a standby or still recovering: it accepts no writes.',
    'Point DATABASE_URL at the primary, or promote the standby.',
  ),
  DATABASE_FULL: passing('The disk of the database is full.', 'Free up space; pending work resumes automatically.'),
  DATABASE_RIGHTS: passing(
    'The database refuses a statement: insufficient privileges.',
    'The account in DATABASE_URL must own the dxaflow tables.',
  ),
  DATABASE_SCHEMA: passing('The dxaflow tables do not exist.', 'Run “dxaflow migrate”.'),
  DATABASE_BUSY: passing(
    'The database responds, but this process has no free connection.',
    'Check pg_stat_activity for long-running statements.',
  ),
  DATABASE_FAILING: passing('A test statement on the database failed.', 'See its log and the cause given with it.'),
  QUEUE_UNREACHABLE: passing(
    'Nothing responds at QUEUE_URL, or connections are closed immediately.',
    'Start it, fix the network connection, or raise its maxclients. Nothing is lost: pending work is recorded in the database, and the running intake picks it up when the queue is back.',
  ),
  QUEUE_SILENT: passing(
    'The queue accepts connections but does not respond.',
    'Check whether its host is stopped, swapping or busy with one long command.',
  ),
  QUEUE_STARTING: passing('The queue is loading its data, or starting.', 'Wait; see its log for progress.'),
  QUEUE_MISSING: passing('The server of the queue has no such database.', 'Correct QUEUE_URL.'),
  QUEUE_SIGN_IN: passing(
    'The queue rejects the user or password.',
    'Put the current password into QUEUE_URL (or its file) and restart the processes.',
  ),
  QUEUE_CONNECTIONS: passing('The queue has no free connections.', 'Raise maxclients or max_connections.'),
  QUEUE_READ_ONLY: passing(
    'The queue accepts no writes: it is a replica, or read-only.',
    'Point QUEUE_URL at the primary, or make this one the primary.',
  ),
  QUEUE_STANDBY: passing('The server of the queue is a standby.', 'Point QUEUE_URL at the primary, or promote it.'),
  QUEUE_MEMORY: passing(
    'Redis has reached maxmemory and accepts no new jobs.',
    'Raise maxmemory, or check what else uses it. Pending work is recorded in the database and will be picked up.',
  ),
  QUEUE_EVICTS: passing(
    'Redis may discard jobs: its maxmemory-policy is not noeviction.',
    'Set maxmemory-policy noeviction.',
  ),
  QUEUE_FULL: passing('The disk of the queue is full, or Redis cannot save to it.', 'Free up space.'),
  QUEUE_CLUSTER: passing(
    'The Redis Cluster is unhealthy, or the queue spans several slots.',
    'Repair the cluster; docs/scaling.md says what the queue needs.',
  ),
  QUEUE_RIGHTS: passing(
    'The queue refuses a command: insufficient privileges.',
    'The account in QUEUE_URL needs full access.',
  ),
  QUEUE_SCHEMA: passing('The queue tables do not exist.', 'Run “dxaflow migrate”.'),
  QUEUE_LAYOUT: passing(
    'The tables or keys of the queue have a layout unknown to this release: they were created by another version of BullMQ.',
    'Run the matching release of dxaflow (docs/upgrading.md). Nothing is lost: pending work is recorded in the database.',
  ),
  QUEUE_FAILING: passing('A test job on the queue failed.', 'See its log and the cause given with it.'),
  ARCHIVE_FULL: passing('The disk of the archive is full.', 'Free up space; files wait in the drop folder meanwhile.'),
  ARCHIVE_READ_ONLY: passing('The archive is mounted read-only.', 'Mount it read-write.'),
  ARCHIVE_GONE: passing('The archive folder is missing.', 'Mount it, or correct ARCHIVE_DIR.'),
  ARCHIVE_RIGHTS: passing('The intake may not write to the archive.', 'Give its account ownership of the folder.'),
  ARCHIVE_SILENT: passing('The archive disk is not responding.', 'Check the file server.'),
  ARCHIVE_FAILING: passing('A test write in the archive folder failed.', 'See the cause given with it.'),
  DROP_GONE: passing('The drop folder or its mount is missing.', 'Mount it, or correct DROP_DIR.'),
  DROP_READ_ONLY: passing('Files cannot leave the drop folder: it is mounted read-only.', 'Mount it read-write.'),
  DROP_RIGHTS: passing(
    'The intake may not read the drop folder or remove files from it.',
    'Give its account read and write access.',
  ),
  DROP_FULL: passing('The disk of the drop folder is full: senders cannot write.', 'Free up space.'),
  DROP_SILENT: passing('The drop folder is not responding.', 'Check the file server.'),
  DROP_FAILING: passing('Reading the drop folder failed.', 'See the cause given with it.'),
  SCHEMA_MOVED_ON: passing(
    'The database was migrated for newer code than this process runs. It has stopped and released its work.',
    'Replace it by the newer dxaflow (docs/upgrading.md).',
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
export const conditionLabel = (code: string): string =>
  code
    .slice(code.indexOf('_') + 1)
    .toLowerCase()
    .replaceAll('_', ' ');
