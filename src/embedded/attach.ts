import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { codeOf, DxaflowError } from '../errors/errors.ts';
import { databaseError } from './codes.ts';
import { openHome } from './home.ts';
import type { ServerNews } from './lease.ts';
import { attach, idOf, reattach } from './reach-keeper.ts';

const ANSWER_TIMEOUT_MS = 30_000;
const ANSWER_AGAIN_MS = 100;

export type EmbeddedDatabase = {
  readonly databaseUrl: string;
  /** Gives the lease back; when it was the last one, resolves after the server has stopped. */
  readonly release: () => Promise<void>;
};

export type EmbeddedEvents = {
  /** The server, or the keeper that watches over it, has ended or is back. */
  readonly onNews?: (news: ServerNews) => void;
  /** This process cannot go on with its database and must end: it is elsewhere now. */
  readonly onLost?: (error: DxaflowError) => void;
};

/** Waits until the server accepts connections: it may have been killed at this very moment. */
async function untilAnswers(databaseUrl: string): Promise<void> {
  for (const deadline = performance.now() + ANSWER_TIMEOUT_MS; ; await sleep(ANSWER_AGAIN_MS)) {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined); // ending it fails as well
    try {
      await client.connect();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw databaseError('DATABASE_AWAY', `Cause: ${codeOf(error)}.`, error);
    } finally {
      await client.end().catch(() => undefined); // never connected
    }
  }
}

/**
 * Attaches to the embedded PostgreSQL of `homeDir`, starting it if none runs. The server stays up as long as any process
 * holds a lease, and is started again when it, or the keeper that watches over it, is killed. Throws a code of
 * DATABASE_CODES when it cannot be had.
 */
export async function attachEmbedded(homeDir: string, events: EmbeddedEvents = {}): Promise<EmbeddedDatabase> {
  const given = resolve(homeDir);
  const home = await openHome(given);
  await access(home.dir, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw databaseError('EMBEDDED_HOME_UNUSABLE', `Home ${home.dir} (${codeOf(error)}).`, error);
  });
  let { lease, address } = await attach(home);
  const id = await idOf(home);
  const { databaseUrl } = address;
  let released = false;

  const hold = async () => {
    for (;;) {
      lease.onNews((news) => events.onNews?.(news));
      await lease.ended;
      if (released) return;
      events.onNews?.('unwatched');
      const again = await reattach(given, id, {
        isReleased: () => released,
        onFailure: (failed) => events.onNews?.({ failed }),
      });
      if (again === null) return;
      ({ lease, address } = again);
      events.onNews?.('watched');
      if (released) await lease.release();
      if (address.databaseUrl !== databaseUrl) throw databaseError('EMBEDDED_ADDRESS_CHANGED', `Home ${home.dir}.`);
    }
  };
  hold().catch((error: unknown) => {
    if (!released) events.onLost?.(error instanceof DxaflowError ? error : databaseError('DATABASE_AWAY', '', error));
  });

  const release = async () => {
    released = true;
    await lease.release();
  };
  try {
    await untilAnswers(databaseUrl);
  } catch (error) {
    await release();
    throw error;
  }
  return { databaseUrl, release };
}
