import type { ReadingPool } from '../ingest/reading-pool.ts';
import { CONTENT_IDENTITY } from './content-identity.ts';
import type { DataMove } from './run-moves.ts';

export type MoveContext = { readonly archiveDir: string; readonly reader: ReadingPool };

/** Long changes of data that releases brought, oldest first; one that is done costs a look at the end of its table. */
export const MOVES: readonly DataMove<MoveContext>[] = [CONTENT_IDENTITY];
