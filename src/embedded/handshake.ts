import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';

/**
 * How a process and the keeper speak, a line at a time. Each proves that it has read the home's address file before the
 * other goes on, and the token itself is never sent: what answers on a port that a dead keeper had may be any program.
 *
 *     process  hello NONCE
 *     keeper   keeper NONCE PROOF
 *     process  attach PROOF
 *     keeper   attached | closing | away CODE MESSAGE      and later: down, up, failed CODE MESSAGE
 *     process  release
 */
export const PROTOCOL = 2;

const MAX_LINE = 4096;
const NONCE = /^[\w-]{16,64}$/;

export const isNonce = (text: string | undefined): text is string => text !== undefined && NONCE.test(text);

export function proofOf(token: string, who: 'keeper' | 'process', helloNonce: string, keeperNonce: string): string {
  return createHmac('sha256', token).update(`${who} ${helloNonce} ${keeperNonce}`).digest('base64url');
}

export function isProof(given: string | undefined, wanted: string): boolean {
  const left = Buffer.from(given ?? '');
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Gives every line that comes to `handle`; who sends a longer one than any of ours is cut off, not listened to. */
export function onLines(socket: Socket, handle: (words: readonly string[]) => void): void {
  let begun = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (text: string) => {
    const lines = (begun + text).split('\n');
    begun = lines.pop() ?? '';
    if (begun.length > MAX_LINE || lines.some((line) => line.length > MAX_LINE)) {
      socket.destroy();
      return;
    }
    for (const line of lines) handle(line.trim().split(' '));
  });
}

/** An error as two words of a line. */
export const packError = (code: string, message: string): string =>
  `${code} ${Buffer.from(message).toString('base64url')}`;

export const unpackMessage = (packed: string | undefined): string =>
  Buffer.from(packed ?? '', 'base64url').toString('utf8');
