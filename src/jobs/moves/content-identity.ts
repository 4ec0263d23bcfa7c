import { FILE_COLUMNS, type SourceFile } from '../../db/files/source-file.ts';
import type { Queryable } from '../../db/pool.ts';
import { noteIdentity } from '../../db/records/standing.ts';
import { codeOf } from '../../errors/errors.ts';
import { readArchived } from '../archive/archive.ts';
import type { ReadingPool } from '../ingest/reading-pool.ts';
import type { DataMove } from './run-moves.ts';

export type MoveContext = { readonly archiveDir: string; readonly reader: ReadingPool };

const BATCH = 50;

/** Files whose report stands, and which a release before 0019 read. Conflicted ones are read again by the night. */
const TO_IDENTIFY = `from source_file f
  where f.content_identity is null and exists (select 1 from stored_report r where r.source_file_id = f.id)`;

/** A file that is lost or damaged keeps its hash for an identity, as it does where a conflict is decided. */
async function identityOf(
  file: Pick<SourceFile, 'archivePath' | 'sha256' | 'receivedOn'>,
  context: MoveContext,
): Promise<string | null> {
  try {
    const outcome = await context.reader.read(
      await readArchived(context.archiveDir, file.archivePath, file.sha256, context.reader.limits.maxBytes),
      file.receivedOn,
    );
    return outcome.ok ? (outcome.contentIdentity ?? null) : null;
  } catch (error) {
    if (['ARCHIVE_MISSING', 'ARCHIVE_DAMAGED'].includes(codeOf(error))) return null;
    throw error;
  }
}

/**
 * Gives the files of earlier releases the identity of their content, so that a report that comes again in another encoding
 * is known at once instead of after reading what is there.
 */
export const CONTENT_IDENTITY: DataMove<MoveContext> = {
  name: 'content_identity',
  does: 'identify the content of files stored by an earlier release',
  count: async (database) => {
    const { rows } = await database.query<{ count: number }>(`select count(*)::int as count ${TO_IDENTIFY}`);
    return rows[0]?.count ?? 0;
  },
  batch: async (transaction: Queryable, afterId, context) => {
    const { rows } = await transaction.query<Pick<SourceFile, 'id' | 'archivePath' | 'sha256' | 'receivedOn'>>(
      `select ${FILE_COLUMNS} ${TO_IDENTIFY} and f.id > $1 order by f.id limit $2`,
      [afterId, BATCH],
    );
    const last = rows.at(-1);
    if (last === undefined) return null;
    // Read first, so that no row is locked while a file is read.
    const found: { readonly id: string; readonly identity: string }[] = [];
    for (const file of rows) {
      const identity = await identityOf(file, context);
      if (identity !== null) found.push({ id: file.id, identity });
    }
    for (const { id, identity } of found) await noteIdentity(transaction, id, identity);
    return { afterId: last.id, moved: rows.length };
  },
};
