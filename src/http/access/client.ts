import { BlockList, isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isLoopback, networkOf, plainAddress } from './address.ts';

/** Where a request comes from. */
export type Client = {
  /** Address of the browser or program, as far as it is known: behind a trusted proxy what that one says. */
  readonly address: string;
  /** What tries are counted by. */
  readonly network: string;
  /** Whether it is on this machine for certain: no undeclared proxy in between. */
  readonly isLocal: boolean;
};

declare module 'fastify' {
  interface FastifyRequest {
    client: Client | null;
  }
}

/** Proxies that were told of once; more than this are forged headers. */
const MOST_TOLD = 100;

export type Proxies = { readonly isTrusted: (address: string | undefined) => boolean };

/** Proxies given as addresses and networks in CIDR notation. */
export function trustProxies(given: readonly string[]): Proxies {
  const list = new BlockList();
  for (const entry of given) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return {
    isTrusted: (address) => {
      const plain = plainAddress(address);
      return plain !== null && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

function lookUp(request: FastifyRequest, { isTrusted }: Proxies): Client {
  const peer = plainAddress(request.socket.remoteAddress) ?? 'unknown';
  // A proxy that writes "unknown" or a name says nothing; then it is the proxy who asks.
  const address = plainAddress(request.ip) ?? peer;
  const isForwarded = request.headers['x-forwarded-for'] !== undefined || request.headers['forwarded'] !== undefined;
  return {
    address,
    network: networkOf(address),
    isLocal: isLoopback(peer) && isLoopback(address) && (!isForwarded || isTrusted(peer)),
  };
}

export function clientOf({ client }: FastifyRequest): Client {
  if (client === null) throw new Error('readClients was not registered');
  return client;
}

/** Sets `request.client`, and says once of a proxy that it is not trusted: all clients behind it count as one. */
export function readClients(server: FastifyInstance, proxies: Proxies, log: Logger): void {
  const told = new Set<string>();
  server.decorateRequest('client', null);
  server.addHook('onRequest', async (request) => {
    request.client = lookUp(request, proxies);
    const peer = plainAddress(request.socket.remoteAddress);
    if (peer === null || request.headers['x-forwarded-for'] === undefined || proxies.isTrusted(peer)) return;
    if (told.has(peer) || told.size >= MOST_TOLD) return;
    told.add(peer);
    log.warn({ address: peer }, 'X-Forwarded-For of an address that TRUSTED_PROXIES does not name is not looked at');
  });
}
