import { renameSync } from 'node:fs';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedDatabase } from '../../src/embedded/attach.ts';
import type { ServerNews } from '../../src/embedded/lease.ts';
import {
  addressOf,
  attachElsewhere,
  isUp,
  openSandbox,
  postmasterOf,
  query,
  removeMadeOnce,
  type Sandbox,
  untilDown,
  untilUp,
} from '../support/process/embedded-home.ts';
import { until } from '../support/until.ts';

const TIMEOUT = { timeout: 120_000 };
/** What users are promised. */
const READY_AGAIN_MS = 30_000;

describe('an embedded PostgreSQL whose processes are killed', () => {
  let sandbox: Sandbox;
  let home: string;
  beforeEach(async () => {
    sandbox = openSandbox();
    home = await sandbox.copiedHome();
  });
  afterAll(removeMadeOnce);
  afterEach(async () => await sandbox.clear());

  it('is up again at its address by itself, with all that was committed, and says so', TIMEOUT, async () => {
    const news: ServerNews[] = [];
    const { databaseUrl } = await sandbox.attach(home, { onNews: (one) => news.push(one) });
    await query(databaseUrl, 'create table kept as select 42 as answer');
    const killed = postmasterOf(home);
    process.kill(killed, 'SIGKILL');
    const again = await sandbox.attach(home); // a command that comes at this moment is not sent to a dead server
    expect(again.databaseUrl).toBe(databaseUrl);
    expect(await query(databaseUrl, 'select answer from kept')).toEqual({ answer: 42 });
    expect(postmasterOf(home)).not.toBe(killed);
    await until(() => news.includes('up'), 'the process hears of it');
    expect(news).toEqual(['down', 'up']);
  });

  it(
    'is up again although a statement of the killed server is still running and holds its memory',
    TIMEOUT,
    async () => {
      const { databaseUrl } = await sandbox.attach(home);
      await query(databaseUrl, 'create table kept as select 42 as answer');
      const client = new pg.Client({ connectionString: databaseUrl });
      client.on('error', () => undefined);
      await client.connect();
      // Nothing in this loop looks whether the postmaster is alive.
      const busy = client.query(`do $$ begin loop perform 1; end loop; end $$`).catch(() => 'cut off');
      await until(
        async () => (await query(databaseUrl, `select 1 from pg_stat_activity where query like 'do %'`)) !== undefined,
        'the statement is at work',
      );
      process.kill(postmasterOf(home), 'SIGKILL');
      await untilUp(databaseUrl, READY_AGAIN_MS);
      expect(await query(databaseUrl, 'select answer from kept')).toEqual({ answer: 42 });
      expect(await busy).toBe('cut off');
    },
  );

  it('is up again time after time, also when it was adopted', TIMEOUT, async () => {
    const { databaseUrl } = await sandbox.attach(home);
    const { pid } = addressOf(home);
    process.kill(pid, 'SIGKILL');
    await until(() => {
      try {
        return addressOf(home).pid !== pid;
      } catch {
        return false; // not written yet
      }
    }, 'another keeper has taken over');
    for (let time = 0; time < 2; time += 1) {
      process.kill(postmasterOf(home), 'SIGKILL');
      await untilDown(databaseUrl, 5000);
      await untilUp(databaseUrl, READY_AGAIN_MS);
    }
  });

  it('is up again when its keeper is killed with it, while processes use it', TIMEOUT, async () => {
    const news: ServerNews[] = [];
    const { databaseUrl } = await sandbox.attach(home, { onNews: (one) => news.push(one) });
    await query(databaseUrl, 'create table kept as select 42 as answer');
    process.kill(addressOf(home).pid, 'SIGKILL');
    process.kill(postmasterOf(home), 'SIGKILL');
    await untilDown(databaseUrl, 5000);
    await untilUp(databaseUrl, READY_AGAIN_MS);
    await until(() => news.includes('watched'), 'the process has a keeper again');
    expect(news).toEqual(['unwatched', 'watched']);
    expect(await query(databaseUrl, 'select answer from kept')).toEqual({ answer: 42 });
  });

  /** A release returns once the server is down or the keeper has another process; one that comes then is served by that keeper. */
  async function staysUpWithout(leaving: EmbeddedDatabase, databaseUrl: string): Promise<void> {
    const keeper = addressOf(home).pid;
    await leaving.release();
    expect(await isUp(databaseUrl)).toBe(true);
    const later = await sandbox.attach(home);
    expect(addressOf(home).pid).toBe(keeper);
    await later.release();
    expect(await isUp(databaseUrl)).toBe(true);
  }

  it('is not taken from a process whose keeper was killed when another process ends', TIMEOUT, async () => {
    const first = await sandbox.attach(home);
    process.kill(addressOf(home).pid, 'SIGKILL');
    const second = await sandbox.attach(home);
    expect(second.databaseUrl).toBe(first.databaseUrl);
    await staysUpWithout(second, first.databaseUrl);
    await first.release();
    expect(await isUp(first.databaseUrl)).toBe(false);
  });

  it('is not taken from a process whose keeper hung and was replaced', TIMEOUT, async () => {
    const first = await sandbox.attach(home);
    const { pid } = addressOf(home);
    process.kill(pid, 'SIGSTOP');
    const second = await sandbox.attach(home);
    expect(addressOf(home).pid).not.toBe(pid);
    await staysUpWithout(second, first.databaseUrl);
  });

  it('stops with the last process, whatever was killed before', TIMEOUT, async () => {
    const elsewhere = await attachElsewhere(home);
    process.kill(addressOf(home).pid, 'SIGKILL');
    const here = await sandbox.attach(home);
    await here.release();
    expect(await isUp(here.databaseUrl)).toBe(true);
    await elsewhere.kill();
    await untilDown(here.databaseUrl, 20_000);
  });

  it('moves with a home that is moved while it runs, and its process is told to end', TIMEOUT, async () => {
    const lost: string[] = [];
    const { databaseUrl } = await sandbox.attach(home, { onLost: ({ code }) => lost.push(code) });
    await query(databaseUrl, 'create table kept as select 42 as answer');
    renameSync(home, `${home}2`);
    await until(() => lost.length > 0, 'the process hears of it', READY_AGAIN_MS);
    expect(lost).toEqual(['EMBEDDED_HOME_GONE']);
    const moved = await sandbox.attach(`${home}2`);
    expect(await query(moved.databaseUrl, 'select answer from kept')).toEqual({ answer: 42 });
  });
});
