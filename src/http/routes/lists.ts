import { z } from 'zod';
import { LIST_NAMES } from '../../db/qa-list/definition.ts';
import { QA_LISTS } from '../../db/qa-list/lists.ts';
import { countList, readList } from '../../db/qa-list/read-list.ts';
import { shownIn } from '../../db/qa-list/shown.ts';
import { parseListQuery } from '../../jobs/cases/list-query.ts';
import { willShow } from '../access/shown.ts';
import type { App, ServerContext } from '../answer/context.ts';
import { listContent, listsContent } from '../pages/lists.ts';
import { sendPage } from '../view/send.ts';

const PAGE_SIZE = 100;
const COUNT_LIMIT = 1000;

/** Filters, sort and place of a list as they come in a URL; parseListQuery says what each list takes. */
export const LIST_VALUE = z.string().max(500);
const LIST_QUERY = z.record(z.string().max(40), LIST_VALUE);
export const LIST_PARAMS = z.object({ name: z.enum(LIST_NAMES) });

/** The query of a list from a URL; a field left empty in the form is no filter. */
export function listQueryOf(list: string, given: Readonly<Record<string, string>>, limit: number) {
  const {
    sort,
    after,
    limit: _limit,
    ...filters
  } = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  return parseListQuery({ list, filters, sort: sort ?? null, after: after ?? null, limit });
}

/** The QA lists, by the same layer that the command line reads. */
export function addListRoutes(app: App, { pool }: ServerContext): void {
  const counted = { role: 'viewer', shows: 'nothing' } as const;
  app.get('/lists', { config: counted, schema: { hide: true } }, async (request, reply) => {
    const counts = await Promise.all(
      LIST_NAMES.map(async (name) => ({
        name,
        count: await countList(pool, { list: name, filters: {} }, COUNT_LIMIT),
      })),
    );
    return sendPage(request, reply, { title: 'QA lists', section: 'lists', content: listsContent(counts) });
  });
  const schema = { hide: true, params: LIST_PARAMS, querystring: LIST_QUERY } as const;
  const config = { role: 'viewer', shows: 'patients' } as const;
  app.get('/lists/:name', { config, schema }, async (request, reply) => {
    const { name } = request.params;
    const query = listQueryOf(name, request.query, PAGE_SIZE);
    const [found, count] = await Promise.all([readList(pool, query), countList(pool, query, COUNT_LIMIT)]);
    willShow(request, shownIn(name, found.rows));
    const { after: _after, ...rest } = request.query;
    const nextQuery = found.next === null ? null : new URLSearchParams({ ...rest, after: found.next }).toString();
    const list = QA_LISTS[name];
    const view = {
      list,
      filters: query.filters,
      sort: query.sort ?? list.defaultSort,
      rows: found.rows,
      count,
      nextQuery,
    };
    return sendPage(request, reply, { title: list.title, section: 'lists', content: listContent(view, '') });
  });
}
