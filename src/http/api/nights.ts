import { z } from 'zod';
import { isNightWaiting } from '../../db/night/lock.ts';
import { CHANGE_KINDS } from '../../db/night/report.ts';
import { listNightSteps } from '../../db/night/step.ts';
import { progressOf } from '../../jobs/nightly/progress.ts';
import { willShow } from '../access/shown.ts';
import { type App, BY_ID, ROW_ID, type ServerContext } from '../answer/context.ts';
import { PROBLEM } from '../answer/problem.ts';
import type { NightRow } from '../pages/nights.ts';
import {
  NIGHTS_QUERY,
  nextNight,
  REPORT_QUERY,
  readNight,
  readNights,
  readReportPage,
  reportFilter,
  shownIn,
} from '../routes/nights.ts';

const LIMIT = z.coerce.number().int().min(1).max(500).default(50);
const MOMENT = z.iso.datetime();
const COUNTS = z.record(z.string(), z.int());

const RUN = z.object({
  id: ROW_ID,
  trigger: z.enum(['schedule', 'hand']),
  state: z
    .enum(['running', 'cut_off', 'failed', 'paused', 'done', 'given_up'])
    .describe('cut_off: its process ended unexpectedly, failed: stopped by an error; a nightly run is resumed'),
  failureCode: z.string().nullable().describe('code of the error that stopped it; null once resumed'),
  failedAt: MOMENT.nullable(),
  filters: z.record(z.string(), z.string()).describe('filters of a manual run'),
  versions: z.object({ reader: z.string(), adapters: z.record(z.string(), z.string()), ruleSet: z.string() }),
  startedAt: MOMENT,
  finishedAt: MOMENT.nullable(),
  windowEndsAt: MOMENT.nullable(),
  timesResumed: z.int(),
  changes: COUNTS.describe('lines of the report by kind'),
});
const STEP = z.object({
  step: z.string(),
  progress: z.number().nullable().describe('0 to 1; null while running if not known'),
  counts: COUNTS,
  startedAt: MOMENT,
  finishedAt: MOMENT.nullable(),
});
const CHANGE = z.object({
  id: ROW_ID,
  step: z.string(),
  kind: z.enum(CHANGE_KINDS),
  sourceFileId: ROW_ID.nullable(),
  dropName: z.string().nullable(),
  patientKey: ROW_ID.nullable(),
  patientId: z.string().nullable(),
  causes: z.array(z.object({ what: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
  detail: z.record(z.string(), z.unknown()),
  happenedAt: MOMENT,
});

const moment = (at: Date | null) => at?.toISOString() ?? null;

const runOf = (row: NightRow): z.infer<typeof RUN> => ({
  id: row.id,
  trigger: row.trigger,
  state: row.shown,
  failureCode: row.failureCode,
  failedAt: moment(row.failedAt),
  filters: { ...row.filters },
  versions: { ...row.versions, adapters: { ...row.versions.adapters } },
  startedAt: row.startedAt.toISOString(),
  finishedAt: moment(row.finishedAt),
  windowEndsAt: moment(row.windowEndsAt),
  timesResumed: row.timesResumed,
  changes: { ...row.counts },
});

/** Nights for programs: the runs, one run with its steps, and its report line by line. */
export function addNightApi(app: App, context: ServerContext): void {
  const { pool } = context;
  const config = { role: 'viewer', shows: 'nothing' } as const;
  const route = <R extends z.ZodType>(summary: string, answer: R) =>
    ({ tags: ['nights'], summary, response: { 200: answer, '4xx': PROBLEM } }) as const;

  const runs = z.object({
    runs: z.array(RUN),
    next: ROW_ID.nullable().describe('value of "before" for the next page'),
    nextNightAt: MOMENT.nullable(),
    nightWaits: z.boolean().describe('a nightly run is due and waits for the current run'),
  });
  app.get(
    '/api/nights',
    {
      config,
      schema: {
        ...route('Nightly and manual runs, latest first', runs),
        querystring: NIGHTS_QUERY.extend({ limit: LIMIT }),
      },
    },
    async (request) => {
      const { before, limit } = request.query;
      const [{ rows, next }, due, nightWaits] = await Promise.all([
        readNights(pool, before, limit),
        nextNight(context),
        isNightWaiting(pool),
      ]);
      return { runs: rows.map(runOf), next, nextNightAt: moment(due), nightWaits };
    },
  );

  app.get(
    '/api/nights/:id',
    { config, schema: { ...route('One run with its steps', RUN.extend({ steps: z.array(STEP) })), params: BY_ID } },
    async (request) => {
      const [run, steps] = await Promise.all([
        readNight(pool, request.params.id),
        listNightSteps(pool, request.params.id),
      ]);
      return {
        ...runOf(run),
        steps: steps.map((step) => ({
          step: step.step,
          progress: progressOf(step),
          counts: { ...step.counts },
          startedAt: step.startedAt.toISOString(),
          finishedAt: moment(step.finishedAt),
        })),
      };
    },
  );

  const report = z.object({
    changes: z.array(CHANGE),
    next: ROW_ID.nullable().describe('value of "after" for the next page'),
  });
  app.get(
    '/api/nights/:id/changes',
    {
      config: { role: 'viewer', shows: 'patients' },
      schema: {
        ...route('What a run changed and why, in order', report),
        params: BY_ID,
        querystring: REPORT_QUERY.extend({ limit: LIMIT }),
      },
    },
    async (request) => {
      const { id } = request.params;
      const { limit, after, ...filter } = request.query;
      await readNight(pool, id);
      const { lines, next } = await readReportPage(pool, id, reportFilter(filter), after, limit);
      willShow(request, shownIn(lines));
      const changes = lines.map(({ patientId, namedPatientId, happenedAt, causes, detail, ...line }) => ({
        ...line,
        patientKey: patientId,
        patientId: namedPatientId,
        causes: causes.map((cause) => ({ ...cause })),
        detail: { ...detail },
        happenedAt: happenedAt.toISOString(),
      }));
      return { changes, next };
    },
  );
}
