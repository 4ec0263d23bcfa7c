import { CASE_WAITS } from '../case-state.ts';
import { CASE_JOINS, LISTED_COLUMNS } from '../cases/review-case.ts';
import { equals, from, type ListDefinition, olderThan, to, youngerThan } from './definition.ts';

/** Review cases; those that wait for a person, unless a state is asked for. */
export const CASES: ListDefinition = {
  name: 'cases',
  title: 'Review cases',
  from: 'review_case c',
  id: 'c.id',
  belongs: CASE_WAITS,
  belongsWithState: 'true',
  filters: {
    from: from('c.follow_up_on'),
    to: to('c.follow_up_on'),
    rule: equals('c.rule'),
    tier: equals('c.tier'),
    topic: equals('c.topic'),
    state: (text, bind) => {
      if (text === 'all') return 'true';
      return text === 'waiting' ? CASE_WAITS : equals('c.state')(text, bind);
    },
    // No name: unassigned.
    assignee: (text, bind) => (text === '' ? 'c.assignee is null' : equals('c.assignee')(text, bind)),
    'min-age-days': olderThan('c.opened_at'),
    'max-age-days': youngerThan('c.opened_at'),
  },
  ofScanner: (asked) => `c.scanner_key ${asked}`,
  sorts: {
    priority: { expression: 'c.priority', type: 'double precision' },
    date: { expression: 'c.follow_up_on', type: 'date' },
    opened: { expression: 'c.opened_at', type: 'timestamptz' },
    updated: { expression: 'c.updated_at', type: 'timestamptz' },
  },
  defaultSort: '-priority',
  groupBy: 'c.rule',
  select: LISTED_COLUMNS,
  joins: CASE_JOINS,
};
