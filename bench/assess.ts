import { parseArgs } from 'node:util';
import pg from 'pg';
import { listPatientsNotJudged } from '../src/db/files/failure.ts';
import { openPool, type Pool } from '../src/db/pool.ts';
import { migrate, readMigrations } from '../src/db/schema/migrate.ts';
import { RULE_SET_VERSION } from '../src/dxa/assess-patient.ts';
import { attachEmbedded } from '../src/embedded/attach.ts';
import { assessStoredPatient } from '../src/jobs/assess/assess.ts';
import { importLsc, parseLscCsv } from '../src/jobs/registry/lsc-import.ts';
import { readConfig } from '../src/runtime/config.ts';
import { BENCH_SCANNER, fillJudgements, growPatients, makeScanner } from './grow-patients.ts';

/**
 * Patients judged a second and statements a patient, as the database grows and as histories get longer. Everybody has
 * four regions a visit on one scanner with LSCs on file. The database keeps its default durable commits.
 */
const USAGE = `npm run bench:assess [-- --patients 1000,10000,100000 --visits 2,5,10,20,40 --sample 1000 --json]
  --patients  sizes of the database, growing, with four visits each
  --visits    lengths of history; --sample patients are judged at each size, a tenth of them at each length
  DATABASE_URL names a server to make a database on and drop it again; else the embedded PostgreSQL.`;

const VISITS = 4;
const CHUNK = 5000;
const FILLED_TABLES = 'patient, source_file, scanner, study, report, report_values';

const { values: options } = parseArgs({
  options: {
    patients: { type: 'string', default: '1000,10000,100000' },
    visits: { type: 'string', default: '2,5,10,20,40' },
    sample: { type: 'string', default: '1000' },
    concurrency: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const numbers = (list: string) => list.split(',').map(Number);
const SAMPLE = Number(options.sample);
const CONCURRENCY = Number(options.concurrency);

let statements = 0;
const query = pg.Client.prototype.query;
// Counts what goes to the server, begin and commit too.
pg.Client.prototype.query = function counted(this: pg.Client, ...given: unknown[]) {
  statements += 1;
  return Reflect.apply(query, this, given);
} as typeof query;

type Judging = {
  readonly patientsPerSecond: number;
  readonly statementsPerPatient: number;
  /** Of this process alone; on a busy machine it says more than the rate. */
  readonly processorMsPerPatient: number;
};

async function judge(pool: Pool, ids: readonly string[]): Promise<Judging> {
  statements = 0;
  let next = 0;
  const startedAt = performance.now();
  const processorAt = process.cpuUsage();
  const worker = async () => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) {
      await assessStoredPatient(pool, id);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(processorAt);
  return {
    patientsPerSecond: ids.length / seconds,
    statementsPerPatient: statements / ids.length,
    processorMsPerPatient: (user + system) / 1000 / ids.length,
  };
}

const LINES = ['spine,"L1,L2,L3,L4",none', 'total_hip,,any', 'femoral_neck,,any'];
const lscCsv = (lsc: string) =>
  [
    'manufacturer,model_name,device_serial_number,region,vertebrae,laterality,lsc_g_per_cm2,confidence_level,valid_from,source,author',
    ...LINES.map(
      (line) =>
        `${BENCH_SCANNER.manufacturer},${BENCH_SCANNER.modelName},${BENCH_SCANNER.deviceSerialNumber},${line},${lsc},0.95,1980-01-01,bench,bench`,
    ),
  ].join('\n');

const fileLscs = async (pool: Pool, lsc: string) =>
  await importLsc(pool, parseLscCsv(lscCsv(lsc)), { by: 'bench', note: 'bench' });

async function timed<T>(work: () => Promise<T>): Promise<readonly [result: T, seconds: number]> {
  const startedAt = performance.now();
  const result = await work();
  return [result, (performance.now() - startedAt) / 1000];
}

async function measure(pool: Pool): Promise<Readonly<Record<string, number>>> {
  const figures: Record<string, number> = {};
  const note = (name: string, value: number, decimals: number) => {
    figures[name] = Number(value.toFixed(decimals));
    console.log(`${name.padEnd(58)} ${value.toFixed(decimals)}`);
  };
  await makeScanner(pool);
  await fileLscs(pool, '0.030');
  let size = 0;
  for (const wanted of numbers(options.patients)) {
    const [, growing] = await timed(async () => {
      while (wanted - size > SAMPLE) {
        const ids = await growPatients(pool, Math.min(CHUNK, wanted - size - SAMPLE), VISITS);
        await fillJudgements(pool, ids, RULE_SET_VERSION);
        size += ids.length;
      }
    });
    const sample = await growPatients(pool, wanted - size, VISITS);
    size += sample.length;
    // Not the whole database: an empty table that was analysed is planned for as if it stayed empty.
    await pool.query(`analyze ${FILLED_TABLES}`);
    if (!options.json) console.log(`\n${wanted} patients (made in ${growing.toFixed(0)} s)`);
    const first = await judge(pool, sample);
    const again = await judge(pool, sample);
    note(`first_judgement_patients_per_s_of_${wanted}`, first.patientsPerSecond, 0);
    note(`first_judgement_statements_per_patient_of_${wanted}`, first.statementsPerPatient, 1);
    note(`first_judgement_processor_ms_per_patient_of_${wanted}`, first.processorMsPerPatient, 2);
    note(`unchanged_judgement_patients_per_s_of_${wanted}`, again.patientsPerSecond, 0);
    note(`unchanged_judgement_statements_per_patient_of_${wanted}`, again.statementsPerPatient, 1);
    const [, sweep] = await timed(() => listPatientsNotJudged(pool, '0', 500));
    note(`idle_sweep_ms_of_${wanted}`, 1000 * sweep, 1);
  }
  const [corrected, seconds] = await timed(() => fileLscs(pool, '0.031'));
  note('lsc_correction_s', seconds, 2);
  note('lsc_correction_patients_marked', corrected.patientsToAssess, 0);
  for (const visits of numbers(options.visits)) {
    const ids = await growPatients(pool, Math.max(1, Math.round(SAMPLE / 10)), visits);
    await pool.query(`analyze ${FILLED_TABLES}`);
    const { patientsPerSecond, processorMsPerPatient } = await judge(pool, ids);
    note(`judgement_ms_per_patient_of_${visits}_visits`, (1000 * CONCURRENCY) / patientsPerSecond, 2);
    note(`judgement_processor_ms_per_patient_of_${visits}_visits`, processorMsPerPatient, 2);
    note(`judgement_ms_per_visit_of_${visits}_visits`, (1000 * CONCURRENCY) / patientsPerSecond / visits, 2);
  }
  return figures;
}

if (options.help) {
  console.log(USAGE);
} else {
  const config = readConfig(process.env);
  const embedded = config.databaseUrl === undefined ? await attachEmbedded(config.homeDir) : undefined;
  const serverUrl = config.databaseUrl ?? embedded?.databaseUrl ?? '';
  const name = `bench_assess_${process.pid}`;
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    await admin.query(`create database ${name}`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    const pool = openPool(url.toString(), { max: CONCURRENCY, applicationName: 'bench', onError: () => undefined });
    try {
      await migrate(pool, await readMigrations());
      const [figures, seconds] = await timed(() => measure(pool));
      if (options.json) console.log(JSON.stringify({ ...figures, whole_bench_s: Math.round(seconds) }));
    } finally {
      await pool.end();
      await admin.query(`drop database ${name} with (force)`);
    }
  } finally {
    await admin.end();
    await embedded?.release();
  }
}
