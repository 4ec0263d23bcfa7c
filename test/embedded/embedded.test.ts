import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ATTACH,
  attachElsewhere,
  dataDirOf,
  isRoot,
  isUp,
  openSandbox,
  query,
  type Sandbox,
  untilDown,
} from '../support/process/embedded-home.ts';

const TIMEOUT = { timeout: 120_000 };

describe('the embedded PostgreSQL', () => {
  let sandbox: Sandbox;
  let home: string;
  beforeEach(() => {
    sandbox = openSandbox();
    // A private folder, which the postgres account cannot enter when root runs this.
    home = join(sandbox.folder('private'), 'home');
  });
  afterEach(async () => await sandbox.clear());

  it('is PostgreSQL 18, keeps its rows over a restart and stops with the last process', TIMEOUT, async () => {
    const first = await sandbox.attach(home);
    expect(
      await query(first.databaseUrl, `select current_setting('server_version_num')::int / 10000 as major`),
    ).toEqual({ major: 18 });
    await query(first.databaseUrl, 'create table kept as select 42 as answer');
    const other = await attachElsewhere(home);
    expect(other.url).toBe(first.databaseUrl);
    await first.release();
    expect(await isUp(other.url)).toBe(true);
    await other.kill();
    await untilDown(other.url, 20_000);

    const again = await sandbox.attach(home);
    expect(await query(again.databaseUrl, 'select answer from kept')).toEqual({ answer: 42 });
    await again.release();
    expect(await isUp(again.databaseUrl)).toBe(false);
  });

  it('starts once when several processes attach at the same time', TIMEOUT, async () => {
    const attached = await Promise.all(Array.from({ length: 5 }, () => sandbox.attach(home)));
    expect(new Set(attached.map((one) => one.databaseUrl)).size).toBe(1);
  });

  it('closes to other accounts what release 0.1.0 let them read in a home', TIMEOUT, async () => {
    const first = await sandbox.attach(home);
    await first.release();
    chmodSync(home, 0o755);
    for (const name of ['postgres-initialised', 'embedded-home.json', 'postgres-password']) {
      chmodSync(join(home, name), 0o644);
    }
    writeFileSync(join(home, 'embedded-failure.json'), '{}', { mode: 0o644 });
    await sandbox.attach(home);
    const readable = execFileSync('find', [home, '-perm', '/066', '-print']).toString();
    expect(readable).toBe('');
  });

  describe.runIf(isRoot)('of an ordinary user', () => {
    const nobody = isRoot ? Number(execFileSync('id', ['-u', 'nobody']).toString()) : 0;
    const script = `import { attachEmbedded } from ${JSON.stringify(ATTACH)};
try {
  const { databaseUrl, release } = await attachEmbedded(process.argv[1]);
  console.log(process.getuid(), databaseUrl);
  await release();
} catch (error) { console.log(error.code); }`;
    const asNobody = (of: string) =>
      execFileSync(process.execPath, ['--input-type=module', '--eval', script, of], {
        uid: nobody,
        cwd: '/',
        env: { PATH: process.env['PATH'] },
      }).toString();
    const hisHome = () => {
      const folder = sandbox.folder('open');
      execFileSync('chown', ['nobody', folder]);
      return join(folder, 'home');
    };

    it('runs under the account of that user', TIMEOUT, () => {
      const his = hisHome();
      expect(asNobody(his)).toMatch(new RegExp(`^${nobody} postgres://`));
      expect(statSync(join(his, 'postgres')).uid).toBe(nobody);
    });

    it('stays that of the user when root works in it, first or in between', TIMEOUT, async () => {
      const his = hisHome();
      execFileSync('mkdir', [his]);
      execFileSync('chown', ['nobody', his]);
      const database = await sandbox.attach(his);
      await query(database.databaseUrl, 'create table kept as select 42 as answer');
      await database.release();
      expect(readdirSync(his).map((name) => [name, statSync(join(his, name)).uid])).toEqual(
        readdirSync(his).map((name) => [name, nobody]),
      );
      expect(asNobody(his)).toMatch(new RegExp(`^${nobody} postgres://`));
      expect(dataDirOf(his)).toBe(join(his, 'postgres'));
    });

    it('is refused to a user who may not read it, with what to do', TIMEOUT, async () => {
      const database = await sandbox.attach(home); // root's
      await database.release();
      chmodSync(join(home, '..'), 0o755);
      expect(asNobody(home)).toMatch(/^EMBEDDED_(HOME_UNUSABLE|UNREADABLE)\n$/);
      expect(readFileSync(join(dataDirOf(home), 'PG_VERSION'), 'utf8')).toBe('18\n');
    });
  });
});
