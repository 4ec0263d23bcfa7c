import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { hashSecret, newSecret } from '../src/credentials/secret.ts';
import { openSession } from '../src/db/access/session.ts';
import { openPool, type Pool } from '../src/db/pool.ts';
import { migrate, readMigrations } from '../src/db/schema/migrate.ts';
import { READ_LIMITS } from '../src/dicom/encoding/limits.ts';
import { attachEmbedded } from '../src/embedded/attach.ts';
import { watchStates } from '../src/health/states.ts';
import { SESSION_COOKIE } from '../src/http/access/guard.ts';
import { buildServer } from '../src/http/server.ts';
import { createLog } from '../src/runtime/log.ts';
import { flatJson } from './flat-json.ts';

/** The promise of the worklist: with 100 000 cases, at 50 requests a second, 95 % of the answers within 100 ms. */
const P95_LIMIT_MS = 100;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    cases: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '20' },
  },
});
const [cases, rate, seconds] = [Number(values.cases), Number(values.rate), Number(values.seconds)];
const say = (text: string) => {
  if (!values.json) console.log(text);
};

/** Patients with two studies, a case and eight comparisons each, of the size that judging writes. */
async function fill(pool: Pool): Promise<void> {
  const checks = JSON.stringify(
    Array.from({ length: 18 }, (_, index) => ({
      rule: `C${index + 1}`,
      outcome: index === 10 ? 'warn' : 'ok',
      code: index === 10 ? 'SECONDARY_REGION' : 'SAME_SCANNER',
      facts: { followUpScannerId: 'lunar idxa|serial:me+210456', referenceScannerId: 'lunar idxa|serial:me+210456' },
    })),
  );
  const side = (study: number) =>
    `jsonb_build_object('studyId', (2 * i + ${study})::text, 'scannedOn', '2018-01-01', 'bmdGramsPerCm2', '1.000000', 'sources', '[]'::jsonb)`;
  const compared = (region: string, verdict: string) =>
    `jsonb_build_object('region', '${region}', 'vertebrae', '', 'laterality', 'left', 'kind', 'previous', 'verdict', '${verdict}', 'rebuilt', false,
      'reference', ${side(-1)}, 'followUp', ${side(0)}, 'deltaGramsPerCm2', '0.050000', 'deltaPercent', '5.0', 'lscGramsPerCm2', '0.030000',
      'lscId', null, 'lscSource', 'study', 'strength', 1.5, 'robust', null, 'checks', '${checks}'::jsonb)`;
  const statements = [
    `insert into source_file (sha256, byte_count, archive_path, drop_name, state)
       select encode(sha256(i::text::bytea), 'hex'), 1, 'x', 'bench-' || i || '.dcm', 'stored' from generate_series(1, ${2 * cases}) i`,
    `insert into scanner (manufacturer, model_name, device_serial_number, identity_key, identified)
       select 'GE Healthcare', 'Lunar iDXA', 'S' || i, 'lunar idxa|serial:s' || i, true from generate_series(1, 5) i`,
    `insert into patient (issuer_of_patient_id, patient_id, revision, assessed_revision) select '', 'B-' || i, 1, 1 from generate_series(1, ${cases}) i`,
    `insert into study (study_instance_uid, patient_id, named_patient_id)
       select '2.25.' || i, (i + 1) / 2, (i + 1) / 2 from generate_series(1, ${2 * cases}) i`,
    `insert into report (source_file_id, sop_instance_uid, study_id, scanner_id, vendor, adapter_version, reader_version, scanned_at, content_at, patient_name)
       select i, '2.25.' || i || '.1', i, 1 + i % 5, 'bench', '1', '1', to_char(date '2016-01-01' + (i % 3000), 'YYYY-MM-DD'),
              to_char(date '2016-01-01' + (i % 3000), 'YYYY-MM-DD'), 'BENCH^PATIENT ' || i from generate_series(1, ${2 * cases}) i`,
    `insert into comparison (patient_id, follow_up_study_id, reference_study_id, kind, region, vertebrae, laterality, reference_on, follow_up_on,
         reference_bmd_g_per_cm2, follow_up_bmd_g_per_cm2, reference_sources, follow_up_sources, rebuilt, verdict, delta_g_per_cm2, delta_percent,
         strength, checks, rule_set_version, content_hash)
       select i, 2 * i, 2 * i - 1, k.kind, r.region, '', r.side, '2018-01-01', '2020-01-01', 1, 1.05, '{}', '{}', false, 'provisional', 0.05, 5,
              1.5, '[]', '1', md5(i || k.kind || r.region || r.side)
         from generate_series(1, ${cases}) i, (values ('previous'), ('baseline')) k (kind),
              (values ('total_hip', 'left'), ('total_hip', 'right'), ('total_hip', 'mean'), ('femoral_neck', 'left'), ('trochanter', 'left')) r (region, side)`,
    `insert into review_case (patient_id, follow_up_study_id, rule, tier, region_pair, strength, statement, evidence, evidence_hash, rule_set_version,
         state, follow_up_on, scanner_key, assignee, opened_at)
       select i, 2 * i, case when i % 10 = 0 then 'D1_SPINE_UP_HIP_DOWN' else 'D7_AREA_DRIVEN' end, case when i % 10 = 0 then 'review' else 'check' end,
              'total_hip::left', random() * 3, 'statement', jsonb_build_object('comparisons', jsonb_build_array(${compared('total_hip', 'up')}, ${compared('femoral_neck', 'down')})),
              'hash', '1', case when i % 4 = 0 then 'in_review' else 'open' end, date '2016-01-01' + (i % 3000), 'lunar idxa|serial:s' || (1 + i % 5),
              case when i % 4 = 0 then 'reader' || i % 7 end, now() - make_interval(mins => i) from generate_series(1, ${cases}) i`,
    'vacuum analyze',
    // What the filling left for later must not be measured.
    'checkpoint',
  ];
  for (const statement of statements) await pool.query(statement);
}

const PATHS = [
  '/',
  '/?sort=oldest',
  '/?tier=review',
  '/?assignee=reader0',
  '/?scanner=2',
  '/?rule=D1_SPINE_UP_HIP_DOWN&sort=newest',
  '/?from=2019-01-01&to=2019-06-30',
];

type Answer = { readonly status: number; readonly milliseconds: number; readonly next: string | null };

async function ask(agent: Agent, base: string, path: string, cookie: string): Promise<Answer> {
  const startedAt = performance.now();
  return await new Promise((resolve, reject) => {
    request(`${base}${path}`, { agent, headers: { cookie } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => {
        const next = /href="(\/\?[^"]*)" rel="next"/.exec(body)?.[1]?.replaceAll('&#38;', '&') ?? null;
        resolve({ status: response.statusCode ?? 0, milliseconds: performance.now() - startedAt, next });
      });
    })
      .on('error', reject)
      .end();
  });
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;

/** Sends at the given rate whether or not answers came back, as readers do; a slow answer delays no other request. */
async function run(base: string, cookie: string): Promise<readonly Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const answers: Promise<Answer>[] = [];
  const deeper: string[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < rate * seconds; index += 1) {
    await sleep(Math.max(0, startedAt + (index * 1000) / rate - performance.now()));
    // Every third request turns a page further.
    const path = (index % 3 === 0 ? deeper.shift() : undefined) ?? PATHS[index % PATHS.length] ?? '/';
    answers.push(
      ask(agent, base, path, cookie).then((answer) => {
        if (answer.next !== null && deeper.length < 50) deeper.push(answer.next);
        return answer;
      }),
    );
  }
  const done = await Promise.all(answers);
  agent.destroy();
  return done;
}

const home = await mkdtemp(join(tmpdir(), 'dxaflow-bench-http-'));
const embedded = await attachEmbedded(process.env['BENCH_HOME'] ?? join(tmpdir(), 'dxaflow-bench'));
const name = `bench_http_${process.pid}`;
const admin = new pg.Client({ connectionString: embedded.databaseUrl });
await admin.connect();
await admin.query(`create database ${name}`);
const url = new URL(embedded.databaseUrl);
url.pathname = `/${name}`;
const pool = openPool(url.toString(), { max: 10, applicationName: 'bench', onError: () => undefined });
try {
  await migrate(pool, await readMigrations());
  say(`Filling a database with ${cases} cases and ${cases * 10} comparisons`);
  await fill(pool);
  const states = watchStates(createLog('silent', 'bench'));
  const server = await buildServer({
    pool,
    limits: READ_LIMITS,
    log: createLog('silent', 'bench'),
    queues: {
      counts: async () => ({}),
      enqueueIngests: async () => undefined,
      enqueueAssessments: async () => undefined,
    },
    archiveDir: home,
    dropDir: home,
    singleUser: false,
    states,
  });
  server.addHook('onClose', states.close);
  const base = await server.listen({ host: '127.0.0.1', port: 0 });
  const secret = newSecret();
  await openSession(pool, { tokenHash: hashSecret(secret), userId: null, role: 'reviewer', lifetimeSeconds: 3600 });
  const cookie = `${SESSION_COOKIE}=${secret}`;
  for (const path of PATHS) await ask(new Agent(), base, path, cookie);
  say(`${rate} requests/s for ${seconds} s`);
  const answers = await run(base, cookie);
  await server.close();
  const sorted = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const failed = answers.filter(({ status }) => status !== 200).length;
  const result = {
    cases,
    comparisons: cases * 10,
    requests: answers.length,
    requestsPerSecond: rate,
    failed,
    p50Ms: Number(quantile(sorted, 0.5).toFixed(1)),
    p95Ms: Number(quantile(sorted, 0.95).toFixed(1)),
    p99Ms: Number(quantile(sorted, 0.99).toFixed(1)),
    maxMs: Number((sorted.at(-1) ?? 0).toFixed(1)),
    limitMs: P95_LIMIT_MS,
  };
  console.log(
    values.json
      ? flatJson(result)
      : Object.entries(result)
          .map(([key, value]) => `${key.padEnd(18)} ${value}`)
          .join('\n'),
  );
  if (failed > 0 || result.p95Ms > P95_LIMIT_MS) process.exitCode = 1;
} finally {
  await pool.end();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
  await embedded.release();
  await rm(home, { recursive: true, force: true });
}
