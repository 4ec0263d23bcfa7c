import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { listReviewers } from '../../db/access/user.ts';
import {
  countTopics,
  countWorklist,
  listWorklist,
  WORKLIST_SORTS,
  WORKLIST_STATES,
  type WorklistFilter,
} from '../../db/qa-list/worklist.ts';
import { listScannerNames } from '../../db/records/scanner.ts';
import { DISCORDANCE_RULES } from '../../dxa/discordance/rules.ts';
import { RULE_TOPICS } from '../../dxa/values/assessment.ts';
import { day } from '../../jobs/registry/csv-rows.ts';
import { identityOf } from '../access/guard.ts';
import { willShow } from '../access/shown.ts';
import { type App, ROW_ID, type ServerContext } from '../answer/context.ts';
import { worklistContent } from '../pages/worklist.ts';
import { sendPage } from '../view/send.ts';

const PAGE_SIZE = 50;
/** Counting stops here: more is not useful, and the count has to be quick. */
const COUNT_LIMIT = 1001;

/** A field of a form that was left empty is not given. */
export const emptyIsAbsent = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

/** The filters of the worklist, the same in the page's URL and in the API. */
export const WORKLIST_QUERY = z.object({
  state: emptyIsAbsent(z.enum(WORKLIST_STATES)),
  tier: emptyIsAbsent(z.enum(['review', 'check', 'information'])),
  topic: emptyIsAbsent(z.enum(RULE_TOPICS)),
  rule: emptyIsAbsent(z.string().regex(/^[A-Z0-9_]{1,64}$/i)),
  assignee: emptyIsAbsent(z.string().max(80)).describe('a name, or - for unassigned cases'),
  scanner: emptyIsAbsent(ROW_ID),
  patient: emptyIsAbsent(ROW_ID),
  from: emptyIsAbsent(day),
  to: emptyIsAbsent(day),
  sort: emptyIsAbsent(z.enum(WORKLIST_SORTS)),
  after: emptyIsAbsent(z.string().max(500)).describe('the next of the page before'),
});
type Query = z.infer<typeof WORKLIST_QUERY>;

export const filterOf = (query: Query): WorklistFilter => ({
  state: query.state ?? 'waiting',
  tier: query.tier ?? null,
  topic: query.topic ?? null,
  rule: query.rule ?? null,
  assignee: query.assignee === '-' ? '' : (query.assignee ?? null),
  scannerId: query.scanner ?? null,
  patientKey: query.patient ?? null,
  from: query.from ?? null,
  to: query.to ?? null,
  sort: query.sort ?? 'strength',
});

function queryText(query: Query, after: string | null): string {
  const { after: _before, ...filters } = query;
  const entries = Object.entries({ ...filters, ...(after === null ? {} : { after }) });
  const text = new URLSearchParams();
  for (const [name, value] of entries) if (value !== undefined) text.set(name, value);
  return text.size === 0 ? '' : `?${text}`;
}

/** The worklist: what waits for a person. */
export function addWorklistRoutes(app: App, { pool }: ServerContext): void {
  app.get(
    '/',
    { config: { role: 'viewer', shows: 'patients' }, schema: { hide: true, querystring: WORKLIST_QUERY } },
    async (request, reply): Promise<FastifyReply> => {
      const identity = identityOf(request);
      const { query } = request;
      const filter = filterOf(query);
      const [list, count, topics, scanners, reviewers] = await Promise.all([
        listWorklist(pool, filter, query.after ?? null, PAGE_SIZE),
        countWorklist(pool, filter, COUNT_LIMIT),
        countTopics(pool, filter, COUNT_LIMIT),
        listScannerNames(pool),
        listReviewers(pool),
      ]);
      willShow(request, { patientIds: list.rows.map(({ patientKey }) => patientKey) });
      const content = worklistContent(
        {
          rows: list.rows,
          filter,
          query: queryText(query, query.after ?? null),
          nextQuery: list.next === null ? null : queryText(query, list.next),
          count,
          countedTo: COUNT_LIMIT,
          tabs: [null, ...RULE_TOPICS].map((topic) => ({
            topic,
            query: queryText({ ...query, topic: topic ?? undefined }, null),
            count: topic === null ? null : topics[topic],
          })),
          scanners,
          rules: DISCORDANCE_RULES.map(({ code }) => code),
          reviewers: [...new Set([...reviewers, identity.actor])],
          now: new Date(),
        },
        identity,
      );
      return sendPage(request, reply, { title: 'Review cases', section: 'worklist', content });
    },
  );
}
