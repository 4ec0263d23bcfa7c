import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { noteIntakeProblem } from '../../../src/db/files/intake-problem.ts';
import { probeDatabase } from '../../../src/db/health/probe.ts';
import { openIntake } from '../../../src/jobs/intake/intake.ts';
import { connectQueues } from '../../../src/queue/connect.ts';
import { probeQueue } from '../../../src/queue/probe.ts';
import { createTestDatabase } from '../../support/database/database.ts';
import { until } from '../../support/until.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

vi.setConfig({ testTimeout: 120_000 });

type Readiness = { status: string; reasons: { part: string; code: string; text: string; remedy: string }[] } & Record<
  'database' | 'queue' | 'archive' | 'drop' | 'schema',
  string
>;

const asker = (site: TestServer) => async () => {
  const startedAt = performance.now();
  const answer = await site.server.inject({ url: '/readyz' });
  const { reasons, ...rest } = answer.json<Readiness>();
  return {
    code: answer.statusCode,
    ...rest,
    codes: reasons.map(({ code }) => code),
    ms: performance.now() - startedAt,
  };
};
const OK = { database: 'ok', queue: 'ok', archive: 'ok', drop: 'ok', schema: 'ok' };
const READY = { code: 200, status: 'ready', ...OK, codes: [] };

describe('/readyz', () => {
  test('says that the disk is full or read-only, until the intake can take the file again', async () => {
    const site = await createTestServer({ singleUser: false });
    const { pool } = site.database;
    const ask = asker(site);
    expect(await ask()).toMatchObject(READY);
    await noteIntakeProblem(pool, 'one.dcm', 'EISDIR'); // of this one file
    expect(await ask()).toMatchObject(READY);
    await noteIntakeProblem(pool, 'one.dcm', 'EROFS');
    expect(await ask()).toMatchObject({ code: 503, archive: 'read-only (EROFS)', codes: ['ARCHIVE_READ_ONLY'] });
    await noteIntakeProblem(pool, 'one.dcm', 'ENOSPC');
    expect(await ask()).toMatchObject({ code: 503, archive: 'disk full (ENOSPC)', codes: ['ARCHIVE_FULL'] });

    const dropDir = join(site.archiveDir, 'drop');
    mkdirSync(dropDir, { recursive: true });
    writeFileSync(join(dropDir, 'one.dcm'), 'one');
    const intake = await openIntake({
      pool,
      log: pino({ level: 'silent' }),
      dropDir,
      archiveDir: join(site.archiveDir, 'archive'),
      stableMs: 0,
      holdMs: 1000,
      sweepMs: 200,
      concurrency: 1,
      onTaken: async () => undefined,
    });
    await until(async () => (await ask()).code === 200, 'ready again');

    await noteIntakeProblem(pool, 'gone.dcm', 'ENOSPC');
    expect((await ask()).code).toBe(503);
    await until(async () => (await ask()).code === 200, 'the file that could not be taken is gone');
    await intake.close();

    await noteIntakeProblem(pool, 'two.dcm', 'ENOSPC');
    await pool.query(`update intake_problem set last_seen_at = now() - interval '2 minutes'`);
    expect(await ask()).toMatchObject(READY); // nobody has met it since: the intake is down, and its own check says so
    await site.close();
  });

  test('says that the database takes no writes, and that it does again', async () => {
    const site = await createTestServer({ singleUser: false });
    const ask = asker(site);
    const name = new URL(site.database.url).pathname.slice(1);
    await until(async () => (await ask()).code === 200, 'ready');
    await site.database.pool.query(`alter database ${name} set default_transaction_read_only = on`);
    const refused = await until(async () => ((await ask()).code === 503 ? await ask() : null), 'not ready');
    expect(refused).toMatchObject({ database: 'read only (DATABASE_READ_ONLY)', codes: ['DATABASE_READ_ONLY'] });
    const admin = new pg.Client({ connectionString: site.database.url });
    await admin.connect();
    await admin.query('set default_transaction_read_only = off');
    await admin.query(`alter database ${name} reset default_transaction_read_only`);
    await admin.end();
    await until(async () => (await ask()).code === 200, 'ready again');
    await site.close();
  });

  test('names a database that is gone, has no connection left or another password, within two seconds', async () => {
    const site = await createTestServer({ singleUser: false });
    const ask = asker(site);
    const { url, pool } = site.database;
    const name = new URL(url).pathname.slice(1);
    const role = `r_${name}`;
    await pool.query(`create role ${role} login password 'first'; grant ${new URL(url).username} to ${role}`);
    const asRole = Object.assign(new URL(url), { username: role, password: 'first' }).toString();
    expect((await probeDatabase(asRole)).trouble).toBeNull();
    await pool.query(`alter role ${role} password 'second'`);
    expect((await probeDatabase(asRole)).trouble).toEqual({ code: 'DATABASE_SIGN_IN', cause: '28P01' });
    await pool.query(`alter role ${role} password 'first' connection limit 0`);
    expect((await probeDatabase(asRole)).trouble).toEqual({ code: 'DATABASE_CONNECTIONS', cause: '53300' });
    await pool.query(`alter role ${role} connection limit -1; revoke ${new URL(url).username} from ${role}`);
    expect((await probeDatabase(asRole)).trouble).toMatchObject({ code: 'DATABASE_RIGHTS' });
    await pool.query(`drop role ${role}`);

    const empty = await createTestDatabase({ empty: true });
    expect((await probeDatabase(empty.url)).trouble).toEqual({ code: 'DATABASE_SCHEMA', cause: '42P01' });
    expect(await probeQueue(empty.url, 'nothing_here')).toMatchObject({ code: 'QUEUE_SCHEMA' });
    await (await connectQueues(empty.url, 'nothing_here').openQueue('any', () => undefined)).close();
    expect(await probeQueue(empty.url, 'nothing_here')).toBeNull();
    await empty.drop();

    await site.database.drop();
    const isMissing = async () => {
      const answer = await ask();
      return answer.codes.includes('DATABASE_MISSING') ? answer : null;
    };
    const answer = await until(isMissing, 'the database missing');
    expect(answer).toMatchObject({ code: 503, archive: 'unknown', drop: 'unknown', codes: ['DATABASE_MISSING'] });
    expect(answer.ms).toBeLessThan(3000);
    await site.server.close();
  });

  test('says at once what a process found that alone sees drop folder and archive, and when it is over', async () => {
    const site = await createTestServer({ singleUser: false });
    const ask = asker(site);
    const { noteConditions } = await import('../../../src/db/health/process-condition.ts');
    const { openArchiveProbe, openDropProbe } = await import('../../../src/jobs/intake/folder-probe.ts');
    const dropDir = join(site.archiveDir, 'drop');
    mkdirSync(dropDir);
    const [lookAtDrop, lookAtArchive] = [openDropProbe(dropDir), openArchiveProbe(site.archiveDir)];
    expect([await lookAtDrop(), await lookAtArchive()]).toEqual([null, null]);
    renameSync(dropDir, `${dropDir}-away`);
    const gone = await lookAtDrop();
    expect(gone).toEqual({ code: 'DROP_GONE', cause: 'ENOENT' });
    if (gone === null) throw new Error('nothing found');
    await noteConditions(site.database.pool, 'intake host 1', [{ part: 'drop', ...gone, since: new Date() }]);
    expect(await ask()).toMatchObject({ code: 503, drop: 'gone (ENOENT)', codes: ['DROP_GONE'] });
    renameSync(`${dropDir}-away`, dropDir);
    expect(await lookAtDrop()).toBeNull();
    await noteConditions(site.database.pool, 'intake host 1', []);
    expect(await ask()).toMatchObject(READY);
    chmodSync(site.archiveDir, 0o755);
    await site.close();
  });
});
