import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { attachEmbedded } from '../../src/embedded/attach.ts';

/** A PostgreSQL or Redis that can be killed and comes up again at the same address. */
export type Faulty = {
  readonly url: string;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  /** Cuts every connection; new ones are let in at once. */
  readonly cut: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

/** A fixed address before a server that comes up on another port every time. */
async function openDoor(port: () => number): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((inside: Socket) => {
    const outside = dial(port(), '127.0.0.1');
    inside.setNoDelay(true);
    outside.setNoDelay(true);
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

/** Tries until it works: the parts of a killed server need a moment to go. */
async function insist<T>(work: () => Promise<T>, what: string): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= 240) throw new Error(`${what} does not come up`, { cause: error });
      await sleep(250);
    }
  }
}

export type FaultyPostgres = Faulty & {
  readonly admin: string;
  /** Its own address, which a restart changes: for measurements without the door in between. */
  readonly direct: () => string;
  readonly pid: () => number;
  /** Kills the keeper that watches over the server; the next one takes the server over as it runs. */
  readonly killKeeper: () => Promise<void>;
  /** Renames the home while nothing uses it and starts it where it stands now. */
  readonly moveHome: () => Promise<void>;
};

/** The embedded PostgreSQL as installations run it: its keeper brings it up again when it is killed. */
export async function startPostgres(homeDir: string): Promise<FaultyPostgres> {
  await chmod(dirname(homeDir), 0o755); // PostgreSQL runs under another account when root starts it
  let home = homeDir;
  let moves = 0;
  let embedded = await attachEmbedded(home);
  const door = await openDoor(() => Number(new URL(embedded.databaseUrl).port));
  const url = new URL(embedded.databaseUrl);
  url.port = String(door.port);
  const admin = new URL(url);
  admin.pathname = '/postgres';
  const ask = async <T extends pg.QueryResultRow>(sql: string) => {
    const client = new pg.Client({ connectionString: admin.toString() });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.query<T>(sql);
    } finally {
      await client.end();
    }
  };
  const answers = () => insist(() => ask('select 1'), 'PostgreSQL');
  const readDataDir = async () => {
    const { rows } = await ask<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory ?? '';
  };
  let dataDir = await readDataDir();
  const pid = () => Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const keeperPid = () => {
    const address = join(home, 'embedded.json');
    return existsSync(address) ? (JSON.parse(readFileSync(address, 'utf8')) as { pid: number }).pid : 0;
  };
  return {
    url: url.toString(),
    admin: admin.toString(),
    direct: () => embedded.databaseUrl,
    pid,
    start: async () => void (await answers()),
    kill: async () => void process.kill(pid(), 'SIGKILL'),
    killKeeper: async () => {
      const killed = keeperPid();
      process.kill(killed, 'SIGKILL');
      await insist(async () => {
        if ([0, killed].includes(keeperPid())) throw new Error('no keeper has come');
      }, 'the next keeper');
      await answers();
    },
    moveHome: async () => {
      await embedded.release();
      moves += 1;
      const next = `${homeDir}-moved-${moves}`;
      await rename(home, next);
      home = next;
      embedded = await attachEmbedded(home);
      dataDir = await readDataDir();
    },
    cut: async () => {
      const { rowCount } = await ask(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname is not null and pid <> pg_backend_pid()',
      );
      return rowCount ?? 0;
    },
    stop: async () => {
      await embedded.release();
      door.server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export type FaultyRedis = Faulty & {
  readonly flush: () => Promise<void>;
  /** Takes no more writes for want of memory, or takes them again. */
  readonly setFull: (isFull: boolean) => Promise<void>;
  /** Takes no writes as the replica of a server that is not there, or takes them again. */
  readonly setReplica: (isReplica: boolean) => Promise<void>;
};

export async function startRedis(folder: string, port: number): Promise<FaultyRedis> {
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const ask = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  };
  const start = async () => {
    const options = ['--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction', '--bind', '127.0.0.1'];
    child = spawn('redis-server', ['--port', String(port), '--dir', folder, ...options], { stdio: 'ignore' });
    await insist(() => ask((redis) => redis.ping()), 'Redis');
  };
  const end = async (signal: NodeJS.Signals) => {
    const gone = child;
    if (gone === undefined || gone.exitCode !== null || gone.signalCode !== null) return;
    gone.kill(signal);
    await new Promise((resolve) => gone.once('exit', resolve));
  };
  process.once('exit', () => child?.kill('SIGKILL'));
  await start();
  return {
    url,
    start,
    kill: () => end('SIGKILL'),
    cut: () => ask(async (redis) => Number(await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))),
    flush: () => ask(async (redis) => void (await redis.flushall())),
    setFull: (isFull) => ask(async (redis) => void (await redis.config('SET', 'maxmemory', isFull ? '1mb' : '0'))),
    // Port 1 answers nobody: what is in memory stays, and no write is taken.
    setReplica: (isReplica) =>
      ask(async (redis) => void (await redis.call('REPLICAOF', ...(isReplica ? ['127.0.0.1', '1'] : ['NO', 'ONE'])))),
    stop: () => end('SIGTERM'),
  };
}
