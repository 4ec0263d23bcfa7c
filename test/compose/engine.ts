import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/process/redis.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The user of the image's processes, who must be able to take files out of the drop folder. */
const IMAGE_USER = 1000;

export type Output = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function run(args: readonly string[], environment: NodeJS.ProcessEnv, input = ''): Promise<Output> {
  const child = spawn('docker', [...args], { cwd: ROOT, env: environment, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined); // the command may end without reading it
  child.stdin.end(input);
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (status) => resolve(status ?? 1));
  });
  return { code, stdout, stderr };
}

/** What is missing for a run, as a sentence; null when nothing is. */
export async function findMissing(): Promise<string | null> {
  const client = await run(['--version'], process.env);
  if (client.code !== 0) return 'There is no docker command. Install Docker Engine with its Compose plugin.';
  const server = await run(['version', '--format', '{{.Server.Version}}'], process.env);
  if (server.code !== 0) return 'No Docker engine answers. Start it, or point DOCKER_HOST at one.';
  const compose = await run(['compose', 'version', '--short'], process.env);
  if (compose.code !== 0 || !/^v?[2-9]/.test(compose.stdout)) return 'Docker has no Compose v2 plugin.';
  return null;
}

export type Stack = {
  readonly dropDir: string;
  readonly url: string;
  /** Runs docker compose on this stack; throws with its output unless it succeeds. */
  readonly compose: (args: readonly string[], input?: string) => Promise<string>;
  readonly docker: (args: readonly string[]) => Promise<string>;
  readonly remove: () => Promise<void>;
};

/** Prepares a project of its own in temporary folders; nothing runs yet. */
export async function prepareStack(): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'dxaflow-compose-'));
  const [dropDir, secrets] = [join(folder, 'drop'), join(folder, 'secrets')];
  for (const each of [dropDir, secrets]) mkdirSync(each);
  if (process.getuid?.() === 0) chownSync(dropDir, IMAGE_USER, IMAGE_USER);
  else chmodSync(dropDir, 0o777);
  const port = await freePort();
  const environment = {
    ...process.env,
    COMPOSE_PROJECT_NAME: `dxaflow-test-${process.pid}`,
    DXAFLOW_DROP: dropDir,
    DXAFLOW_SECRETS: secrets,
    DXAFLOW_PORT: String(port),
    DXAFLOW_IMAGE: 'dxaflow:test',
    LOG_LEVEL: 'trace',
  };
  const checked = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await run(args, environment, input);
    if (code !== 0)
      throw new Error(`docker ${args.slice(0, 6).join(' ')} ended with ${code}:\n${(stdout + stderr).slice(-4000)}`);
    return stdout;
  };
  await new Promise<void>((resolve, reject) => {
    const child = spawn(join(ROOT, 'secrets/generate.sh'), [secrets], { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`secrets/generate.sh ended with ${code}`)),
    );
  });
  return {
    dropDir,
    url: `http://127.0.0.1:${port}`,
    docker: checked,
    compose: (args, input) => checked(['compose', ...args], input),
    remove: async () => {
      await checked(['compose', 'down', '--volumes', '--remove-orphans', '--timeout', '20']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
