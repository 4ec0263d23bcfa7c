import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Published and hostile sample files beside the project. The project does not carry them, and passes without them. */
const SAMPLES = new URL('../../../../shared/samples/', import.meta.url);

export const samplesExist = existsSync(SAMPLES);

if (!samplesExist) {
  console.warn(`SKIPPED: the sample files at ${SAMPLES.pathname} are not there; tests over them do not run.`);
}

/** Names like "made/dxa-encore.dcm", in order; none when the folder is not there. */
export function sampleNames(...folders: string[]): string[] {
  if (!samplesExist) return [];
  return folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, SAMPLES))
      .filter((name) => !name.endsWith('.tsv'))
      .sort()
      .map((name) => `${folder}/${name}`),
  );
}

export function sample(name: string): Buffer {
  return readFileSync(new URL(name.split('/').map(encodeURIComponent).join('/'), SAMPLES));
}
