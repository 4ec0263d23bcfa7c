import { isDiskCode } from './disk.ts';
import { codeOf, DxaflowError } from './errors.ts';

/** SQLSTATE classes in which the statement was fine and the server or the moment was not. */
const PASSING_CLASSES: readonly string[] = [
  '08', // connection
  '40', // serialisation, deadlock
  '53', // out of disk, memory, connections
  '55', // lock not available, object in use
  '57', // shut down, crash, not yet up, cancelled
  '58', // I/O of the server
];

/** The database is not there or cannot work: nothing else can be done meanwhile either. */
const AWAY_CLASSES: readonly string[] = ['08', '53', '57', '58'];

const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** The same, beside whole classes: what is wrong is the server's state or this process's way in, never the statement. */
const AWAY: readonly string[] = [
  '25006', // takes no writes: standby, or default_transaction_read_only
  '28000', // refuses this user
  '28P01', // refuses the password, which was changed
  '3D000', // the database is being restored
];

/** What pg throws without a code when a connection ends under a statement or cannot be had in time. */
const LOST_CONNECTION = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;

function lostConnection(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === 'UNKNOWN' && LOST_CONNECTION.test(error.message);
}

const inClasses = (code: string, classes: readonly string[]) =>
  SQLSTATE.test(code) && classes.includes(code.slice(0, 2));

/** The server ended a transaction that was fine for the sake of another: the same again may well get through. */
export function isRolledBack(error: unknown): boolean {
  return inClasses(codeOf(error), ['40']);
}

/** Database or network away: workers wait for it instead of using up the attempts of every job. */
export function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  return inClasses(code, AWAY_CLASSES) || AWAY.includes(code) || NETWORK.test(code) || lostConnection(error);
}

/**
 * A table changed under a statement that this connection had prepared: on another connection the same statement is fine.
 * The code stands for much else, so that the routine of the server has to tell (src/backend/utils/cache/plancache.c).
 */
export function isStalePlan(error: unknown): boolean {
  return (
    codeOf(error) === '0A000' &&
    error instanceof Error &&
    'routine' in error &&
    error.routine === 'RevalidateCachedQuery'
  );
}

/**
 * Whether doing the same again later can help: decided by type and code. What is not known to pass counts as permanent
 * and is shown to people at once.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof DxaflowError) return error.transient;
  const code = codeOf(error);
  return isOutage(error) || isStalePlan(error) || inClasses(code, PASSING_CLASSES) || isDiskCode(code);
}
