import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { until } from '../until.ts';

export type WorkerProcess = {
  readonly child: ChildProcess;
  /** Everything it has logged so far, a JSON object a line. */
  readonly log: () => string;
  /** Sends a signal and resolves with the exit code, null after a signal that killed it. */
  readonly stop: (signal: NodeJS.Signals) => Promise<number | null>;
};

const HERE = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Starts workers/NAME.ts as the process it is in production, of this release or of the one in `release`, and waits until it
 * says that it is ready.
 */
export async function startWorker(
  name: string,
  environment: Readonly<Record<string, string>>,
  release = HERE,
): Promise<WorkerProcess> {
  const path = join(release, 'workers', `${name}.ts`);
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  // Searched for patient values with everything else that the run logs.
  const record = join(inject('runFolder'), `worker-${name}-${child.pid}.log`);
  for (const stream of [child.stderr, child.stdout]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      appendFileSync(record, chunk);
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const isReady = () => {
    if (child.exitCode !== null) throw new Error(`workers/${name}.ts ended with ${child.exitCode}: ${log}`);
    return log.includes('"msg":"ready"');
  };
  await until(isReady, `workers/${name}.ts ready`, 90_000).catch((error: unknown) => {
    child.kill('SIGKILL'); // nobody else knows of it
    throw error;
  });
  return {
    child,
    log: () => log,
    stop: async (signal) => {
      child.kill(signal);
      return await exited;
    },
  };
}
