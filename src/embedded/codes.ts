import type { CodeEntry } from '../dxa/values/finding.ts';
import { DxaflowError } from '../errors/errors.ts';

/** Why there is no database to work with. dxaflow never removes a folder that holds one, so each leaves it to a person. */
export const DATABASE_CODES = {
  DATABASE_AWAY: {
    text: 'The database is not responding.',
    remedy:
      'Try again in half a minute: an embedded server that ended is restarted automatically. For a server of your own, check DATABASE_URL and that it runs.',
    permanence: 'transient',
  },
  EMBEDDED_UNAVAILABLE: {
    text: 'No embedded PostgreSQL is installed for this kind of machine.',
    remedy: 'Run npm ci with install scripts allowed, or set DATABASE_URL.',
    permanence: 'permanent',
  },
  EMBEDDED_NO_ACCOUNT: {
    text: 'PostgreSQL does not run as root, and the account postgres could not be created.',
    remedy: 'Run dxaflow as an ordinary user, create the account, or set DATABASE_URL.',
    permanence: 'permanent',
  },
  EMBEDDED_HOME_UNUSABLE: {
    text: 'The home folder (DXAFLOW_HOME) cannot be entered, written or made.',
    remedy:
      'Check that the disk is mounted and that the folder belongs to the account that runs dxaflow; it must be the same account as before.',
    permanence: 'permanent',
  },
  EMBEDDED_HOME_GONE: {
    text: 'The home folder was moved or removed while this process worked in it.',
    remedy: 'Start dxaflow again in the place where the home is now; its database comes along.',
    permanence: 'permanent',
  },
  EMBEDDED_HOME_COPIED: {
    text: 'This home names a database that another home uses: it is a copy, and two homes cannot share one database.',
    remedy:
      'Work in the other home, or remove that one if this is to take its place. For a database of its own, remove embedded-home.json, postgres-initialised and postgres-password from the copy.',
    permanence: 'permanent',
  },
  EMBEDDED_CLUSTER_MISSING: {
    text: 'The database folder that belongs to this home is missing.',
    remedy:
      'Mount its disk or restore it from the backup to the place named here. Only to begin with an empty database: remove embedded-home.json, postgres-initialised and postgres-password from the home.',
    permanence: 'permanent',
  },
  EMBEDDED_CLUSTER_UNCLAIMED: {
    text: 'An earlier home at this path left a database that this new home does not refer to.',
    remedy:
      'If that home was moved, start dxaflow there once. If its files were lost, write the path of the database folder into a file postgres-initialised in this home. To begin with an empty database, move that folder away.',
    permanence: 'permanent',
  },
  EMBEDDED_TWO_CLUSTERS: {
    text: 'This home has two database folders, and nothing says which one holds the work.',
    remedy:
      'Release 0.1.0 made the second when the permissions of a folder above had changed. Write the path of the one to go on with into the file postgres-initialised of the home, move the other away, and keep it until you are sure.',
    permanence: 'permanent',
  },
  EMBEDDED_NOT_WHOLE: {
    text: 'The database folder is incomplete: it was never finished, or parts of it were not restored.',
    remedy:
      'Restore the folder from the backup. If there never was anything in it, move it away, remove embedded-home.json, postgres-initialised and postgres-password from the home, and start again.',
    permanence: 'permanent',
  },
  EMBEDDED_FOREIGN: {
    text: 'The database folder holds the database of another program: it has no role dxaflow.',
    remedy: 'Move that folder away, or set DXAFLOW_HOME to another place.',
    permanence: 'permanent',
  },
  EMBEDDED_VERSION: {
    text: 'The database was made by another major version of PostgreSQL than the one that comes with this release.',
    remedy:
      'Start it with the release of dxaflow that made it, dump it with pg_dump, and load it into a new home; or set DATABASE_URL.',
    permanence: 'permanent',
  },
  EMBEDDED_UNREADABLE: {
    text: 'The database folder, or a file of the home, cannot be read by this account.',
    remedy:
      'Run dxaflow under the account that made the home (perhaps root), or give the folder to this one with chown -R.',
    permanence: 'permanent',
  },
  EMBEDDED_UNREACHABLE: {
    text: 'The account that PostgreSQL runs under cannot enter a folder above the database.',
    remedy: 'Let other accounts pass through that folder (chmod o+x), or move the home to a place where they can.',
    permanence: 'permanent',
  },
  EMBEDDED_INIT_FAILED: {
    text: 'A new database could not be created.',
    remedy: 'Check that the disk has free space and the folder is writable, then start again.',
    permanence: 'transient',
  },
  EMBEDDED_START_FAILED: {
    text: 'The embedded PostgreSQL did not start.',
    remedy: 'Its log server.log in the database folder says why; check the disk first. Nothing was removed.',
    permanence: 'transient',
  },
  EMBEDDED_NOT_UP: {
    text: 'The embedded PostgreSQL did not come up in time.',
    remedy:
      'After a crash it may need minutes to recover: try again. If it persists, stop all dxaflow processes of this home and start again.',
    permanence: 'transient',
  },
  EMBEDDED_OLDER_RUNNING: {
    text: 'Processes of an older release of dxaflow still work in this home.',
    remedy: 'Stop them, then start this release.',
    permanence: 'transient',
  },
  EMBEDDED_ADDRESS_CHANGED: {
    text: 'The embedded PostgreSQL had to be started at another address, because another program took its port.',
    remedy: 'Start this process again.',
    permanence: 'transient',
  },
} as const satisfies Record<string, CodeEntry>;

export type DatabaseCode = keyof typeof DATABASE_CODES;

/** An error with the words of the table; `where` names folders and states, never a value out of the database. */
export function databaseError(code: DatabaseCode, where: string, cause?: unknown): DxaflowError {
  const { text, remedy, permanence } = DATABASE_CODES[code];
  const message = [text, where, remedy].filter((part) => part !== '').join(' ');
  return new DxaflowError(code, message, { transient: permanence === 'transient', cause });
}

export function isDatabaseCode(code: string): code is DatabaseCode {
  return Object.hasOwn(DATABASE_CODES, code);
}
