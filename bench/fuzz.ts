/**
 * npm run fuzz -- --cases N --seed S [--json] [--threads T] [--only CASE --out FILE]
 * npm run fuzz -- --http [--cases N] [--seed S] [--json] [--only CASE]
 *
 * Mutates our own fixtures, reports and images, and the samples beside the project when they are there, and reads each result in a pool of
 * worker threads with a memory limit and a deadline. Counts crashes (anything thrown, a dead thread, a broken promise
 * of the result's shape) and hangs. A case is made from seed and number alone: --only writes it to a file again.
 *
 * With --http it sends requests that nobody should send to every route of the http process: see fuzz/http.ts.
 */
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Piscina } from 'piscina';
import { reportRow } from '../src/db/records/report-row.ts';
import { describeDocument } from '../src/dicom/describe.ts';
import { READER_CODES } from '../src/dicom/document/codes.ts';
import { READ_LIMITS } from '../src/dicom/encoding/limits.ts';
import { readReport } from '../src/dicom/read-report.ts';
import { checkSurvey } from '../src/survey/check.ts';
import { openSurvey } from '../src/survey/collect.ts';
import { SURVEY, writeSurvey } from '../src/survey/survey-file.ts';
import { adaptImage, type ImageResult } from '../src/vendors/adapt-image.ts';
import { adaptReport } from '../src/vendors/adapt-report.ts';
import { readRejectionNote } from '../src/vendors/rejection-note.ts';
import type { AdaptResult } from '../src/vendors/report/adapter.ts';
import { VENDOR_CODES } from '../src/vendors/report/codes.ts';
import { dicomFile, type Syntax } from '../test/support/dicom/dicom-bytes.ts';
import { makeCase } from '../test/support/dicom/dicom-mutate.ts';
import { lunarReport } from '../test/support/dicom/dicom-report.ts';
import { RECEIVED_ON } from '../test/support/dicom/received.ts';
import { fuzzHttp } from './fuzz/http.ts';

type Batch = { readonly seed: number; readonly from: number; readonly count: number };
type BatchResult = {
  readonly read: number;
  readonly crashes: readonly { readonly number: number; readonly message: string }[];
  readonly slowestMs: number;
  readonly slowest: number;
};

const SAMPLES = new URL('../../shared/samples/', import.meta.url);
const FIXTURES = new URL('../test/fixtures/', import.meta.url);
const KNOWN_CODES: Readonly<Record<string, unknown>> = { ...READER_CODES, ...VENDOR_CODES };
/** Larger files would only make the same mutations slower. */
const MAX_SAMPLE_BYTES = 70_000;
const BATCH = 2_000;
const BATCH_DEADLINE_MS = 180_000;
const SLOW_MS = 1_000;
const MEMORY_MB = 256;

let corpus: readonly Buffer[] | null = null;

function loadCorpus(): readonly Buffer[] {
  if (corpus !== null) return corpus;
  const syntaxes: readonly Syntax[] = ['explicit', 'implicit', 'big endian', 'deflated', 'zlib'];
  const own = syntaxes.flatMap((syntax) =>
    [false, true].map((undefinedLengths) => dicomFile(lunarReport(2, 3), { syntax, undefinedLengths })),
  );
  const found: Buffer[] = [];
  for (const folder of existsSync(SAMPLES) ? ['made', 'hostile', 'other-sr', 'charsets'] : []) {
    for (const name of readdirSync(new URL(`${folder}/`, SAMPLES)).sort()) {
      const bytes = readFileSync(new URL(`${folder}/${encodeURIComponent(name)}`, SAMPLES));
      if (!name.endsWith('.tsv') && bytes.length <= MAX_SAMPLE_BYTES) found.push(bytes);
    }
  }
  const fixtures = globSync('**/report.dcm', { cwd: FIXTURES })
    .sort()
    .map((name) => readFileSync(new URL(name, FIXTURES)));
  // Changes to a file that is refused anyway reach less of the reader.
  const weighed = [...own, ...found, ...fixtures].flatMap((bytes) => Array<Buffer>(isRead(bytes) ? 6 : 1).fill(bytes));
  corpus = weighed;
  return corpus;
}

const isRead = (bytes: Buffer) => readReport(bytes, READ_LIMITS).ok || adaptImage(bytes, READ_LIMITS, RECEIVED_ON).ok;

/** Throws when an adapter does not keep its promises; true when it took the file. */
function checkAdapted(adapted: AdaptResult | ImageResult): boolean {
  const code = adapted.ok ? adapted.report.findings.find((one) => !(one.code in KNOWN_CODES))?.code : adapted.code;
  if (code !== undefined && !(code in KNOWN_CODES)) throw new Error(`Unknown code ${code}`);
  if (!adapted.ok) return false;
  const row = JSON.stringify(reportRow(adapted.report, 'fuzz'));
  if (row.includes('\\u0000')) throw new Error('NUL got out of an adapter');
  if (/\\\\u0000|\\ud[89a-f]/i.test(row)) throw new Error('Text that a database cannot hold');
  return true;
}

/** Surveys a case, and has the survey checked as whoever gets it does; throws when it cannot be read back. */
function surveyCase(bytes: Buffer): void {
  const collector = openSurvey({ limits: READ_LIMITS, today: RECEIVED_ON, shows: 'shared' });
  collector.add(bytes);
  const text = writeSurvey(collector.finish());
  if (text.includes('\\u0000')) throw new Error('NUL got into a survey');
  checkSurvey(SURVEY.parse(JSON.parse(text)));
}

/** Reads one case and shows it; throws when the reader does not keep its promises. */
function tryCase(bytes: Buffer): boolean {
  surveyCase(bytes);
  const result = readReport(bytes, READ_LIMITS);
  if (!result.ok) {
    if (!(result.refusal.code in READER_CODES)) throw new Error(`Unknown refusal code ${result.refusal.code}`);
    return result.refusal.code === 'NOT_STRUCTURED_REPORT' && checkAdapted(adaptImage(bytes, READ_LIMITS, RECEIVED_ON));
  }
  checkAdapted(adaptReport(result.document, RECEIVED_ON));
  for (const { code } of readRejectionNote(result.document, RECEIVED_ON)?.findings ?? []) {
    if (!(code in KNOWN_CODES)) throw new Error(`Unknown finding code ${code}`);
  }
  const { findings, header } = result.document;
  const stray = findings.find(({ code }) => !(code in READER_CODES));
  if (stray !== undefined) throw new Error(`Unknown finding code ${stray.code}`);
  if (header.sopInstanceUid === '') throw new Error('Empty SOP Instance UID');
  const shown = describeDocument(result.document);
  if (shown.includes('\0') || JSON.stringify(result.document).includes('\\u0000')) throw new Error('NUL got out');
  return true;
}

/** Runs in a worker thread. */
export async function runBatch({ seed, from, count }: Batch): Promise<BatchResult> {
  const files = loadCorpus();
  const crashes: { number: number; message: string }[] = [];
  let read = 0;
  let slowestMs = 0;
  let slowest = from;
  for (let number = from; number < from + count; number++) {
    // zlib's failed engines are freed between turns of the event loop; a worker reads one file a turn, so do we.
    if (number % 20 === 0) await setImmediate();
    const bytes = makeCase(files, seed, number);
    const before = process.threadCpuUsage();
    try {
      if (tryCase(bytes)) read++;
    } catch (error) {
      crashes.push({ number, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    // Time of the processor, not of the clock: a busy machine is no hang.
    const { user, system } = process.threadCpuUsage(before);
    const took = (user + system) / 1000;
    if (took > slowestMs) {
      slowestMs = took;
      slowest = number;
    }
  }
  return { read, crashes, slowestMs, slowest };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      http: { type: 'boolean', default: false },
      cases: { type: 'string' },
      seed: { type: 'string', default: '1' },
      threads: { type: 'string', default: '2' },
      only: { type: 'string' },
      out: { type: 'string', default: 'fuzz-case.dcm' },
      json: { type: 'boolean', default: false },
    },
  });
  const seed = Number(values.seed);
  if (values.http) {
    const only = values.only === undefined ? null : Number(values.only);
    return await fuzzHttp({ cases: Number(values.cases ?? '10000'), seed, json: values.json, only });
  }
  if (values.only !== undefined) {
    writeFileSync(values.out, makeCase(loadCorpus(), seed, Number(values.only)));
    console.log(`Wrote case ${values.only} of seed ${seed} to ${values.out}.`);
    return;
  }
  const cases = Number(values.cases ?? '20000');
  const threads = Number(values.threads);
  const pool = new Piscina({
    filename: import.meta.filename,
    maxThreads: threads,
    minThreads: threads,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  const started = performance.now();
  const total = { read: 0, done: 0, hangs: 0, crashes: 0, slowestMs: 0, slowest: 0 };
  const one = async (from: number): Promise<void> => {
    const batch: Batch = { seed, from, count: Math.min(BATCH, cases - from) };
    try {
      const signal = AbortSignal.timeout(BATCH_DEADLINE_MS);
      const result = (await pool.run(batch, { name: 'runBatch', signal })) as BatchResult;
      total.read += result.read;
      total.crashes += result.crashes.length;
      for (const { number, message } of result.crashes.slice(0, 3)) console.error(`Case ${number}: ${message}`);
      if (result.slowestMs > total.slowestMs)
        Object.assign(total, { slowestMs: result.slowestMs, slowest: result.slowest });
      if (result.slowestMs > SLOW_MS) total.hangs++;
    } catch (error) {
      const aborted = error instanceof Error && error.name === 'AbortError';
      if (aborted) total.hangs++;
      else total.crashes++;
      console.error(`Cases ${from} to ${from + batch.count - 1}: ${aborted ? 'no end' : String(error)}`);
    }
    total.done += batch.count;
  };
  const starts = Array.from({ length: Math.ceil(cases / BATCH) }, (_, i) => i * BATCH);
  // A few at a time: a deadline counts from when a batch is handed over.
  await Promise.all(
    Array.from({ length: threads }, async () => {
      for (let from = starts.shift(); from !== undefined; from = starts.shift()) await one(from);
    }),
  );
  await pool.destroy();
  const seconds = (performance.now() - started) / 1000;
  const figures = {
    cases: total.done,
    seed,
    files: new Set(loadCorpus()).size,
    crashes: total.crashes,
    hangs: total.hangs,
    read_whole: total.read,
    refused: total.done - total.read,
    slowest_cpu_ms: Math.round(total.slowestMs),
    slowest_case: total.slowest,
    cases_per_s: Math.round(total.done / seconds),
    duration_s: Math.round(seconds),
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  if (!values.json) {
    console.log(`${figures.cases} cases of seed ${seed} from ${figures.files} files in ${figures.duration_s} s:`);
    console.log(
      `${figures.crashes} crashes, ${figures.hangs} hangs (over ${SLOW_MS} ms of processor time), ${figures.read_whole} read, ${figures.refused} refused;`,
    );
    console.log(
      `slowest ${figures.slowest_cpu_ms} ms (case ${figures.slowest_case}), peak memory ${figures.peak_rss_mb} MB.`,
    );
  } else console.log(JSON.stringify(figures));
  if (figures.crashes > 0 || figures.hangs > 0) process.exitCode = 1;
}

if (import.meta.main) await main();
