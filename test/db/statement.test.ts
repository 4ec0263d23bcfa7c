import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStatement, readStatement } from '../../src/db/statement.ts';
import { createTestDatabase, type TestDatabase } from '../support/database/database.ts';

const DB = join(import.meta.dirname, '../../src/db');
const FILES = readdirSync(DB, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sql'));

describe('the statements in files', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => await database.drop());

  it('are those of storing, confirming, judging and deciding', () => {
    expect(FILES.map((name) => name.split('/').at(-1)).sort()).toEqual([
      'assessment-input.sql',
      'confirm-reports.sql',
      'decide-case.sql',
      'mapping-revision.sql',
      'note-on-case.sql',
      'patient-history.sql',
      'store-reports.sql',
      'write-history-findings.sql',
    ]);
  });

  it.each(FILES)('%s can be prepared against the schema, with the types of its head', async (name) => {
    const { parameters, text } = readStatement(join(DB, name));
    const types = parameters.map(([, type]) => type.replace(' or null', ''));
    const client = await database.pool.connect();
    try {
      await client.query(`prepare one ${types.length === 0 ? '' : `(${types.join(', ')})`} as ${text}`);
      const { rows } = await client.query<{ types: readonly string[] }>(
        `select parameter_types::text[] as types from pg_prepared_statements where name = 'one'`,
      );
      expect(rows[0]?.types).toEqual(types);
    } finally {
      client.release(true);
    }
  });

  it.each(FILES)('%s says at its top what it does', (name) => {
    expect(readStatement(join(DB, name)).text).not.toContain('--');
  });
});

describe('a statement file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dxaflow-sql-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, ...lines: readonly string[]) => {
    writeFileSync(join(folder, `${name}.sql`), `${lines.join('\n')}\n`);
    return name;
  };
  const HEAD = [
    '-- Finds one.',
    '--   :id           bigint        row id',
    '--   :name, :note  text or null  what it is called',
  ];
  const DECLARED = { id: 'bigint', name: 'text or null', note: 'text or null' } as const;

  it('turns names into numbered parameters with their types, in the order of its head', () => {
    const name = file(
      'names',
      ...HEAD,
      `select ':id', "a:name", now()::text, e'\\n' -- not :known`,
      ' where id = :id and name = :name and (note = :note or :id > 0)',
    );
    expect(loadStatement(folder, name, DECLARED)({ name: 'n', note: null, id: '5' })).toEqual({
      name: 'names',
      text: `select ':id', "a:name", now()::text, e'\\n' \n where id = $1::bigint and name = $2::text and (note = $3::text or $1::bigint > 0)`,
      values: ['5', 'n', null],
    });
  });

  it('takes in another one without its head', () => {
    file('inner', '-- Inside.', '--   :id  bigint  row id', 'select :id as x;');
    const name = file('outer', '-- Outside.', '--   :id  bigint  row id', 'select * from (', '\\ir inner.sql', ') i');
    expect(readStatement(join(folder, `${name}.sql`)).text).toBe('select * from (\nselect $1::bigint as x\n) i');
  });

  it.each([
    ['a name that the head does not describe', [...HEAD, 'select :id, :name, :note, :other'], ':other'],
    ['a name that is described and not used', [...HEAD, 'select :id, :name'], 'note'],
    ['a name without a meaning', ['--   :id  bigint', 'select :id'], ':id'],
    [
      'another type than declared',
      [HEAD[0] ?? '', '--   :id, :name, :note  text  x', 'select :id, :name, :note'],
      'id',
    ],
    ['fewer names than declared', ['--   :id  bigint  row id', 'select :id'], 'name, note'],
  ])('with %s is refused when it is loaded', (_, lines, says) => {
    const name = file('wrong', ...lines);
    expect(() => loadStatement(folder, name, DECLARED)).toThrow(says);
  });
});
