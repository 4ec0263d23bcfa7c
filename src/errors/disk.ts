type DiskError = {
  /** The condition of an archive or drop folder that it stands for (health/condition.ts). */
  readonly trouble: 'FULL' | 'READ_ONLY' | 'FAILING';
  /** Whether no file can be taken, or perhaps this one alone, or this one alone for sure. */
  readonly keeps: 'every file' | 'some file' | 'one file';
};

/** Errors of a disk that pass; the names are Node's. */
export const DISK_ERRORS = {
  ENOSPC: { trouble: 'FULL', keeps: 'every file' },
  EDQUOT: { trouble: 'FULL', keeps: 'every file' },
  EROFS: { trouble: 'READ_ONLY', keeps: 'every file' },
  EMFILE: { trouble: 'FAILING', keeps: 'every file' },
  ENFILE: { trouble: 'FAILING', keeps: 'every file' },
  EIO: { trouble: 'FAILING', keeps: 'some file' },
  ESTALE: { trouble: 'FAILING', keeps: 'one file' },
  EBUSY: { trouble: 'FAILING', keeps: 'one file' },
} as const satisfies Readonly<Record<string, DiskError>>;

export type DiskCode = keyof typeof DISK_ERRORS;

export const isDiskCode = (code: string): code is DiskCode => Object.hasOwn(DISK_ERRORS, code);

/** The disk refuses: no other file will fare better. */
export const keepsEveryFile = (code: string): boolean => isDiskCode(code) && DISK_ERRORS[code].keeps === 'every file';

/** What a disk that is out of order says, to be told to people. */
export const DISK_TROUBLES: readonly DiskCode[] = Object.keys(DISK_ERRORS)
  .filter(isDiskCode)
  .filter((code) => DISK_ERRORS[code].keeps !== 'one file');
