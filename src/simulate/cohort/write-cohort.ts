import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lscCsv } from './lsc-csv.ts';
import type { SimulatedCohort } from './simulate-cohort.ts';

/** Writes the SR files into `dir/sr/`, and `lsc.csv` and `truth.json` into `dir`. */
export async function writeCohort(
  dir: string,
  cohort: SimulatedCohort,
  onFile: (written: number) => void = () => undefined,
): Promise<void> {
  const folder = join(dir, 'sr');
  await mkdir(folder, { recursive: true });
  await writeFile(join(dir, 'lsc.csv'), lscCsv(cohort.variety));
  await writeFile(join(dir, 'truth.json'), `${JSON.stringify(cohort.truth, null, 2)}\n`);
  let written = 0;
  for (const { name, bytes } of cohort.files) {
    await writeFile(join(folder, name), bytes);
    written += 1;
    onFile(written);
  }
}
