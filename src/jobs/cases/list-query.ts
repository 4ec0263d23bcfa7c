import { z } from 'zod';
import { FILTER_NAMES, type Filters, LIST_NAMES } from '../../db/qa-list/definition.ts';
import type { ListQuery } from '../../db/qa-list/read-list.ts';
import { WORKLIST_STATES } from '../../db/qa-list/worklist.ts';
import { RULE_TOPICS } from '../../dxa/values/assessment.ts';
import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { day } from '../registry/csv-rows.ts';

const word = z.string().trim().min(1, { error: 'must not be empty' }).max(200);
const days = z.string().regex(/^\d{1,5}$/, { error: 'must be a number of days' });

const FILTERS = z.strictObject({
  from: day.optional(),
  to: day.optional(),
  scanner: word.optional(),
  institution: word.optional(),
  rule: word.optional(),
  topic: z.enum(RULE_TOPICS).optional(),
  tier: z.enum(['review', 'check']).optional(),
  state: z.enum([...WORKLIST_STATES, 'refused', 'conflicted', 'failed']).optional(),
  assignee: word.optional(),
  reason: word.optional(),
  region: word.optional(),
  'min-age-days': days.optional(),
  'max-age-days': days.optional(),
} satisfies Record<(typeof FILTER_NAMES)[number], z.ZodType>);

const QUERY = z.object({
  list: z.enum(LIST_NAMES),
  filters: FILTERS,
  sort: z
    .string()
    .regex(/^-?[a-z]{1,30}$/, { error: 'must be the name of a sort, with "-" in front for the highest first' })
    .nullable(),
  limit: z.int().min(1).max(1_000_000),
  after: z.string().max(500).nullable(),
});

/** Checks a query that came from outside; QUERY_INVALID says which part is wrong and never repeats what it held. */
export function parseListQuery(given: unknown): ListQuery {
  const parsed = QUERY.safeParse(given);
  if (parsed.success) return { ...parsed.data, filters: parsed.data.filters as Filters };
  const wrong = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `filters: there are ${FILTER_NAMES.join(', ')}`
      : `${issue.path.join('.')}: ${issue.message}`,
  );
  throw new DxaflowError('QUERY_INVALID', `The list cannot be read. ${wrong.join('; ')}.`, { exitCode: EXIT.usage });
}

/** Puts "name=value" texts together; QUERY_INVALID for one without a name or for a name given twice. */
export function parseFilterTexts(texts: readonly string[]): Readonly<Record<string, string>> {
  const filters: Record<string, string> = {};
  for (const text of texts) {
    const name = text.slice(0, Math.max(0, text.indexOf('=')));
    if (name === '' || filters[name] !== undefined) {
      throw new DxaflowError('QUERY_INVALID', 'A filter is written name=value, each name once.', {
        exitCode: EXIT.usage,
      });
    }
    filters[name] = text.slice(name.length + 1);
  }
  return filters;
}
