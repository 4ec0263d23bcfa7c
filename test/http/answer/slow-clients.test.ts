import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { until } from '../../support/until.ts';
import { sendRaw } from '../../support/web/raw-request.ts';
import { createTestServer, type TestServer } from '../test-server.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let site: TestServer;
let port: number;

beforeAll(async () => {
  site = await createTestServer({ singleUser: false });
  port = Number(new URL(await site.server.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(async () => {
  await site.close();
});

describe('a client that never finishes its request', () => {
  test('is cut off within fifteen seconds, whatever it holds back, while others are answered', async () => {
    const slow = (first: string, piece: string) => [first, ...Array<string>(200).fill(piece)];
    const given = { pauseMs: 500, patienceMs: 40_000 };
    const cut = Promise.all([
      sendRaw(port, [], given),
      sendRaw(port, slow('GET / HTTP/1.1\r\n', 'a: b\r\n'), given),
      sendRaw(
        port,
        slow('POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\ncontent-type: application/json\r\n\r\n', ' '),
        given,
      ),
      sendRaw(
        port,
        slow('POST /sign-in HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n'),
        given,
      ),
    ]);
    const started = performance.now();
    while (performance.now() - started < 3_000)
      expect((await fetch(`http://127.0.0.1:${port}/sign-in`)).status).toBe(200);
    for (const { milliseconds } of await cut) {
      expect(milliseconds).toBeGreaterThan(5_000);
      expect(milliseconds).toBeLessThan(15_500);
    }
  });

  test('holds no more than two hundred connections', async () => {
    const sockets: Socket[] = [];
    let closed = 0;
    for (let i = 0; i < 260; i += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined).on('close', () => (closed += 1));
      sockets.push(socket);
    }
    await until(() => closed >= 60, 'sixty connections refused');
    for (const socket of sockets.slice(0, 20)) socket.destroy();
    await until(
      async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null))?.status === 200,
      'room again',
    );
    for (const socket of sockets) socket.destroy();
  });
});
