import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { codeOf, DxaflowError } from '../errors/errors.ts';
import { isNonce, isProof, onLines, packError, proofOf } from './handshake.ts';

/** A keeper without an attached process waits this long before it gives up. */
const FIRST_LEASE_MS = 20_000;
/** After the last process has gone without saying goodbye, another may attach within this time. */
const LINGER_MS = 1000;
/** A connection that has not proved by then that it is one of ours is cut off. */
const IDENTIFY_MS = 10_000;

export type Leases = {
  readonly port: number;
  /** Resolves when the last process has gone, with the sockets that wait to hear that the server is down. */
  readonly allGone: Promise<readonly Socket[]>;
  /** Says something to every process that holds a lease. */
  readonly tell: (line: string) => void;
  readonly close: () => void;
};

export function describe(error: unknown): string {
  const known = error instanceof DxaflowError;
  return packError(known ? error.code : 'EMBEDDED_START_FAILED', known ? error.message : `Cause: ${codeOf(error)}.`);
}

/**
 * Counts the processes that use the server: each holds one connection, which the kernel closes even when the process is
 * killed. `whenUp` resolves once the server can be used; `keepAtLeastMs` is how long a keeper stays that took over from
 * one that died, until that one's processes have found it.
 */
export async function openLeases(options: {
  readonly token: string;
  readonly whenUp: () => Promise<void>;
  readonly keepAtLeastMs: number;
}): Promise<Leases> {
  const { token, whenUp } = options;
  const stayUntil = performance.now() + options.keepAtLeastMs;
  const held = new Set<Socket>();
  const leaving: Socket[] = [];
  const done = Promise.withResolvers<readonly Socket[]>();
  let closing = false;
  let timer: NodeJS.Timeout | undefined;

  const settle = (delay: number) => {
    clearTimeout(timer);
    if (held.size > 0 || closing) return;
    timer = setTimeout(
      () => {
        closing = true; // from here on no attachment is confirmed
        done.resolve(leaving);
      },
      Math.max(delay, stayUntil - performance.now()),
    );
  };

  const attach = async (socket: Socket) => {
    if (closing) {
      socket.end('closing\n');
      return;
    }
    held.add(socket);
    settle(0);
    for (const waiting of leaving.splice(0)) waiting.end(); // the server goes on for another process: no need to wait for its end
    await whenUp().then(
      () => socket.write('attached\n'),
      (error: unknown) => socket.end(`away ${describe(error)}\n`),
    );
  };

  const server = createServer((socket) => {
    let hello: string | undefined;
    const nonce = randomBytes(18).toString('base64url');
    const timeout = setTimeout(() => socket.destroy(), IDENTIFY_MS);
    onLines(socket, ([word, given]) => {
      if (word === 'hello' && hello === undefined && isNonce(given)) {
        hello = given;
        socket.write(`keeper ${nonce} ${proofOf(token, 'keeper', given, nonce)}\n`);
      } else if (word === 'attach' && hello !== undefined && !held.has(socket)) {
        if (!isProof(given, proofOf(token, 'process', hello, nonce))) {
          socket.destroy();
          return;
        }
        clearTimeout(timeout);
        attach(socket).catch(() => socket.destroy());
      } else if (word === 'release' && held.delete(socket)) {
        if (held.size > 0) socket.end();
        else leaving.push(socket);
        settle(0);
      } else {
        socket.destroy();
      }
    });
    socket.on('close', () => {
      clearTimeout(timeout);
      if (held.delete(socket)) settle(LINGER_MS);
    });
  });
  server.on('error', () => undefined); // a connection that could not be accepted; its process tries again

  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  settle(FIRST_LEASE_MS);
  return {
    port,
    allGone: done.promise,
    tell: (line) => {
      for (const socket of held) socket.write(`${line}\n`);
    },
    close: () => server.close(),
  };
}
