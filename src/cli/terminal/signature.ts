import type { Command } from 'commander';
import type { Signature } from '../../db/audit.ts';
import { codeOf, DxaflowError, EXIT } from '../../errors/errors.ts';
import { readInputBytes } from './input-file.ts';

export type SignatureOptions = { readonly by: string; readonly note?: string };

/** Adds --by and --note: every change to the facility's records is written down with who made it and why. */
export function signed(command: Command): Command {
  return command
    .requiredOption('--by <person>', 'who is responsible for the change; recorded in the audit log')
    .option('--note <text>', 'the reason; recorded in the audit log, so never include patient data');
}

/** Throws SIGNATURE_EMPTY when no one is named. */
export function signatureOf({ by, note }: SignatureOptions): Signature {
  const name = by.trim();
  if (name === '') {
    throw new DxaflowError('SIGNATURE_EMPTY', '--by must name a person.', { exitCode: EXIT.usage });
  }
  return { by: name, note: note?.trim() ?? '' };
}

/** Reads a file that the caller named. Throws FILE_UNREADABLE, FILE_TOO_LARGE. */
export async function readInputFile(path: string): Promise<string> {
  const bytes = await readInputBytes(path).catch((error: unknown) => {
    if (error instanceof DxaflowError) throw error;
    throw new DxaflowError('FILE_UNREADABLE', `The file cannot be read: ${codeOf(error)}.`, {
      cause: error,
      exitCode: EXIT.usage,
    });
  });
  return bytes.toString('utf8');
}

/** Throws ID_UNKNOWN: there is no such row, or it is retired already. */
export function unknownId(what: string): DxaflowError {
  return new DxaflowError('ID_UNKNOWN', `There is no ${what} in force under this id; the list shows the ids.`, {
    exitCode: EXIT.usage,
  });
}

/** Text of an id that can go to the database; throws ID_UNKNOWN for anything else. */
export function idArgument(what: string, given: string): string {
  if (!/^[1-9]\d{0,17}$/.test(given)) throw unknownId(what);
  return given;
}

/** What a change means for stored patients, in one sentence. */
export function reassessmentMessage(patients: number): string {
  return patients === 0
    ? 'No stored patient depends on it.'
    : `${patients} patient${patients === 1 ? '' : 's'} will be reassessed by the running workers.`;
}
