import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database/database.ts';

describe('the pattern of test patients', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => await database.drop());

  it('recognises a whole name, in DICOM spelling and with a comma, and not one that merely resembles it', async () => {
    const { rows } = await database.pool.query<{ name: string; known: boolean }>(
      `select n.name, exists (select 1 from phantom_pattern p where p.retired_at is null and n.name ~* p.pattern) as known
         from unnest($1::text[]) with ordinality as n (name, place) order by n.place`,
      [['TEST^PATIENT', 'TEST, PATIENT', 'Dummy,Person', 'test', 'TEST, ANNA', 'TESTER, PATIENT']],
    );
    expect(rows).toEqual([
      { name: 'TEST^PATIENT', known: true },
      { name: 'TEST, PATIENT', known: true },
      { name: 'Dummy,Person', known: true },
      { name: 'test', known: true },
      { name: 'TEST, ANNA', known: false },
      { name: 'TESTER, PATIENT', known: false },
    ]);
  });
});
