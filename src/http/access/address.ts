import { isIP } from 'node:net';

const LOOPBACK = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;
export const isLoopback = (address: string | undefined): boolean => LOOPBACK.test(address ?? '');

/**
 * An address as such: without a port ("192.0.2.1:4711", "[2001:db8::1]:443", as some proxies write it), without a zone
 * ("fe80::1%eth0"), and IPv4 in IPv6's clothes ("::ffff:192.0.2.1") as IPv4. Null for anything that is none.
 */
export function plainAddress(given: string | undefined): string | null {
  const text = given?.trim() ?? '';
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  const [address = ''] = bare.split('%');
  if (isIP(address) === 0) return null;
  return /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address.toLowerCase();
}

/** What one client is counted by: an IPv4 address, or the /64 that one customer's IPv6 line has as a whole. */
export const networkOf = (address: string): string =>
  isIP(address) === 6 ? `${expandIpv6(address).slice(0, 4).join(':')}::/64` : address;

/** The eight groups of an IPv6 address, without leading zeros. */
function expandIpv6(address: string): readonly string[] {
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  // A dotted end ("::192.0.2.1") stands for two groups; what is in them does not matter to a /64.
  const after = groupsOf(tail ?? '').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(missing).fill('0'), ...after].map((group) => group.replace(/^0+(?=.)/, ''));
}
