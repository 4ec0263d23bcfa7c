import type { FastifyInstance, FastifyRequest } from 'fastify';
import { logAccess } from '../../db/access/access-log.ts';
import type { Pool } from '../../db/pool.ts';
import { identityOf } from './guard.ts';

/** Row ids of what an answer shows, for the access log. */
export type Shown = { readonly patientIds?: readonly string[]; readonly fileIds?: readonly string[] };

declare module 'fastify' {
  interface FastifyRequest {
    /** Of whom the answer tells; set by the handlers of routes that show patients. */
    shown: Shown | null;
  }
}

/** Names the patients and files that the answer shows; it is written down before the answer leaves. */
export function willShow(request: FastifyRequest, shown: Shown): void {
  if (request.routeOptions.config.shows !== 'patients') {
    throw new Error(`Route ${request.routeOptions.url} is not declared to show patients.`);
  }
  request.shown = shown;
}

/**
 * Writes an access-log line before every answer of a route that shows patients, also when it found no patient: what was
 * looked for is a question about a patient. When the line cannot be written nothing is shown.
 */
export function logAccesses(server: FastifyInstance, pool: Pool): void {
  server.decorateRequest('shown', null);
  server.addHook('onSend', async (request, reply) => {
    const { config, url } = request.routeOptions;
    const { shown } = request;
    if (config.shows !== 'patients' || reply.statusCode >= 500 || (reply.statusCode >= 300 && shown === null)) return;
    const { patientIds = [], fileIds = [] } = shown ?? {};
    const list = (request.params as { readonly name?: string } | null)?.name;
    await logAccess(pool, {
      actor: identityOf(request).actor,
      // The pattern and never the URL; which list it was is one of our own words.
      route: `${request.method} ${url?.replace(':name', list ?? ':name')}`,
      patientIds,
      fileIds,
    });
  });
}
