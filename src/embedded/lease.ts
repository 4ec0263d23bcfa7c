import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { DxaflowError } from '../errors/errors.ts';
import { databaseError, isDatabaseCode } from './codes.ts';
import { isProof, onLines, proofOf, unpackMessage } from './handshake.ts';

/** What the keeper writes for those who want to attach: where it listens and what proves that they read it. */
export const ADDRESS = z.object({
  /** Absent in release 0.1.0. */
  protocol: z.number().optional(),
  /** Key of the home that the keeper works in: a copy of a home has a copy of this file, and no keeper. */
  home: z.string().optional(),
  port: z.number(),
  token: z.string(),
  databaseUrl: z.string(),
  pid: z.number(),
});
export type KeeperAddress = z.infer<typeof ADDRESS>;

/** Whatever answers on the port must prove within this time that it is the keeper. */
const PROVE_MS = 5000;
/** A keeper that has proved itself may be starting its server again after a crash. */
const UP_MS = 60_000;
/** A server with much to write takes its time to stop. */
const STOP_MS = 65_000;

/** What a process that holds a lease hears: of the server from the keeper, and of the keeper when its lease breaks. */
export type ServerNews = 'down' | 'up' | 'unwatched' | 'watched' | { readonly failed: DxaflowError };

export type Lease = {
  /** Resolves when the keeper has gone, or was told that the lease is given back. */
  readonly ended: Promise<void>;
  readonly onNews: (hear: (news: ServerNews) => void) => void;
  readonly release: () => Promise<void>;
};

export const errorOf = (code: string | undefined, message: string): DxaflowError => {
  const known = code !== undefined && isDatabaseCode(code) ? code : 'EMBEDDED_START_FAILED';
  return message === '' ? databaseError(known, '') : new DxaflowError(known, message);
};

function holdLease(socket: Socket, ended: Promise<void>, hear: { news: (news: ServerNews) => void }): Lease {
  socket.setTimeout(0);
  socket.unref();
  return {
    ended,
    onNews: (listener) => {
      hear.news = listener;
    },
    release: async () => {
      if (socket.destroyed) return;
      socket.ref();
      const timer = setTimeout(() => socket.destroy(), STOP_MS);
      socket.write('release\n');
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Takes a lease at the keeper of this address, once its server can be used. Null when there is none, or it is closing: no
 * stranger on its port learns the token or passes for it. Throws what keeps the server from starting. Unless it `holdsUp`
 * the process, that may end meanwhile.
 */
export async function takeLease(
  address: KeeperAddress,
  { holdsUp }: { readonly holdsUp: boolean },
): Promise<Lease | null> {
  const { port, token } = address;
  const nonce = randomBytes(18).toString('base64url');
  const socket = connect(port, '127.0.0.1');
  const taken = Promise.withResolvers<Lease | null>();
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const hear: { news: (news: ServerNews) => void } = { news: () => undefined };
  // From the first moment to the last: a connection that is taken and never answered must not hold up a start.
  const timer = setTimeout(() => socket.destroy(), PROVE_MS);
  if (!holdsUp) {
    socket.unref();
    timer.unref();
  }
  let proved = false;
  onLines(socket, ([word, first, second]) => {
    if (word === 'keeper' && !proved && first !== undefined) {
      if (!isProof(second, proofOf(token, 'keeper', nonce, first))) {
        socket.destroy();
        return;
      }
      proved = true;
      clearTimeout(timer);
      socket.setTimeout(UP_MS, () => socket.destroy());
      socket.write(`attach ${proofOf(token, 'process', nonce, first)}\n`);
    } else if (!proved || word === 'closing') {
      socket.destroy();
    } else if (word === 'attached') {
      taken.resolve(holdLease(socket, ended, hear));
    } else if (word === 'away') {
      taken.reject(errorOf(first, unpackMessage(second)));
    } else if (word === 'failed') {
      hear.news({ failed: errorOf(first, unpackMessage(second)) });
    } else if (word === 'down' || word === 'up') {
      hear.news(word);
    }
  });
  socket.once('connect', () => socket.write(`hello ${nonce}\n`));
  socket.once('close', () => {
    clearTimeout(timer);
    taken.resolve(null);
  });
  return await taken.promise;
}
