import type { FastifyInstance } from 'fastify';
import { problem } from './problem.ts';

/**
 * Whether every text in what came is one: without NUL, which PostgreSQL has no place for, and without half a surrogate
 * pair, which is no character. Walked without recursion: 64 KB of "[" nest deeper than the stack.
 */
function isText(given: unknown): boolean {
  const rest: unknown[] = [given];
  for (let value = rest.pop(); value !== undefined || rest.length > 0; value = rest.pop()) {
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) return false;
    if (typeof value === 'object' && value !== null) rest.push(...Object.keys(value), ...Object.values(value));
  }
  return true;
}

/** Refuses requests with a text that is none, before anything looks at them; the part is named, never what it held. */
export function refuseInvalidText(server: FastifyInstance): void {
  server.addHook('preValidation', async ({ params, query, body }) => {
    for (const [field, part] of Object.entries({ params, query, body })) {
      if (!isText(part)) {
        throw problem('REQUEST_INVALID', [{ field, rule: 'must not hold NUL or half a surrogate pair' }]);
      }
    }
  });
}
