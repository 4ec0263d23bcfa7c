import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openPool } from '../../../src/db/pool.ts';
import { migrate, readMigrations } from '../../../src/db/schema/migrate.ts';
import { attachEmbedded } from '../../../src/embedded/attach.ts';
import { describeColumns, SCHEMA_MARK } from './schema-columns.ts';

// Rewrites the list of columns in docs/schema.md from a database that has just been migrated.
const doc = fileURLToPath(new URL('../../../docs/schema.md', import.meta.url));
const embedded = await attachEmbedded(fileURLToPath(new URL('../../../.dxaflow-test/', import.meta.url)));
const admin = new pg.Client({ connectionString: embedded.databaseUrl });
await admin.connect();
const name = `schema_${process.pid}`;
await admin.query(`create database ${name}`);
const url = new URL(embedded.databaseUrl);
url.pathname = `/${name}`;
const pool = openPool(url.toString(), { max: 1, applicationName: 'docs', onError: () => undefined });
try {
  await migrate(pool, await readMigrations());
  const text = readFileSync(doc, 'utf8');
  const at = text.indexOf(SCHEMA_MARK);
  writeFileSync(doc, `${at < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, at)}${await describeColumns(pool)}`);
} finally {
  await pool.end();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
  await embedded.release();
}
process.exit(0);
