import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { CONTEXT_KINDS, importContext } from '../../jobs/registry/context-import.ts';
import type { App, ServerContext } from '../answer/context.ts';
import { PROBLEM, problem } from '../answer/problem.ts';

const ANSWER = z.object({
  lines: z.int(),
  changed: z.int(),
  patientsToAssess: z.int(),
  notSeenYet: z.int().describe('patients without a scan so far'),
});

/** What is known of patients beside their scans, as CSV with the columns of docs/context-csv.md; all lines or none. */
export function addContextApi(app: App, { pool }: ServerContext): void {
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => {
    // A file in another encoding would become other names: refused, not read with replacement characters.
    if (isUtf8(body)) return body.toString('utf8');
    throw problem('REQUEST_INVALID', [{ field: 'body', rule: 'must be UTF-8' }]);
  });
  app.put(
    '/api/context/:kind',
    {
      config: { role: 'reviewer', shows: 'nothing' },
      schema: {
        tags: ['context'],
        summary: 'Import therapy, turnover markers or risk factors; sending the same lines again changes nothing',
        consumes: ['text/csv'],
        params: z.object({ kind: z.enum(CONTEXT_KINDS) }),
        body: z.string(),
        response: { 200: ANSWER, '4xx': PROBLEM },
      },
    },
    async (request) => await importContext(pool, request.params.kind, request.body),
  );
}
