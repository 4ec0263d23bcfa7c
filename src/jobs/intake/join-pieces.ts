import { randomUUID } from 'node:crypto';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { listPieces, type Piece, settlePiece } from '../../db/files/file-piece.ts';
import { isUnread } from '../../db/files/source-file.ts';
import { BY_KEYS, inTransaction, type Pool } from '../../db/pool.ts';
import { supersedeFile } from '../../db/records/supersede-file.ts';
import { FILE_MODE, readArchived } from '../archive/archive.ts';
import { HALF_COPY, incomingFolder } from '../archive/stage-copy.ts';
import { openFileTaker, type TakenFile } from './take-file.ts';

export type JoinContext = {
  readonly pool: Pool;
  readonly log: Logger;
  readonly archiveDir: string;
  readonly maxBytes: number;
  readonly onTaken: (taken: TakenFile) => Promise<void>;
};

/** What the reader says of a file that ends too early: between two elements of the root it may end where another could. */
const CUT_OFF: readonly (string | null)[] = ['TRUNCATED', 'NO_CONTENT', 'BROKEN_STRUCTURE', 'DEFLATE_CORRUPT'];
const PAGE = 50;

/** Both parts are in the archive; together they are what the sender's file would be if its name had stayed. */
async function takeJoined(
  context: JoinContext,
  { dropName, piece }: Piece,
  before: Piece['piece'],
): Promise<TakenFile | null> {
  const { pool, archiveDir, maxBytes } = context;
  const path = join(incomingFolder(archiveDir), `${HALF_COPY}${randomUUID()}`);
  const head = await readArchived(archiveDir, before.archivePath, before.sha256, maxBytes);
  const tail = await readArchived(archiveDir, piece.archivePath, piece.sha256, maxBytes);
  if (head.length + tail.length > maxBytes) return null;
  await writeFile(path, [head, tail], { mode: FILE_MODE, flag: 'wx' });
  try {
    return await openFileTaker({ pool, archiveDir, folders: null, maxBytes })({ path, dropName });
  } finally {
    await unlink(path);
  }
}

async function stand(context: JoinContext, joined: TakenFile, parts: readonly string[]): Promise<void> {
  const { pool, log, onTaken } = context;
  const patientIds: string[] = [];
  await inTransaction(
    pool,
    async (transaction) => {
      for (const id of parts) patientIds.push(...(await supersedeFile(transaction, id, joined.sourceFileId)));
    },
    BY_KEYS,
  );
  log.info({ sourceFileId: joined.sourceFileId, parts }, 'parts of a file read as one');
  await onTaken({ ...joined, patientIds });
}

/**
 * A sender that opens its file by name again, after the file was taken, writes the rest into a new one. Such a rest, which
 * does not begin as a DICOM file and came under the name of one that ends too early, is put behind it: the two are read
 * as one file, which supersedes both. Nothing is joined to a file that was read whole.
 */
export async function joinPieces(context: JoinContext): Promise<void> {
  for (const found of await listPieces(context.pool, PAGE)) {
    const { key, piece, latest, joinedTo } = found;
    if ([piece, latest].some((end) => end !== null && isUnread(end.state))) continue;
    const isCutOff = latest?.state === 'refused' && CUT_OFF.includes(latest.code);
    const before = joinedTo ?? (isCutOff ? latest : null);
    const joined = before === null || piece.state !== 'refused' ? null : await takeJoined(context, found, before);
    if (joined !== null && before !== null) {
      const parts = [before.id, piece.id, ...(latest === null ? [] : [latest.id])];
      await stand(context, joined, [...new Set(parts)]);
    }
    await settlePiece(context.pool, key, joined === null ? null : (before?.id ?? null));
  }
}
