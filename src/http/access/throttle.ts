import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { clearAttempt, countAttempt, sweepAttempts, type TryLimits } from '../../db/access/sign-in-attempt.ts';
import type { Pool } from '../../db/pool.ts';
import type { SignInFailure } from '../answer/context.ts';
import type { Client } from './client.ts';
import { createMemory } from './memory.ts';

/** Failures in a quarter of an hour. */
const LIMITS: TryLimits = { pair: 5, network: 100, windowSeconds: 15 * 60 };
/** Of a network that is over its limit a process asks the database this often. */
const REMEMBERED_MS = 30_000;
const REMEMBERED = 10_000;
const SWEPT_AT_ONCE = 100;

export type Throttle = {
  /** Null when the password may be looked at; else after how many seconds to try again. */
  readonly begin: (name: string, client: Client) => Promise<number | null>;
  readonly fail: (userId: string | null, client: Client) => Promise<void>;
  readonly succeed: (name: string, client: Client) => Promise<void>;
  /** Counts a token that is none; true when its network has sent too many of them. */
  readonly failToken: (client: Client) => boolean;
};

const hash = (...parts: readonly string[]) => createHash('sha256').update(parts.join('\0')).digest('hex');
const subjectsOf = (name: string, { network }: Client) => ({
  pair: hash('pair', name, network),
  network: hash('network', network),
});

/**
 * Bounds tries to sign in: failures of one name from one network, and of one network. The counts stand in the database, so
 * that all http processes count together and a restart forgets nothing. Tokens are counted in the memory of each process:
 * 256 random bits cannot be guessed, the count only keeps answers and log short, and a token that is right always passes.
 */
export function createThrottle(pool: Pool, log: Logger, count: (failure: SignInFailure) => void): Throttle {
  const braked = createMemory<number>(REMEMBERED, REMEMBERED_MS);
  const tokens = createMemory<number>(REMEMBERED, LIMITS.windowSeconds * 1000);
  return {
    begin: async (name, client) => {
      const remembered = braked.get(client.network);
      if (remembered !== undefined) {
        count('throttled');
        return remembered;
      }
      const tries = await countAttempt(pool, subjectsOf(name, client), LIMITS);
      const overNetwork = (tries.network ?? 0) > LIMITS.network;
      if (!overNetwork && (tries.pair ?? 0) <= LIMITS.pair) return null;
      if (overNetwork) braked.set(client.network, tries.waitSeconds);
      count('throttled');
      const { address } = client;
      if (overNetwork) log.warn({ address }, 'too many failed sign-ins from one address; it has to wait');
      else if (tries.pair === LIMITS.pair + 1)
        log.warn({ address }, 'too many failed sign-ins of one name from one address; it has to wait there');
      return tries.waitSeconds;
    },
    fail: async (userId, { address }) => {
      count('wrong');
      // Never what was typed: it may be a password, or a patient's name.
      log.warn({ userId, address }, 'sign-in failed');
      await sweepAttempts(pool, LIMITS.windowSeconds, SWEPT_AT_ONCE);
    },
    succeed: async (name, client) => await clearAttempt(pool, subjectsOf(name, client)),
    failToken: ({ network, address }) => {
      const times = (tokens.get(network) ?? 0) + 1;
      tokens.set(network, times);
      const isOver = times > LIMITS.network;
      count(isOver ? 'token_throttled' : 'token');
      if (times <= LIMITS.pair) log.warn({ address }, 'an API token was refused');
      else if (times === LIMITS.network + 1) log.warn({ address }, 'too many refused API tokens from one address');
      return isOver;
    },
  };
}
