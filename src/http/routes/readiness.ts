import { readDiskTrouble } from '../../db/files/intake-problem.ts';
import { listConditions } from '../../db/health/process-condition.ts';
import { lookup } from '../../dxa/values/lookup.ts';
import { DISK_ERRORS, type DiskCode } from '../../errors/disk.ts';
import { CONDITION_CODES, type Condition, conditionLabel, type Part, troubleOf } from '../../health/condition.ts';
import type { ServerContext } from '../answer/context.ts';

const READY_TIMEOUT_MS = 1800;

/** What keeps the intake from moving files into the archive. */
const DISK_LABELS = lookup({
  ENOSPC: 'disk full',
  EDQUOT: 'quota used up',
  EROFS: 'read-only',
  EIO: 'disk does not answer',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
} satisfies Partial<Record<DiskCode, string>>);

/** `process` is absent when this one found it. */
type Found = Condition & { readonly process?: string };

type Reason = Pick<Condition, 'part' | 'code' | 'cause'> & {
  readonly since: Date | null;
  /** Which kind of process found it; absent when it was this one. */
  readonly process?: string;
  readonly text: string;
  readonly remedy: string;
};

export type Readiness = Readonly<Record<Part, string>> & {
  readonly status: 'ready' | 'not ready';
  readonly reasons: readonly Reason[];
};

async function within<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('timeout')), READY_TIMEOUT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What other processes found wrong, and the disk that refused a file; null when the database does not say. */
async function readNoted({ pool }: ServerContext): Promise<readonly Found[] | null> {
  try {
    const [conditions, disk] = await within(Promise.all([listConditions(pool), readDiskTrouble(pool)]));
    if (disk === null || conditions.some(({ part }) => part === 'archive')) return conditions;
    const trouble = troubleOf('archive', DISK_ERRORS[disk].trouble, disk);
    return [...conditions, { part: 'archive', ...trouble, since: new Date() }];
  } catch {
    return null; // why, the database's own trial says
  }
}

const ERRNO = /^E[A-Z]+$/;

/** A disk's own code says more than ours. */
const wordsOf = ({ code, cause }: Condition): string =>
  ERRNO.test(cause) ? `${DISK_LABELS[cause] ?? conditionLabel(code)} (${cause})` : `${conditionLabel(code)} (${code})`;

/** Whether new scans are judged, and if not what keeps them from it; answers within two seconds, whatever hangs. */
export async function readReadiness(context: ServerContext): Promise<Readiness> {
  const [own, noted] = await Promise.all([context.states.look(), readNoted(context)]);
  const found: Found[] = [...own, ...(noted ?? [])];
  // A process that is too old says so itself, but its successor may already be at work.
  const isOwn = (part: Part) => part === 'database' || part === 'queue' || part === 'schema';
  if (noted === null && !own.some(({ part }) => part === 'database')) {
    found.push({ part: 'database', ...troubleOf('database', 'BUSY', 'TIMEOUT'), since: new Date() });
  }
  const counting = found.filter(({ part, process }) => process === undefined || !isOwn(part));
  const words = (part: Part) => {
    const one = counting.find((each) => each.part === part);
    if (one !== undefined) return wordsOf(one);
    return noted === null && !isOwn(part) ? 'unknown' : 'ok';
  };
  return {
    status: counting.length === 0 ? 'ready' : 'not ready',
    database: words('database'),
    queue: words('queue'),
    archive: words('archive'),
    drop: words('drop'),
    schema: words('schema'),
    reasons: found.map(({ part, code, cause, since, process }) => ({
      part,
      code,
      cause,
      since,
      // Without host and number, which are not for callers without a role.
      ...(process === undefined ? {} : { process: process.split(' ')[0] ?? '' }),
      text: CONDITION_CODES[code].text,
      remedy: CONDITION_CODES[code].remedy,
    })),
  };
}
