import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Truth } from '../../src/simulate/visit/truth.ts';
import type { Stack } from './engine.ts';

const CASES = z.object({ cases: z.array(z.object({ id: z.string(), rule: z.string() })) });
const CASE = z.object({ rule: z.string(), state: z.string(), patientId: z.string(), studyInstanceUid: z.string() });
const CONTAINERS = z.array(
  z.object({
    Name: z.string(),
    State: z.object({ ExitCode: z.number() }),
    Config: z.object({ User: z.string(), Env: z.array(z.string()) }),
    HostConfig: z.object({
      ReadonlyRootfs: z.boolean(),
      CapDrop: z.array(z.string()).nullable(),
      CapAdd: z.array(z.string()).nullable(),
      SecurityOpt: z.array(z.string()).nullable(),
      PortBindings: z.record(z.string(), z.array(z.object({ HostIp: z.string() }))).nullable(),
      Memory: z.number(),
      NanoCpus: z.number(),
      PidsLimit: z.number().nullable(),
      Ulimits: z.array(z.object({ Name: z.string(), Hard: z.number() })).nullable(),
      LogConfig: z.object({ Type: z.string(), Config: z.record(z.string(), z.string()) }),
      RestartPolicy: z.object({ Name: z.string() }),
    }),
  }),
);

/** Sum of the samples of one metric whose labels hold all of `labels`; null when there is none. */
export function sumSamples(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | null {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const found = lines.filter((line) => wanted.every((part) => line.includes(part)));
  return found.length === 0
    ? null
    : found.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

export async function readMetrics(stack: Stack): Promise<string> {
  const answer = await fetch(`${stack.url}/metrics`);
  assert.equal(answer.status, 200, '/metrics');
  return await answer.text();
}

/** Open D1 and D2 cases, asked of the API as a program does, with a token made on the command line. */
async function readCases(stack: Stack): Promise<readonly z.infer<typeof CASE>[]> {
  const create = [
    'exec',
    '-T',
    'http',
    'dxaflow',
    'token',
    'create',
    'compose-test',
    '--role',
    'viewer',
    '--days',
    '1',
  ];
  const token = (await stack.compose(create)).trim();
  const read = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${stack.url}/api/${path}`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200, path);
    return await answer.json();
  };
  const found: z.infer<typeof CASE>[] = [];
  for (const { id, rule } of CASES.parse(await read('cases?limit=500')).cases) {
    if (/^D[12]_/.test(rule)) found.push(CASE.parse(await read(`cases/${id}`)));
  }
  return found.filter(({ state }) => state === 'open');
}

/** Exactly the planted D1 and D2 cases are open, and every file ended as it had to. */
export async function checkTruth(stack: Stack, truth: Truth): Promise<void> {
  const found = await readCases(stack);
  const keys = found.map((one) => `${one.rule} ${one.patientId} ${one.studyInstanceUid}`).sort();
  const planted = [...truth.d1_cases, ...truth.d2_cases];
  assert.deepEqual(keys, planted.map((one) => `${one.rule_code} ${one.patient_id} ${one.study_instance_uid}`).sort());

  const metrics = await readMetrics(stack);
  const files = (labels: Readonly<Record<string, string>>) => sumSamples(metrics, 'dxaflow_source_files', labels);
  assert.equal(files({ state: 'stored' }), truth.counts.stored, 'stored files');
  for (const code of ['TRUNCATED', 'NOT_DXA']) {
    const refused = truth.files.filter((file) => file.expected_code === code).length;
    assert.equal(files({ state: 'refused', code }) ?? 0, refused, `files refused as ${code}`);
  }
  assert.equal(files({}), truth.counts.files - truth.counts.duplicates, 'files on record');
}

/** No planted value in what any container printed, at LOG_LEVEL=trace, or in the metrics. */
export async function checkNoLeaks(stack: Stack, truth: Truth): Promise<number> {
  const printed = await stack.compose(['logs', '--no-color']);
  const lines = `${printed}\n${await readMetrics(stack)}`.split('\n');
  const leaking = lines.filter((line) => truth.planted_values.some((value) => line.includes(value)));
  assert.deepEqual(leaking, []);
  return lines.length;
}

async function inspect(stack: Stack) {
  const ids = (await stack.compose(['ps', '--all', '--quiet'])).trim().split('\n');
  return CONTAINERS.parse(JSON.parse(await stack.docker(['inspect', ...ids])));
}

/** What the compose file promises, asked of the engine: no root, no capability, nothing writable, bounds on everything, no secret in sight. */
export async function checkHardening(stack: Stack): Promise<number> {
  const containers = await inspect(stack);
  for (const { Name, Config, HostConfig } of containers) {
    assert.equal(HostConfig.ReadonlyRootfs, true, `${Name}: read-only root`);
    assert.deepEqual(HostConfig.CapDrop, ['ALL'], `${Name}: capabilities`);
    assert.deepEqual(HostConfig.CapAdd ?? [], [], `${Name}: capabilities added`);
    assert.ok(
      HostConfig.SecurityOpt?.some((option) => option.startsWith('no-new-privileges')),
      `${Name}: privileges`,
    );
    assert.match(Config.User, /^(node|postgres|redis)$/, `${Name}: user`);
    assert.ok(HostConfig.Memory > 0, `${Name}: memory`);
    assert.ok(HostConfig.NanoCpus > 0, `${Name}: processors`);
    assert.ok((HostConfig.PidsLimit ?? 0) > 0, `${Name}: processes`);
    assert.deepEqual(HostConfig.Ulimits, [{ Name: 'core', Hard: 0 }], `${Name}: core dumps`);
    assert.deepEqual(HostConfig.LogConfig.Config, { 'max-size': '10m', 'max-file': '5' }, `${Name}: log files`);
    assert.equal(
      HostConfig.RestartPolicy.Name,
      Name.includes('-migrate-') ? 'no' : 'unless-stopped',
      `${Name}: restart`,
    );
    for (const variable of Config.Env) assert.doesNotMatch(variable, /^[A-Z_]*(URL|PASSWORD)=/, `${Name}: secret`);
    const addresses = Object.values(HostConfig.PortBindings ?? {}).flat();
    for (const { HostIp } of addresses) assert.equal(HostIp, '127.0.0.1', `${Name}: port`);
  }
  return containers.length;
}

/** After a stop, every process ended by itself and in time. */
export async function checkStopped(stack: Stack): Promise<void> {
  for (const { Name, State } of await inspect(stack)) assert.equal(State.ExitCode, 0, `${Name}: exit code`);
}
