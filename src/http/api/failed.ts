import { z } from 'zod';
import { explainCode } from '../../codes/codes.ts';
import { countFailures } from '../../db/files/failure.ts';
import { chosenFailures, enqueueRetries, requeueFailed } from '../../jobs/work/requeue-failed.ts';
import { identityOf } from '../access/guard.ts';
import { willShow } from '../access/shown.ts';
import { type App, ROW_ID, type ServerContext } from '../answer/context.ts';
import { PROBLEM } from '../answer/problem.ts';
import { waitBriefly } from '../answer/wait-briefly.ts';
import { FAILED_QUERY, FAILURE_CODE, FAILURE_KIND, readFailures, shownInFailures } from '../routes/failed.ts';

const LIMIT = z.coerce.number().int().min(1).max(1000).default(100);

const FAILURE = z.object({
  kind: FAILURE_KIND,
  id: ROW_ID.describe('of the file or patient'),
  name: z.string().describe('name in the drop folder, or id of the patient'),
  code: z.string(),
  cause: z.string().describe('code of the underlying cause'),
  remedy: z.string().nullable(),
  attempts: z.int(),
  lastFailedAt: z.iso.datetime(),
});
const ANSWER = z.object({
  failures: z.array(FAILURE),
  next: z.string().nullable().describe('value of "after" for the next page'),
  counts: z
    .array(z.object({ kind: FAILURE_KIND, code: z.string(), count: z.int() }))
    .describe('of all failures, regardless of the filter'),
});

const CHOICE = z.object({
  kind: FAILURE_KIND.optional(),
  id: ROW_ID.optional().describe('together with kind: one failure'),
  code: FAILURE_CODE.optional(),
  all: z.boolean().optional().describe('true and neither kind, id nor code: everything'),
  note: z.string().trim().max(500).default('').describe('reason; recorded in the audit log'),
});

/** The list of failures for programs, and trying them again. */
export function addFailedApi(app: App, { pool, queues, log }: ServerContext): void {
  app.get(
    '/api/failed',
    {
      config: { role: 'viewer', shows: 'patients' },
      schema: {
        tags: ['failed'],
        summary: 'Files and patients whose processing failed permanently, files before patients, in pages',
        querystring: FAILED_QUERY.extend({ limit: LIMIT }),
        response: { 200: ANSWER, '4xx': PROBLEM },
      },
    },
    async (request) => {
      const { limit, ...query } = request.query;
      const [{ rows, next }, counts] = await Promise.all([readFailures(pool, query, limit), countFailures(pool)]);
      willShow(request, shownInFailures(rows));
      const failures = rows.map(({ lastFailedAt, ...row }) => ({
        ...row,
        remedy: explainCode(row.code)?.remedy ?? null,
        lastFailedAt: lastFailedAt.toISOString(),
      }));
      return { failures, next, counts: [...counts] };
    },
  );
  app.post(
    '/api/failed/requeue',
    {
      config: { role: 'administrator', shows: 'nothing' },
      schema: {
        tags: ['failed'],
        summary: 'Retry, after new scans: one failure, those of a kind or code, or all',
        description: 'Entries that are no longer listed are skipped; the answer says how many were requeued.',
        body: CHOICE,
        response: { 200: z.object({ files: z.int(), patients: z.int() }), '4xx': PROBLEM },
      },
    },
    async (request) => {
      const { note, ...given } = request.body;
      const signature = { by: identityOf(request).actor, note };
      const requeued = await requeueFailed(pool, chosenFailures(given), signature);
      await waitBriefly(enqueueRetries(queues, requeued), log);
      return { files: requeued.files.length, patients: requeued.patients.length };
    },
  );
}
