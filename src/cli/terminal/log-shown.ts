import { userInfo } from 'node:os';
import { logAccess } from '../../db/access/access-log.ts';
import type { Queryable } from '../../db/pool.ts';

/** Who types, as the operating system knows it; a container may run under a number without a name. */
function whoTypes(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown'); // ENOENT or ERR_SYSTEM_ERROR: no entry for this number
  }
}

/**
 * Notes what a command is about to show or to write into a file, as the pages do. The command line has the whole database
 * at hand: this keeps an honest record, it is not access control.
 */
export async function logShown(
  database: Queryable,
  command: string,
  shown: { readonly patientIds?: readonly string[]; readonly fileIds?: readonly string[] },
): Promise<void> {
  const { patientIds = [], fileIds = [] } = shown;
  await logAccess(database, { actor: `cli:${whoTypes()}`, route: `dxaflow ${command}`, patientIds, fileIds });
}
