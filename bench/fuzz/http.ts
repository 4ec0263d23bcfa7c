import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openPool } from '../../src/db/pool.ts';
import { migrate, readMigrations } from '../../src/db/schema/migrate.ts';
import { attachEmbedded } from '../../src/embedded/attach.ts';
import { flatJson } from '../flat-json.ts';
import { makeHttpCase } from './http-case.ts';
import { runHttpCases, startHttpProcess } from './http-run.ts';
import { leaksIn, prepareTarget } from './http-target.ts';

export type HttpFuzzOptions = {
  readonly cases: number;
  readonly seed: number;
  readonly json: boolean;
  /** Shows this one request instead of sending any. */
  readonly only: number | null;
};

const SHOWN = 20;

/** Requests that nobody should send, against the http process with a database of its own. */
export async function fuzzHttp({ cases, seed, json, only }: HttpFuzzOptions): Promise<void> {
  const archiveDir = await mkdtemp(join(tmpdir(), 'dxaflow-fuzz-http-'));
  const embedded = await attachEmbedded(process.env['BENCH_HOME'] ?? join(tmpdir(), 'dxaflow-bench'));
  const name = `fuzz_http_${process.pid}`;
  const admin = new pg.Client({ connectionString: embedded.databaseUrl });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = Object.assign(new URL(embedded.databaseUrl), { pathname: `/${name}` }).toString();
  const pool = openPool(url, { max: 4, applicationName: 'fuzz', onError: () => undefined });
  try {
    await migrate(pool, await readMigrations());
    const target = await prepareTarget(pool, archiveDir);
    if (only !== null) {
      const one = makeHttpCase(target, seed, only);
      console.log(
        one.kind === 'raw'
          ? one.bytes.toString('latin1')
          : JSON.stringify({ ...one, body: one.body?.toString() }, null, 2),
      );
      return;
    }
    const { rows } = await admin.query<{ data_directory: string }>('show data_directory');
    const databaseLog = join(rows[0]?.data_directory ?? '', 'server.log');
    const before = existsSync(databaseLog) ? readFileSync(databaseLog).length : 0;
    const server = await startHttpProcess({ DATABASE_URL: url, DXAFLOW_HOME: archiveDir, ARCHIVE_DIR: archiveDir });
    const started = performance.now();
    const result = await runHttpCases(server.port, target, seed, 0, cases);
    const seconds = (performance.now() - started) / 1000;
    const ready = await fetch(`http://127.0.0.1:${server.port}/readyz`);
    const exitCode = await server.stop();
    const leaks = [
      ...leaksIn(server.log()),
      ...(existsSync(databaseLog) ? leaksIn(readFileSync(databaseLog).subarray(before).toString()) : []),
    ];
    const failed = result.faults.filter((fault) => /: 5\d\d/.test(fault)).length;
    const figures = {
      cases: result.cases,
      seed,
      routes: target.routes.length,
      answers500: failed,
      otherFaults: result.faults.length - failed,
      hangs: result.hangs,
      leaks: leaks.length,
      ready: ready.status,
      exitCode,
      status: result.byStatus,
      slowestMs: result.slowestMs,
      slowestCase: result.slowestCase,
      casesPerS: Math.round(cases / seconds),
      durationS: Math.round(seconds),
    };
    for (const fault of result.faults.slice(0, SHOWN)) console.error(fault);
    for (const leak of leaks.slice(0, SHOWN)) console.error(`In a log: ${leak}`);
    if (json) console.log(flatJson(figures));
    else {
      console.log(`${figures.cases} requests of seed ${seed} to ${figures.routes} routes in ${figures.durationS} s:`);
      console.log(
        `${failed} answers of 500 and above, ${figures.otherFaults} other faults, ${figures.hangs} hangs, ${figures.leaks} log lines that repeat a text;`,
      );
      console.log(
        `afterwards ready: ${ready.status}, stopped with ${exitCode}; slowest ${figures.slowestMs} ms (case ${figures.slowestCase}).`,
      );
    }
    if (result.faults.length > 0 || result.hangs > 0 || leaks.length > 0 || !ready.ok || exitCode !== 0)
      process.exitCode = 1;
  } finally {
    await pool.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
    await embedded.release();
    await rm(archiveDir, { recursive: true, force: true });
  }
}
