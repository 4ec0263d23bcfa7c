import { z } from 'zod';
import { countFailures, FAILURE_KINDS, type Failure, listFailures } from '../../db/files/failure.ts';
import type { Pool } from '../../db/pool.ts';
import { chosenFailures, enqueueRetries, failureFilter, requeueFailed } from '../../jobs/work/requeue-failed.ts';
import { identityOf } from '../access/guard.ts';
import { type Shown, willShow } from '../access/shown.ts';
import { type App, ROW_ID, type ServerContext } from '../answer/context.ts';
import { waitBriefly } from '../answer/wait-briefly.ts';
import { failedContent } from '../pages/failed.ts';
import { sendPage } from '../view/send.ts';
import { emptyIsAbsent } from './worklist.ts';

const PAGE_SIZE = 100;
const COUNT = z.coerce.number().int().min(0).optional();

export const FAILURE_KIND = z.enum(FAILURE_KINDS);
export const FAILURE_CODE = z.string().regex(/^[A-Z0-9_]{1,64}$/, { error: 'must be a reason code' });

/** Filters and place in the list of failures, the same in the page's URL and in the API. */
export const FAILED_QUERY = z.object({
  kind: emptyIsAbsent(FAILURE_KIND),
  code: emptyIsAbsent(FAILURE_CODE),
  after: emptyIsAbsent(z.string().regex(/^(file|patient)-\d{1,18}$/, { error: 'must be the next of a page before' })),
});

export type FailurePage = { readonly rows: readonly Failure[]; readonly next: string | null };

/** A page of failures with the cursor of the next one. */
export async function readFailures(
  pool: Pool,
  { after, ...filter }: z.infer<typeof FAILED_QUERY>,
  limit: number,
): Promise<FailurePage> {
  const [kind = 'file', id = '0'] = (after?.split('-') ?? []) as [Failure['kind']?, string?];
  const found = await listFailures(pool, { kind, id }, limit + 1, failureFilter(filter));
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: found.length > limit && last !== undefined ? `${last.kind}-${last.id}` : null };
}

/** Patients and files on a page, for the access log. */
export function shownInFailures(rows: readonly Failure[]): Shown {
  const idsOf = (asked: Failure['kind']) => rows.filter(({ kind }) => kind === asked).map(({ id }) => id);
  return { patientIds: idsOf('patient'), fileIds: idsOf('file') };
}

/** What broke for good, and the forms that have it tried again. */
export function addFailedRoutes(app: App, { pool, queues, log }: ServerContext): void {
  const querystring = FAILED_QUERY.extend({ files: COUNT, patients: COUNT });
  const shown = { role: 'viewer', shows: 'patients' } as const;
  app.get('/failed', { config: shown, schema: { hide: true, querystring } }, async (request, reply) => {
    const { files, patients, ...query } = request.query;
    const [page, counts] = await Promise.all([readFailures(pool, query, PAGE_SIZE), countFailures(pool)]);
    const identity = identityOf(request);
    willShow(request, shownInFailures(page.rows));
    const done = files === undefined || patients === undefined ? null : { files, patients };
    const content = failedContent({ ...page, counts, filter: failureFilter(query), done }, identity);
    return sendPage(request, reply, { title: 'Failed', section: 'failed', content });
  });
  const body = z.object({
    kind: emptyIsAbsent(FAILURE_KIND),
    id: emptyIsAbsent(ROW_ID),
    code: emptyIsAbsent(FAILURE_CODE),
    all: z.literal('yes').optional(),
    note: z.string().trim().max(500).default(''),
  });
  const config = { role: 'administrator', shows: 'nothing' } as const;
  app.post('/failed', { config, schema: { hide: true, body } }, async (request, reply) => {
    const { all, note, ...given } = request.body;
    const choice = chosenFailures({ ...given, all: all === 'yes' });
    const requeued = await requeueFailed(pool, choice, { by: identityOf(request).actor, note });
    await waitBriefly(enqueueRetries(queues, requeued), log);
    const back = new URLSearchParams(choice.id === undefined ? failureFilter(choice) : {});
    back.set('files', String(requeued.files.length));
    back.set('patients', String(requeued.patients.length));
    return await reply.redirect(`/failed?${back}`, 303);
  });
}
