/**
 * npm run bench:read [-- --json] [-- --rounds N]
 *
 * Files per second of our reader, of dcmjs, of dicom-parser with a walk over the content tree, and of dcmtk's dsrdump
 * where it is installed, on two generated reports, in one run on one core. Rounds take turns, so that a busy machine
 * hits all alike; medians and ratios are printed. Then the peak memory of a process that reads 10 000 files.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { data, log } from 'dcmjs';
import dicomParser, { type DataSet } from 'dicom-parser';
import { READ_LIMITS } from '../src/dicom/encoding/limits.ts';
import { readReport } from '../src/dicom/read-report.ts';
import { dicomFile, type Item } from '../test/support/dicom/dicom-bytes.ts';
import { itemsOf, read } from '../test/support/dicom/dicom-read.ts';
import { lunarReport, text } from '../test/support/dicom/dicom-report.ts';

type Reader = {
  readonly name: string;
  readonly readAll: (file: Buffer, times: number) => void;
  readonly batch: number;
};

const MEMORY_FILES = 10_000;
const ROUND_MS = 400;

/** 273 items and 44.5 kB, and 102 items and 17 kB: a full report and a usual one. */
function makeReports(): { readonly name: string; readonly file: Buffer }[] {
  const note = (length: number): Item =>
    text(['121106', 'DCM', 'Comment'], 'Comment on the examination. '.repeat(100).slice(0, length));
  const withNotes = (elements: Item, lengths: number[]): Item =>
    elements.map((element) =>
      element[0] === 0x0040a730 ? [element[0], element[1], [...(element[2] as Item[]), ...lengths.map(note)]] : element,
    );
  const large = dicomFile(withNotes(lunarReport(4, 11), [500, 500, 500, 660]));
  const small = dicomFile(withNotes(lunarReport(2, 8), [400, 400, 460]));
  return [
    { name: 'large', file: large },
    { name: 'small', file: small },
  ];
}

function readOurs(file: Buffer): number {
  const result = readReport(file, READ_LIMITS);
  if (!result.ok) throw new Error(result.refusal.code);
  return result.document.root.children.length;
}

function readDcmjs(file: Buffer): number {
  const { dict } = data.DicomMessage.readFile(new Uint8Array(file).buffer);
  return Object.keys(data.DicomMetaDictionary.naturalizeDataset(dict)).length;
}

/** What a reader on top of dicom-parser would have to do at least: all texts of the tree, no numbers, no findings. */
function walkDicomParser(file: Buffer): number {
  const decoder = new TextDecoder('utf-8');
  const decode = (set: DataSet, tag: string): string => {
    const element = set.elements[tag];
    if (element === undefined) return '';
    return decoder.decode(set.byteArray.subarray(element.dataOffset, element.dataOffset + element.length)).trim();
  };
  const items = (set: DataSet, tag: string): DataSet[] =>
    (set.elements[tag]?.items ?? []).flatMap((item) => (item.dataSet === undefined ? [] : [item.dataSet]));
  const code = (set: DataSet, tag: string) =>
    items(set, tag).map((item) => [decode(item, 'x00080100'), decode(item, 'x00080102'), decode(item, 'x00080104')]);
  const walk = (set: DataSet): object => ({
    relationship: decode(set, 'x0040a010'),
    valueType: decode(set, 'x0040a040'),
    concept: code(set, 'x0040a043'),
    text: decode(set, 'x0040a160'),
    measured: items(set, 'x0040a300').map((value) => [decode(value, 'x0040a30a'), code(value, 'x004008ea')]),
    children: items(set, 'x0040a730').map(walk),
  });
  return Object.keys(walk(dicomParser.parseDicom(file))).length;
}

function makeReaders(): Reader[] {
  const times = (read: (file: Buffer) => number) => (file: Buffer, count: number) => {
    for (let i = 0; i < count; i++) read(file);
  };
  const readers: Reader[] = [
    { name: 'dxaflow', readAll: times(readOurs), batch: 20 },
    { name: 'dcmjs', readAll: times(readDcmjs), batch: 1 },
    { name: 'dicom_parser', readAll: times(walkDicomParser), batch: 10 },
  ];
  if (spawnSync('dsrdump', ['--version']).error === undefined) {
    // Many files in one call, so that starting the process is not what is measured.
    readers.push({ name: 'dsrdump', batch: 40, readAll: (file, count) => runDsrdump(file, count) });
  }
  return readers;
}

const folder = mkdtempSync(join(tmpdir(), 'dxaflow-bench-'));

function runDsrdump(file: Buffer, count: number): void {
  const path = join(folder, `${file.length}.dcm`);
  writeFileSync(path, file);
  execFileSync('dsrdump', Array<string>(count).fill(path), { stdio: 'ignore', maxBuffer: 1 << 28 });
}

/** Files per second over at least ROUND_MS. */
function measure(reader: Reader, file: Buffer): number {
  const started = performance.now();
  let count = 0;
  do {
    reader.readAll(file, reader.batch);
    count += reader.batch;
  } while (performance.now() - started < ROUND_MS);
  return count / ((performance.now() - started) / 1000);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** In a process of its own: reads as a worker does, a fresh buffer for each file. */
function readMany(): void {
  const reports = makeReports();
  for (let i = 0; i < MEMORY_FILES; i++) readOurs(Buffer.from(reports[i % reports.length]?.file ?? Buffer.alloc(0)));
  console.log(Math.round(process.resourceUsage().maxRSS / 1024));
}

function main(): void {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '7' },
      memory: { type: 'boolean', default: false },
    },
  });
  if (values.memory) {
    readMany();
    return;
  }
  log.setLevel('silent');
  for (const logger of Object.values(log.getLoggers())) logger.setLevel('silent');
  const readers = makeReaders();
  const figures: Record<string, number> = {};
  for (const { name, file } of makeReports()) {
    figures[`${name}_bytes`] = file.length;
    figures[`${name}_items`] = itemsOf(read(file).root).length;
    const rates = new Map<string, number[]>(readers.map((reader) => [reader.name, []]));
    for (const reader of readers) measure(reader, file);
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const reader of readers) rates.get(reader.name)?.push(measure(reader, file));
    }
    const ours = median(rates.get('dxaflow') ?? []);
    for (const [reader, list] of rates) {
      figures[`${name}_${reader}_files_per_s`] = Math.round(median(list));
      if (reader !== 'dxaflow') figures[`${name}_times_${reader}`] = Math.round((ours / median(list)) * 10) / 10;
    }
  }
  figures['memory_files'] = MEMORY_FILES;
  figures['memory_peak_rss_mb'] = Number(
    execFileSync(process.execPath, [import.meta.filename, '--memory'], { encoding: 'utf8' }),
  );
  rmSync(folder, { recursive: true });
  if (values.json) {
    console.log(JSON.stringify(figures));
    return;
  }
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(36)} ${value}`);
}

if (import.meta.main) main();
