import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dataDirOf, isRoot, openSandbox, query, type Sandbox } from '../support/process/embedded-home.ts';
import { until } from '../support/until.ts';

const TIMEOUT = { timeout: 180_000 };
const ANSWER = { answer: 42 };

const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);

/** Makes of a home what release 0.1.0 left: no identity anywhere, and the folder outside named after the home's path. */
function asRelease010(home: string): void {
  const dataDir = dataDirOf(home);
  rmSync(join(home, 'embedded-home.json'));
  if (dataDir.startsWith(home)) return;
  const key = createHash('sha256').update(home).digest('hex').slice(0, 16);
  const former = `/var/lib/dxaflow/home-${key}`;
  rmSync(join(dataDir, 'dxaflow-home.json'));
  renameSync(dataDir, former);
  writeFileSync(join(home, 'postgres-initialised'), `${former}\n`);
}

describe('the database of a home', () => {
  let sandbox: Sandbox;
  /** A home with a row in it: its database inside, and, where root runs this, one outside. */
  let inside: string;
  let outside: string;

  const answerOf = async (home: string) => {
    const database = await sandbox.attach(home);
    const row = await query(database.databaseUrl, 'select answer from kept');
    await database.release();
    return row;
  };
  const makeHome = async (kind: 'open' | 'private') => {
    const home = join(sandbox.folder(kind), 'home');
    const database = await sandbox.attach(home);
    await query(database.databaseUrl, 'create table kept as select 42 as answer');
    await database.release();
    return home;
  };
  /** A fresh copy of the home with the database inside, in a folder that PostgreSQL's account can enter. */
  const insideHome = () => {
    const home = join(sandbox.folder('open'), 'home');
    copy(inside, home);
    return home;
  };

  beforeAll(async () => {
    sandbox = openSandbox();
    inside = await makeHome('open');
    outside = isRoot ? await makeHome('private') : inside;
    return sandbox.clear;
  }, 180_000);
  afterEach(() => expect(existsSync(join(dataDirOf(inside), 'PG_VERSION'))).toBe(true));

  it('goes wherever the home is moved, and is the same through a symbolic link', TIMEOUT, async () => {
    const home = insideHome();
    renameSync(home, `${home}2`);
    expect(await answerOf(`${home}2`)).toEqual(ANSWER);
    symlinkSync(`${home}2`, `${home}-link`);
    expect(await answerOf(`${home}-link`)).toEqual(ANSWER);
    expect(await answerOf(`${home}2`)).toEqual(ANSWER);
  });

  it('is used where a home of release 0.1.0 has it, moved before the upgrade or not', TIMEOUT, async () => {
    const home = insideHome();
    writeFileSync(join(home, 'postgres-initialised'), '/somewhere/else/postgres\n');
    rmSync(join(home, 'embedded-home.json'));
    expect(await answerOf(home)).toEqual(ANSWER);
  });

  it('is opened with a new password when the password was lost or is another one', TIMEOUT, async () => {
    const home = insideHome();
    const rules = readFileSync(join(home, 'postgres', 'pg_hba.conf'), 'utf8');
    rmSync(join(home, 'postgres-password'));
    expect(await answerOf(home)).toEqual(ANSWER);
    writeFileSync(join(home, 'postgres-password'), 'of another time');
    expect(await answerOf(home)).toEqual(ANSWER);
    expect(readFileSync(join(home, 'postgres', 'pg_hba.conf'), 'utf8')).toBe(rules);
    expect(rules).not.toMatch(/^[^#].*\b(trust|peer|password|md5)\b/m);
  });

  it('is used after a restore: other owner, other modes, and a pid that is another program', TIMEOUT, async () => {
    const home = insideHome();
    if (isRoot) execFileSync('chown', ['-R', 'root:root', home]);
    execFileSync('chmod', ['-R', 'a+rX', home]);
    const lines = ['/before/the/restore', '1790000000', '5432', '', '127.0.0.1', '   123456       654', 'ready   '];
    writeFileSync(join(home, 'postgres', 'postmaster.pid'), `${[process.pid, ...lines].join('\n')}\n`);
    expect(await answerOf(home)).toEqual(ANSWER);
    const open = execFileSync('find', [home, '-path', join(home, 'drop'), '-prune', '-o', '-perm', '/077', '-print']);
    expect(open.toString().trim().split('\n')).toEqual([home]); // PostgreSQL's account passes, and lists nothing
  });

  it('is not shared by a copy that was taken while the server ran', TIMEOUT, async () => {
    const home = insideHome();
    const first = await sandbox.attach(home);
    copy(home, `${home}2`);
    const second = await sandbox.attach(`${home}2`);
    expect(second.databaseUrl).not.toBe(first.databaseUrl);
    await query(second.databaseUrl, 'update kept set answer = 43');
    expect(await query(first.databaseUrl, 'select answer from kept')).toEqual(ANSWER);
    await second.release();
    expect(await query(first.databaseUrl, 'select answer from kept')).toEqual(ANSWER);
    await first.release();
  });

  it.each([
    ['EMBEDDED_VERSION', (dataDir: string) => writeFileSync(join(dataDir, 'PG_VERSION'), '17\n')],
    ['EMBEDDED_NOT_WHOLE', (dataDir: string) => rmSync(join(dataDir, 'base', '5'), { recursive: true })],
    ['EMBEDDED_NOT_WHOLE', (dataDir: string) => rmSync(join(dataDir, 'PG_VERSION'))],
    ['EMBEDDED_CLUSTER_MISSING', (dataDir: string) => renameSync(dataDir, `${dataDir}-elsewhere`)],
  ])('is refused with %s and left as it is', TIMEOUT, async (code, damage) => {
    const home = insideHome();
    damage(join(home, 'postgres'));
    const files = () =>
      readdirSync(home, { recursive: true })
        .filter((name) => name !== 'embedded-failure.json' && name !== 'embedded.lock')
        .sort();
    const found = files();
    await expect(sandbox.attach(home)).rejects.toMatchObject({ code });
    expect(files()).toEqual(found);
  });

  it('is not created again when only the password of a home is left', TIMEOUT, async () => {
    const home = insideHome();
    for (const name of ['postgres', 'embedded-home.json', 'postgres-initialised']) {
      rmSync(join(home, name), { recursive: true });
    }
    await expect(sandbox.attach(home)).rejects.toMatchObject({ code: 'EMBEDDED_CLUSTER_MISSING' });
    expect(existsSync(join(home, 'postgres'))).toBe(false);
  });

  it('is made next to its place, and what a killed initdb left is not taken for a database', TIMEOUT, async () => {
    const home = join(sandbox.folder('open'), 'home');
    mkdirSync(join(home, 'postgres.being-made-00000000', 'data', 'base'), { recursive: true });
    writeFileSync(join(home, 'postgres.being-made-00000000', 'data', 'PG_VERSION'), '18\n');
    writeFileSync(join(home, 'postgres-password'), 'of that time');
    const identity = { id: '0123456789abcdef0123456789abcdef', cluster: 'postgres', made: false };
    writeFileSync(join(home, 'embedded-home.json'), JSON.stringify(identity));
    const database = await sandbox.attach(home);
    expect(await query(database.databaseUrl, 'select 1 as one')).toEqual({ one: 1 });
    await database.release();
    expect(readdirSync(home).sort()).toEqual([
      'embedded-home.json',
      'postgres',
      'postgres-initialised',
      'postgres-password',
    ]);
  });

  describe.runIf(isRoot)('outside a private home', () => {
    /** A copy of the private home that has a copy of the database outside, as if it had been made there. */
    const outsideHome = (): string => {
      const home = join(sandbox.folder('private'), 'home');
      copy(outside, home);
      const id = createHash('sha256').update(home).digest('hex').slice(0, 32);
      const dataDir = `/var/lib/dxaflow/home-${id}`;
      copy(dataDirOf(outside), dataDir);
      writeFileSync(join(home, 'embedded-home.json'), JSON.stringify({ id, cluster: dataDir, made: true }));
      writeFileSync(join(home, 'postgres-initialised'), `${dataDir}\n`);
      writeFileSync(join(dataDir, 'dxaflow-home.json'), JSON.stringify({ id, home }));
      return home;
    };

    it('is found by a home that was moved', TIMEOUT, async () => {
      expect(dataDirOf(outside)).toMatch(/^\/var\/lib\/dxaflow\/home-[0-9a-f]{32}$/);
      const home = outsideHome();
      renameSync(home, `${home}2`);
      expect(await answerOf(`${home}2`)).toEqual(ANSWER);
      // The old place is free for another home.
      const other = await sandbox.attach(home);
      await expect(query(other.databaseUrl, 'select answer from kept')).rejects.toMatchObject({ code: '42P01' });
    });

    it('is found by a home of release 0.1.0, moved before the upgrade or after', TIMEOUT, async () => {
      const home = outsideHome();
      asRelease010(home);
      renameSync(home, `${home}2`);
      expect(await answerOf(`${home}2`)).toEqual(ANSWER);
      renameSync(`${home}2`, `${home}3`);
      expect(await answerOf(`${home}3`)).toEqual(ANSWER);
    });

    it('is refused to a copy of the home while the home is there', TIMEOUT, async () => {
      const home = outsideHome();
      cpSync(home, `${home}2`, { recursive: true });
      await expect(sandbox.attach(`${home}2`)).rejects.toMatchObject({ code: 'EMBEDDED_HOME_COPIED' });
      expect(await answerOf(home)).toEqual(ANSWER);
      // What keeps the database may still be writing its last into the home.
      await until(
        async () => {
          rmSync(home, { recursive: true, force: true });
          const database = await sandbox.attach(`${home}2`).catch((error: { readonly code?: string }) => {
            if (error.code !== 'EMBEDDED_HOME_COPIED') throw error;
            return null;
          });
          await database?.release();
          return database !== null;
        },
        'the copy is the only home that is left',
        30_000,
      );
      expect(await answerOf(`${home}2`)).toEqual(ANSWER);
    });

    it('is refused when it is missing, and never created again', TIMEOUT, async () => {
      const home = outsideHome();
      const dataDir = dataDirOf(home);
      renameSync(dataDir, `${dataDir}-elsewhere`);
      await expect(sandbox.attach(home)).rejects.toMatchObject({ code: 'EMBEDDED_CLUSTER_MISSING' });
      expect(existsSync(dataDir)).toBe(false);
      renameSync(`${dataDir}-elsewhere`, dataDir);
      expect(await answerOf(home)).toEqual(ANSWER);
    });

    it('is not passed over by a new home at the path of one that left it', TIMEOUT, async () => {
      const home = outsideHome();
      const dataDir = dataDirOf(home);
      rmSync(home, { recursive: true });
      await expect(sandbox.attach(home)).rejects.toMatchObject({ code: 'EMBEDDED_CLUSTER_UNCLAIMED' });
      writeFileSync(join(home, 'postgres-initialised'), `${dataDir}\n`); // the remedy
      expect(await answerOf(home)).toEqual(ANSWER);
    });

    it('stays where it is when a folder above is opened or closed', TIMEOUT, async () => {
      const closed = outsideHome();
      chmodSync(join(closed, '..'), 0o755);
      expect(await answerOf(closed)).toEqual(ANSWER);
      const open = insideHome();
      chmodSync(join(open, '..'), 0o700);
      await expect(sandbox.attach(open)).rejects.toMatchObject({ code: 'EMBEDDED_UNREACHABLE' });
      chmodSync(join(open, '..'), 0o711);
      expect(await answerOf(open)).toEqual(ANSWER);
    });

    it('is not chosen by guess when release 0.1.0 left two', TIMEOUT, async () => {
      const home = outsideHome();
      asRelease010(home);
      copy(join(inside, 'postgres'), join(home, 'postgres'));
      await expect(sandbox.attach(home)).rejects.toMatchObject({ code: 'EMBEDDED_TWO_CLUSTERS' });
      renameSync(join(home, 'postgres'), join(home, 'postgres-other'));
      expect(await answerOf(home)).toEqual(ANSWER);
    });
  });
});
