import { hostname } from 'node:os';
import { type DatabaseLook, probeDatabase } from '../db/health/probe.ts';
import { noteConditions } from '../db/health/process-condition.ts';
import type { Pool } from '../db/pool.ts';
import { readNeededLevel } from '../db/schema/ledger.ts';
import type { Condition, Part } from '../health/condition.ts';
import type { States } from '../health/states.ts';
import { probeQueue } from '../queue/probe.ts';

export type Surroundings = {
  /** Looks from now on after what every process needs: a database that takes writes and fits its code, and the queue. */
  readonly watch: () => void;
  /** Notes in the database what only this process sees, so that the health check of another one can tell it. */
  readonly share: (conditions: readonly Condition[]) => void;
  /** Asks the ledger whether this process can no longer work with the database; fails when that is away. */
  readonly isOutdated: () => Promise<boolean>;
  /** Resolves when the database was migrated beyond what this process can work with. */
  readonly outdated: Promise<void>;
};

/** What only the process itself can see; database and queue are probed by each process that asks. */
const SHARED: readonly Part[] = ['archive', 'drop', 'schema'];

function shareConditions(pool: Pool, name: string): (conditions: readonly Condition[]) => void {
  const process = `${name} ${hostname()} ${globalThis.process.pid}`;
  let noted = 0;
  let noting = false;
  return (conditions) => {
    const shared = conditions.filter(({ part }) => SHARED.includes(part));
    const away = conditions.some(({ part }) => part === 'database');
    if (noting || away || (shared.length === 0 && noted === 0)) return;
    noting = true;
    noteConditions(pool, process, shared)
      .then(() => {
        noted = shared.length;
      })
      .catch(() => undefined) // said again at the next look; a database that is away is told of by its own line
      .finally(() => {
        noting = false;
      });
  };
}

/** What a process needs, by the addresses that it was given. */
export function describeSurroundings(needs: {
  readonly process: string;
  readonly states: States;
  readonly pool: Pool;
  readonly databaseUrl: string;
  readonly queueUrl: string;
  readonly queueNamespace: string;
  /** Schema that this code was written for. */
  readonly level: number;
}): Surroundings {
  const { pool, level, states } = needs;
  const outdated = Promise.withResolvers<void>();
  let needed = 0;
  const isPast = (neededLevel: number) => {
    needed = Math.max(needed, neededLevel);
    if (needed <= level) return false;
    states.tell('schema', { code: 'SCHEMA_MOVED_ON', cause: String(needed) });
    outdated.resolve();
    return true;
  };
  return {
    watch: () => {
      let looking: Promise<DatabaseLook> | undefined;
      states.watch('database', async () => {
        looking = probeDatabase(needs.databaseUrl);
        return (await looking).trouble;
      });
      states.watch('schema', async () => {
        const past = isPast((await looking)?.neededLevel ?? 0);
        return past ? { code: 'SCHEMA_MOVED_ON', cause: String(needed) } : null;
      });
      states.watch('queue', () => probeQueue(needs.queueUrl, needs.queueNamespace));
    },
    share: shareConditions(pool, needs.process),
    isOutdated: async () => isPast(await readNeededLevel(pool)),
    outdated: outdated.promise,
  };
}
