import { z } from 'zod';
import type { NightChange } from '../../db/night/change.ts';
import { isNightAtWork, isNightWaiting } from '../../db/night/lock.ts';
import {
  CHANGE_KINDS,
  countReportLines,
  listReportLines,
  type ReportFilter,
  type ReportLine,
} from '../../db/night/report.ts';
import { findNightRun, listNightRuns, type NightRun } from '../../db/night/run.ts';
import { listNightSteps } from '../../db/night/step.ts';
import type { Pool } from '../../db/pool.ts';
import { within } from '../../errors/within.ts';
import { NIGHT } from '../../jobs/nightly/night.ts';
import { shownState } from '../../jobs/nightly/progress.ts';
import { type Shown, willShow } from '../access/shown.ts';
import { type App, BY_ID, ROW_ID, type ServerContext } from '../answer/context.ts';
import { problem } from '../answer/problem.ts';
import { nightContent } from '../pages/night.ts';
import { type NightRow, nextRunText, nightsContent } from '../pages/nights.ts';
import { sendPage } from '../view/send.ts';
import { emptyIsAbsent } from './worklist.ts';

const RUNS = 50;
const LINES = 100;
const DUE_TIMEOUT_MS = 1500;

/** Filters and place in a run's report, the same in the page's URL and in the API. */
export const REPORT_QUERY = z.object({
  kind: emptyIsAbsent(z.enum(CHANGE_KINDS)),
  step: emptyIsAbsent(z.enum(NIGHT.map(({ name }) => name))),
  after: emptyIsAbsent(ROW_ID),
});
export const NIGHTS_QUERY = z.object({ before: ROW_ID.optional() });

/** Runs with the state they are really in and how much their reports hold. */
export async function withCounts(pool: Pool, runs: readonly NightRun[]): Promise<readonly NightRow[]> {
  const [atWork, counts] = await Promise.all([
    isNightAtWork(pool),
    countReportLines(
      pool,
      runs.map(({ id }) => id),
    ),
  ]);
  const countOf = (runId: string, kind: NightChange['kind']) =>
    counts.reduce((sum, one) => sum + (one.runId === runId && one.kind === kind ? one.count : 0), 0);
  return runs.map((run) => ({
    ...run,
    shown: shownState(run, atWork),
    counts: {
      file: countOf(run.id, 'file'),
      patient: countOf(run.id, 'patient'),
      archive: countOf(run.id, 'archive'),
      failure: countOf(run.id, 'failure'),
    },
  }));
}

/** A page of runs, latest first, and the id before which the next page begins. */
export async function readNights(pool: Pool, before: string | undefined, limit: number) {
  const found = await listNightRuns(pool, limit + 1, before ?? null);
  const rows = await withCounts(pool, found.slice(0, limit));
  return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null };
}

export async function readNight(pool: Pool, id: string): Promise<NightRow> {
  const found = await findNightRun(pool, id);
  const [row] = found === null ? [] : await withCounts(pool, [found]);
  if (row === undefined) throw problem('NOT_FOUND');
  return row;
}

/** A page of a run's report, and the id of its last line when more follow. */
export async function readReportPage(
  pool: Pool,
  id: string,
  filter: ReportFilter,
  after: string | undefined,
  limit: number,
) {
  const found = await listReportLines(pool, id, filter, after ?? '0', limit + 1);
  const lines = found.slice(0, limit);
  return { lines, next: found.length > limit ? (lines.at(-1)?.id ?? null) : null };
}

export const reportFilter = ({ kind, step }: z.infer<typeof REPORT_QUERY>): ReportFilter => ({
  kind: kind ?? null,
  step: step ?? null,
});

/** Patients and files in a run's report, for the access log. */
export const shownIn = (lines: readonly ReportLine[]): Shown => ({
  patientIds: lines.flatMap(({ patientId }) => patientId ?? []),
  fileIds: lines.flatMap(({ sourceFileId }) => sourceFileId ?? []),
});

/** When the next nightly run is due; null when unknown or the queue is down. */
export async function nextNight({ nextNight: ask }: ServerContext): Promise<Date | null> {
  return ask === undefined
    ? null
    : await within(
        ask().catch(() => null),
        DUE_TIMEOUT_MS,
        null,
      );
}

/** What was computed again by night and by hand. */
export function addNightRoutes(app: App, context: ServerContext): void {
  const { pool } = context;
  const counted = { role: 'viewer', shows: 'nothing' } as const;
  app.get('/nights', { config: counted, schema: { hide: true, querystring: NIGHTS_QUERY } }, async (request, reply) => {
    const [{ rows, next }, due, waits] = await Promise.all([
      readNights(pool, request.query.before, RUNS),
      nextNight(context),
      isNightWaiting(pool),
    ]);
    const content = nightsContent(rows, next, nextRunText(due, waits));
    return sendPage(request, reply, { title: 'Nights', section: 'nights', content });
  });
  const schema = { hide: true, params: BY_ID, querystring: REPORT_QUERY } as const;
  const config = { role: 'viewer', shows: 'patients' } as const;
  app.get('/nights/:id', { config, schema }, async (request, reply) => {
    const { id } = request.params;
    const filter = reportFilter(request.query);
    const [run, steps, page] = await Promise.all([
      readNight(pool, id),
      listNightSteps(pool, id),
      readReportPage(pool, id, filter, request.query.after, LINES),
    ]);
    willShow(request, shownIn(page.lines));
    const content = nightContent({ run, steps, filter, ...page, now: new Date() });
    return sendPage(request, reply, { title: `Run ${id}`, section: 'nights', content });
  });
}
