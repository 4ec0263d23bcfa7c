import { lstat } from 'node:fs/promises';
import { basename } from 'node:path';
import { printable } from '../../dicom/text/printable.ts';
import { codeOf, DxaflowError, EXIT } from '../../errors/errors.ts';
import { walkDrop } from '../../jobs/intake/drop-folder.ts';

export type FoundFile = { readonly path: string | Buffer; readonly dropName: string };

/** The files that paths name, folders searched at any depth. Throws FILE_UNREADABLE for a path that is not there. */
export async function* filesUnder(paths: readonly string[]): AsyncGenerator<FoundFile> {
  for (const path of paths) {
    const entry = await lstat(path).catch((error: unknown) => {
      throw new DxaflowError('FILE_UNREADABLE', `A given path cannot be read: ${codeOf(error)}.`, {
        cause: error,
        exitCode: EXIT.usage,
      });
    });
    if (entry.isDirectory()) {
      yield* walkDrop(path, {
        onUnreadable: (_folder, error) => console.error(`A folder cannot be read: ${codeOf(error)}.`),
        onFolder: () => undefined,
      });
    } else yield { path, dropName: printable(basename(path)) };
  }
}
