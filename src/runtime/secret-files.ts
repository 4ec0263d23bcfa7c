import { readFileSync, statSync } from 'node:fs';
import { codeOf } from '../errors/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that may hold a password and can therefore be given as the name of a file, as Docker secrets are. */
const BY_FILE = ['DATABASE_URL', 'QUEUE_URL'] as const;

const SECRET_BYTES = 65_536;

/**
 * Replaces NAME_FILE by NAME with the file's first line; what stands in the file never reaches a message. `rules` are those
 * that are broken.
 */
export function readSecretFiles(environment: Environment): {
  readonly values: Environment;
  readonly rules: readonly string[];
} {
  const values: Record<string, string | undefined> = { ...environment };
  const rules: string[] = [];
  for (const name of BY_FILE) {
    const path = environment[`${name}_FILE`] ?? '';
    if (path === '') continue;
    if ((environment[name] ?? '') !== '') {
      rules.push(`${name} and ${name}_FILE are both set, set one of them`);
      continue;
    }
    try {
      if (statSync(path).size > SECRET_BYTES) {
        rules.push(`${name}_FILE names a file that is too large to be a secret`);
        continue;
      }
      const [line = ''] = readFileSync(path, 'utf8').trim().split('\n');
      // An empty secret must not fall back to the embedded database.
      if (line === '') rules.push(`${name}_FILE names an empty file`);
      values[name] = line;
    } catch (error) {
      rules.push(`${name}_FILE names a file that cannot be read (${codeOf(error)})`);
    }
  }
  return { values, rules };
}
