import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onLines, proofOf } from '../../src/embedded/handshake.ts';
import { openHome } from '../../src/embedded/home.ts';
import {
  addressOf,
  dataDirOf,
  openSandbox,
  query,
  removeMadeOnce,
  type Sandbox,
} from '../support/process/embedded-home.ts';
import { until } from '../support/until.ts';

const TIMEOUT = { timeout: 120_000 };
const NONCE = 'a-nonce-of-this-test';

type Line = readonly string[];

/** Speaks with the keeper as a process does, a word at a time. */
function dial(port: number): { readonly socket: Socket; readonly lines: Line[]; readonly closed: () => boolean } {
  const socket = connect(port, '127.0.0.1');
  const lines: Line[] = [];
  onLines(socket, (words) => lines.push(words));
  return { socket, lines, closed: () => socket.destroyed };
}

/** A program that listens where a keeper once did, and what it was told. */
async function listen(answer: string): Promise<{ readonly port: number; heard: () => string; close: () => void }> {
  let heard = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    heard: () => heard,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('the keeper of an embedded PostgreSQL', () => {
  let sandbox: Sandbox;
  let home: string;
  beforeEach(async () => {
    sandbox = openSandbox();
    home = await sandbox.copiedHome();
  });
  afterAll(removeMadeOnce);
  afterEach(async () => await sandbox.clear());

  it('confirms no attachment once it is closing', TIMEOUT, async () => {
    const database = await sandbox.attach(home);
    const { port, token } = addressOf(home);
    const late = dial(port);
    late.socket.write(`hello ${NONCE}\n`);
    const [, nonce = '', proof] = await until(() => late.lines[0], 'the keeper proves itself');
    expect(proof).toBe(proofOf(token, 'keeper', NONCE, nonce));
    await database.release(); // the last: the server is down when this is done
    late.socket.write(`attach ${proofOf(token, 'process', NONCE, nonce)}\n`);
    await until(late.closed, 'the keeper has gone');
    expect(late.lines.slice(1).flat()).not.toContain('attached');
  });

  it('gives a lease at every moment of a release, to a server that is up', TIMEOUT, async () => {
    const working = Array.from({ length: 3 }, async (_, worker) => {
      for (let time = 0; time < 3; time += 1) {
        const database = await sandbox.attach(home);
        expect(await query(database.databaseUrl, 'select 1 as one')).toEqual({ one: 1 });
        await sleep(37 * worker); // waits for nothing: releases and attachments meet at a different moment every time
        await database.release();
      }
    });
    await Promise.all(working);
  });

  it.each([
    ['answers like one of an earlier release', 'attached\n'],
    ['says nothing', ''],
    ['sends lines without end', 'x'.repeat(100_000)],
  ])('is not taken for a program on its old port that %s', TIMEOUT, async (_what, answer) => {
    const { key } = await openHome(home);
    const stranger = await listen(answer);
    const token = 'the token of a keeper that was killed';
    const address = {
      protocol: 2,
      home: key,
      port: stranger.port,
      token,
      databaseUrl: 'postgres://x@127.0.0.1/x',
      pid: 1,
    };
    writeFileSync(join(home, 'embedded.json'), JSON.stringify(address));
    const began = performance.now();
    const database = await sandbox.attach(home);
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(await query(database.databaseUrl, 'select 1 as one')).toEqual({ one: 1 });
    expect(stranger.heard()).toMatch(/^(hello \S+\n)+$/);
    expect(stranger.heard()).not.toContain(token);
    stranger.close();
  });

  it('disconnects clients that send without end or do not identify themselves', TIMEOUT, async () => {
    await sandbox.attach(home);
    const { port, pid } = addressOf(home);
    const residentBytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
    const before = residentBytes();
    const flood = dial(port);
    const chunk = Buffer.alloc(1 << 20, 'x');
    for (let sent = 0; sent < 300 && !flood.closed(); sent += 1) {
      await new Promise<void>((resolve) => flood.socket.write(chunk, () => resolve()));
    }
    expect(flood.closed()).toBe(true);
    expect(residentBytes() - before).toBeLessThan(100 << 20);
    const silent = dial(port);
    const liar = dial(port);
    liar.socket.write(`hello ${NONCE}\n`);
    await until(() => liar.lines[0], 'the keeper proves itself');
    liar.socket.write(`attach ${proofOf('another token', 'process', NONCE, liar.lines[0]?.[1] ?? '')}\n`);
    await until(liar.closed, 'the liar is cut off');
    expect(liar.lines.flat()).not.toContain('attached');
    await until(silent.closed, 'the silent one is cut off', 30_000);
  });

  it('keeps the log of its server short, private and free of what statements held', TIMEOUT, async () => {
    const { databaseUrl } = await sandbox.attach(home);
    const log = join(dataDirOf(home), 'server.log');
    await expect(query(databaseUrl, `select 'Müller^Anna'::int`)).rejects.toMatchObject({ code: '22P02' });
    writeFileSync(log, 'x'.repeat(25 << 20), { flag: 'a' });
    await until(() => statSync(log).size < 1 << 20, 'the log is cut');
    expect(statSync(`${log}.1`).size).toBeLessThanOrEqual(10 << 20);
    const unknown = new URL(databaseUrl);
    unknown.pathname = '/unknown';
    await expect(query(unknown.toString(), 'select 1')).rejects.toMatchObject({ code: '3D000' });
    await until(
      () => readFileSync(log, 'utf8').includes('database "unknown" does not exist'),
      'the server goes on in it',
    );
    for (const file of [log, `${log}.1`]) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).not.toContain('Müller');
    }
  });

  it('lets no other account read what is in the home while it works', TIMEOUT, async () => {
    await sandbox.attach(home);
    for (const name of ['', 'embedded.json', 'embedded.lock', 'embedded-home.json', 'postgres-password']) {
      expect([name, statSync(join(home, name)).mode & 0o066]).toEqual([name, 0]);
    }
  });
});
