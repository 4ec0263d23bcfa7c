import { type FSWatcher, watch } from 'node:fs';
import { printable } from '../../dicom/text/printable.ts';

const SLASH = Buffer.from('/');

export type FolderWatch = {
  /** Watches a folder; its sub-folders are added when the sweep or an event finds them. */
  readonly add: (folder: Buffer, prefix: string) => void;
  /** Forgets the folders that a whole sweep has not met any more. */
  readonly keepOnly: (folders: ReadonlySet<string>) => void;
  readonly close: () => void;
};

/** Key of a folder whose name may be any bytes. */
export const folderKey = (folder: Buffer): string => folder.toString('latin1');

/**
 * Watches folders, one handle of the kernel each and nothing for the files in them: a watch on every file costs about
 * three kilobytes and one of the kernel's few watches each, which a hundred thousand waiting files would use up. A
 * folder that cannot be watched is left to the sweep.
 */
export function openFolderWatch(
  onName: (path: Buffer, dropName: string) => void,
  onError: (error: unknown) => void,
): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  const drop = (key: string) => {
    watchers.get(key)?.close();
    watchers.delete(key);
  };
  return {
    add: (folder, prefix) => {
      const key = folderKey(folder);
      if (watchers.has(key)) return;
      try {
        const watcher = watch(folder, { encoding: 'buffer' }, (_event, name) => {
          if (name === null) return;
          const readable = printable(name.toString('utf8'));
          onName(Buffer.concat([folder, SLASH, name]), prefix === '' ? readable : `${prefix}/${readable}`);
        });
        watcher.on('error', (error) => {
          drop(key);
          onError(error);
        });
        watchers.set(key, watcher);
      } catch (error) {
        onError(error);
      }
    },
    keepOnly: (folders) => {
      for (const key of [...watchers.keys()]) if (!folders.has(key)) drop(key);
    },
    close: () => {
      for (const key of [...watchers.keys()]) drop(key);
    },
  };
}
