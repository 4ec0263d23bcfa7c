import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from './leases.ts';
import { bringUp, type Cluster, type RunningServer, stopServer } from './postgres-server.ts';
import { livePostmaster } from './postmaster.ts';
import { boundServerLog } from './server-log.ts';

const RETRY_FIRST_MS = 500;
const RETRY_AT_MOST_MS = 5000;
/** Waiting callers get the error after this many failed attempts to start the server. */
const PATIENT_ATTEMPTS = 3;
const LOG_CHECK_MS = 2000;

export type Supervision = {
  /** Resolves once the server can be used; rejects with the reason while it cannot be started. */
  readonly whenUp: () => Promise<void>;
  /** Stops the server and watching over it. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts the server again whenever it ends, at the same address, so that the pools of its processes find it there. Those
 * processes hear of it through `tell`.
 */
export function supervise(cluster: Cluster, first: RunningServer, tell: (line: string) => void): Supervision {
  let stopping = false;
  let isUp = true;
  let lives = 0;
  let up = Promise.withResolvers<void>();
  up.resolve();

  const markDown = () => {
    if (!isUp) return;
    isUp = false;
    up = Promise.withResolvers<void>();
    tell('down');
  };

  const restart = async (): Promise<RunningServer | null> => {
    for (let attempt = 1; !stopping; attempt += 1) {
      try {
        return await bringUp(cluster, { anyPort: false });
      } catch (error) {
        if (attempt === PATIENT_ATTEMPTS) tell(`failed ${describe(error)}`);
        if (attempt >= PATIENT_ATTEMPTS) {
          up.promise.catch(() => undefined); // there may be no caller waiting
          up.reject(error);
          up = Promise.withResolvers<void>();
        }
        await sleep(Math.min(RETRY_FIRST_MS * attempt, RETRY_AT_MOST_MS));
      }
    }
    return null;
  };

  const watch = async () => {
    for (let server: RunningServer | null = first; server !== null; server = await restart()) {
      lives += 1;
      isUp = true;
      up.resolve();
      if (server !== first) tell('up');
      await server.gone;
      if (stopping) return;
      markDown();
    }
  };
  const watching = watch();
  const logTimer = setInterval(() => {
    // Where the folder is away the server is, too, and its processes are told.
    boundServerLog(cluster.dataDir).catch(() => undefined);
  }, LOG_CHECK_MS);

  return {
    whenUp: async () => {
      const life = lives;
      // A process that comes just after the server was killed must not be sent to it.
      if (isUp && (await livePostmaster(cluster.dataDir)) === null && life === lives) markDown();
      await up.promise;
    },
    stop: async () => {
      stopping = true;
      clearInterval(logTimer);
      await stopServer(cluster);
      await watching;
      await stopServer(cluster); // it was being started just now
    },
  };
}
