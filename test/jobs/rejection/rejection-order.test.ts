import { describe, expect, it } from 'vitest';
import { RULE_SET_VERSION } from '../../../src/dxa/assess-patient.ts';
import { canonicalDump } from '../../support/database/canonical-dump.ts';
import { createTestDatabase } from '../../support/database/database.ts';
import { assessWaiting } from '../../support/stored/judged.ts';
import { noteFile, reportFile } from '../../support/stored/rejected-visit.ts';
import { fileTestLsc } from '../../support/stored/stored-visit.ts';
import { openTakenFiles } from '../../support/stored/taken-files.ts';

const BASELINE = reportFile({ what: 'R1', day: '2020-01-10', spine: '0.900', hip: '0.800' });
const FOLLOW_UP = reportFile({ what: 'R2', day: '2022-01-10', spine: '0.960', hip: '0.750' });
const NOTE = noteFile({ what: 'N', title: 'quality', names: ['R2'] });

/** Files of which every order must leave the same rows, and what of them counts in the end; `every`: how many are tried. */
const SETS = [
  {
    of: 'a baseline, two analyses of a follow-up and a note about the later one',
    given: [
      BASELINE,
      FOLLOW_UP,
      reportFile({ what: 'R2-again', day: '2022-01-10', contentTime: '113000', spine: '0.905', hip: '0.800' }),
      noteFile({ what: 'N', title: 'quality', names: ['R2-again', 'never sent'] }),
    ],
    every: 1,
    counts: 2,
    open: 1,
  },
  {
    of: 'a baseline, a follow-up, a note about it and a note about the note',
    given: [
      BASELINE,
      FOLLOW_UP,
      NOTE,
      noteFile({ what: 'M', title: 'quality', names: ['N'], at: '2024-05-02 08:00:00' }),
    ],
    every: 1,
    counts: 2,
    open: 1,
  },
  {
    of: 'a baseline, two contents of one instance and a note about it',
    given: [
      BASELINE,
      FOLLOW_UP,
      reportFile({ what: 'R2', day: '2022-01-10', contentTime: '113000', spine: '0.950', hip: '0.740' }),
      NOTE,
    ],
    every: 5,
    counts: 1,
    open: 0,
  },
  {
    of: 'a baseline, a follow-up and two contents of one note',
    given: [
      BASELINE,
      FOLLOW_UP,
      NOTE,
      noteFile({ what: 'N', title: 'patient_safety', names: ['R1'], at: '2024-06-01 08:00:00' }),
    ],
    every: 5,
    counts: 1,
    open: 0,
  },
] as const;

function* permutations<T>(list: readonly T[]): Generator<readonly T[]> {
  if (list.length === 0) yield [];
  for (const [index, one] of list.entries()) {
    for (const rest of permutations(list.toSpliced(index, 1))) yield [one, ...rest];
  }
}

/** What is left when the files came in this order: one after the other, or all at once on so many lanes. */
async function leftBy(given: readonly Uint8Array[], lanes: number | null) {
  const database = await createTestDatabase();
  const files = openTakenFiles(database.pool);
  try {
    await fileTestLsc(database.pool, '0.020', '0.020');
    for (const bytes of given) {
      await files.take(bytes);
      if (lanes !== null) continue;
      await files.ingestWaiting();
      await assessWaiting(database.pool);
    }
    await files.ingestWaiting(lanes ?? 1);
    while ((await assessWaiting(database.pool)).length > 0);
    const { rows: waiting } = await database.pool.query(
      'select 1 from patient where assessed_revision < revision or assessed_rule_set is distinct from $1',
      [RULE_SET_VERSION],
    );
    expect(waiting).toEqual([]);
    const { rows } = await database.pool.query<{ counts: number; open: number }>(
      `select (select count(*)::int from report) as counts,
              (select count(*)::int from review_case where rule = 'D1_SPINE_UP_HIP_DOWN' and state = 'open') as open`,
    );
    return { dump: await canonicalDump(database.pool, { places: true }), ...rows[0] };
  } finally {
    files.close();
    await database.drop();
  }
}

describe.each(SETS)('$of', ({ given, counts, open, every }) => {
  it('leave the same in every order', { timeout: 600_000 }, async () => {
    const first = await leftBy(given, null);
    expect([first.counts, first.open]).toEqual([counts, open]);
    const orders = [...permutations(given)].filter((_, index) => index % every === 0);
    for (const order of orders) expect(await leftBy(order, null)).toEqual(first);
  });

  it('leave the same when they are read at once', { timeout: 240_000 }, async () => {
    const first = await leftBy(given, null);
    for (const order of [given, given.toReversed(), [...given.slice(2), ...given.slice(0, 2)]]) {
      expect(await leftBy(order, 4)).toEqual(first);
    }
  });
});
