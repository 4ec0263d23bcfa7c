import type { Queryable } from '../pool.ts';

/** The schema of release 0.1.0, whose migrations say nothing of older code: there was none to work beside. */
export const FIRST_RELEASE = 17;

export type LedgerRow = {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly workedWithFrom: number;
  readonly appliedAt: Date;
};

/**
 * The ledger of what ran is `schema_ledger`. Release 0.1.0 had the table `schema_migration` instead, and refuses to start
 * when it holds a row that it does not know: under that name it is shown what it ran itself, and beyond that only what
 * it cannot work with.
 */
const TAKE_OVER = `
  alter table schema_migration rename to schema_ledger;
  alter table schema_ledger add column worked_with_from integer;
  update schema_ledger set worked_with_from = version;
  alter table schema_ledger alter column worked_with_from set not null`;

const CREATE = `
  create table schema_ledger (
    version          integer     primary key,
    name             text        not null,
    checksum         text        not null,
    applied_at       timestamptz not null default now(),
    worked_with_from integer     not null)`;

const SHOW_TO_OLD = `
  alter table schema_ledger add check (worked_with_from between 1 and version);
  create view schema_migration as select version, name, checksum, applied_at from schema_ledger
   where version <= ${FIRST_RELEASE} or worked_with_from > ${FIRST_RELEASE}`;

async function findLedger(database: Queryable): Promise<'none' | 'first release' | 'ledger'> {
  const { rows } = await database.query<{ ledger: boolean; old: boolean }>(
    `select to_regclass('schema_ledger') is not null as ledger, to_regclass('schema_migration') is not null as old`,
  );
  if (rows[0]?.ledger === true) return 'ledger';
  return rows[0]?.old === true ? 'first release' : 'none';
}

/** Makes the ledger, or takes over that of 0.1.0; call it with the migration lock held. */
export async function ensureLedger(database: Queryable): Promise<void> {
  const found = await findLedger(database);
  if (found === 'ledger') return;
  await database.query(`begin; ${found === 'none' ? CREATE : TAKE_OVER}; ${SHOW_TO_OLD}; commit`);
}

/** What ran, in order; nothing on a database that no migration has seen. */
export async function readLedger(database: Queryable): Promise<readonly LedgerRow[]> {
  const found = await findLedger(database);
  if (found === 'none') return [];
  const [table, from] = found === 'ledger' ? ['schema_ledger', 'worked_with_from'] : ['schema_migration', 'version'];
  const { rows } = await database.query<LedgerRow>(
    `select version, name, checksum, ${from} as "workedWithFrom", applied_at as "appliedAt" from ${table} order by version`,
  );
  return rows;
}

/** The schema from which on code can work with the database: every migration that ran must be able to bear it. */
export const neededLevel = (ledger: readonly LedgerRow[]): number =>
  Math.max(0, ...ledger.map(({ workedWithFrom }) => workedWithFrom));

/** The same without reading the whole ledger: what a running process looks at again and again. */
export async function readNeededLevel(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ needed: number }>(
    'select coalesce(max(worked_with_from), 0) as needed from schema_ledger',
  );
  return rows[0]?.needed ?? 0;
}
