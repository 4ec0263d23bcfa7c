import type { Server, Socket } from 'node:net';
import { networkOf, plainAddress } from './address.ts';
import type { Proxies } from './client.ts';

/**
 * How long a client may take to send what it wants. A client that sends a byte a minute holds a connection and nothing else,
 * and is cut off; forms are 64 KB at most, so that a slow line is not.
 */
export const PATIENCE = {
  requestTimeout: 12_000,
  /** A connection on which nothing moves at all in either direction, be it that the client does not read. */
  connectionTimeout: 120_000,
  // Longer than the minute after which common proxies end a connection themselves: else they send into a closed one.
  keepAliveTimeout: 72_000,
  http: {
    headersTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    // Answered like any other wrong request, with our headers, and not by Node with none.
    requireHostHeader: false,
  },
} as const;

const CONNECTIONS = 2_000;
/** A browser opens six; a ward behind one address has room. */
const CONNECTIONS_OF_ONE = 200;

/** Keeps one client from holding every connection; a trusted proxy speaks for many and is only bounded with all others. */
export function boundConnections(server: Server, proxies: Proxies): void {
  const open = new Map<string, number>();
  server.maxConnections = CONNECTIONS;
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress);
    if (address === null || proxies.isTrusted(address)) return;
    const network = networkOf(address);
    const count = (open.get(network) ?? 0) + 1;
    if (count > CONNECTIONS_OF_ONE) {
      socket.destroy();
      return;
    }
    open.set(network, count);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}
