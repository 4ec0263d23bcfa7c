import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { sendRaw } from '../../test/support/web/raw-request.ts';
import { type FuzzCase, type FuzzTarget, makeHttpCase } from './http-case.ts';

/** How long an answer may take. Of the clock: a request that waits for something is as bad as one that computes. */
const HANG_MS = 15_000;
const AT_ONCE = 12;
const WORKER = fileURLToPath(new URL('../../workers/http.ts', import.meta.url));

export type HttpServerProcess = {
  readonly port: number;
  readonly log: () => string;
  readonly stop: () => Promise<number | null>;
};

/** The http process as it runs in production, on a free port. */
export async function startHttpProcess(environment: Readonly<Record<string, string>>): Promise<HttpServerProcess> {
  const child: ChildProcess = spawn(process.execPath, [WORKER], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HTTP_PORT: '0',
      LOG_LEVEL: 'trace',
      TRUSTED_PROXIES: '127.0.0.1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        const found = /Review page: http:\/\/127\.0\.0\.1:(\d+)\//.exec(log)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
    void exited.then((code) => reject(new Error(`The http process ended with ${code}: ${log}`)));
  });
  return {
    port,
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM');
      return await exited;
    },
  };
}

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly milliseconds: number };

async function ask(port: number, agent: Agent, one: Extract<FuzzCase, { kind: 'request' }>): Promise<Answer> {
  const startedAt = performance.now();
  // Node's client does not frame the body of a DELETE or TRACE by itself.
  const headers = { ...one.headers, ...(one.body === null ? {} : { 'content-length': one.body.length }) };
  return await new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', agent, method: one.method, path: one.path, headers }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          milliseconds: performance.now() - startedAt,
        }),
      );
      answer.on('error', reject);
    });
    sent.setTimeout(HANG_MS, () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(one.body ?? undefined);
  });
}

/** What is wrong with an answer; null when nothing is. */
function faultOf(
  { status, headers, milliseconds }: Answer,
  { method, path }: Extract<FuzzCase, { kind: 'request' }>,
): string | null {
  // That it is not ready is what this one is asked for: on a busy machine its own deadline passes.
  if (status >= 500 && !(status === 503 && path.startsWith('/readyz'))) return `${status}`;
  if (milliseconds > HANG_MS) return `${Math.round(milliseconds)} ms`;
  if (headers['x-content-type-options'] !== 'nosniff' || headers['content-security-policy'] === undefined)
    return 'without our headers';
  const type = headers['content-type'] ?? '';
  if (status >= 400 && method !== 'HEAD' && path.startsWith('/api/') && !type.startsWith('application/problem+json'))
    return `${status} as ${type}`;
  return null;
}

export type FuzzResult = {
  readonly cases: number;
  readonly faults: readonly string[];
  readonly hangs: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly slowestCase: number;
};

/** Sends the cases of a seed, some at the same time, and says which were answered wrongly. */
export async function runHttpCases(
  port: number,
  target: FuzzTarget,
  seed: number,
  from: number,
  count: number,
): Promise<FuzzResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const faults: string[] = [];
  const byStatus: Record<string, number> = {};
  let [hangs, slowestMs, slowestCase, next] = [0, 0, from, from];
  const note = (number: number, status: number, milliseconds: number) => {
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    if (milliseconds > slowestMs) [slowestMs, slowestCase] = [milliseconds, number];
  };
  const one = async (number: number): Promise<void> => {
    const made = makeHttpCase(target, seed, number);
    if (made.kind === 'raw') {
      const { status, milliseconds, text } = await sendRaw(port, [made.bytes], { patienceMs: HANG_MS + 5_000 });
      note(number, status, milliseconds);
      if (status >= 500) faults.push(`case ${number}: ${status} to raw bytes`);
      if (milliseconds > HANG_MS + 4_000) hangs += 1;
      if (status >= 400 && !/content-security-policy/i.test(text))
        faults.push(`case ${number}: raw bytes, without our headers`);
      return;
    }
    const what = `case ${number}: ${made.method} ${made.path.slice(0, 80)}`;
    try {
      const answer = await ask(port, agent, made);
      note(number, answer.status, answer.milliseconds);
      const fault = faultOf(answer, made);
      if (fault !== null) faults.push(`${what}: ${fault}`);
    } catch (error) {
      // A body that is refused before all of it came ends the connection: that is an answer. Ever else it is none.
      if (error instanceof Error && error.message === 'no answer') hangs += 1;
      else if ((made.body?.length ?? 0) < 60_000)
        faults.push(`${what}: ${error instanceof Error ? error.message : 'broken'}`);
    }
  };
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < from + count) {
        const number = next;
        next += 1;
        await one(number);
      }
    }),
  );
  agent.destroy();
  return { cases: count, faults, hangs, byStatus, slowestMs: Math.round(slowestMs), slowestCase };
}
