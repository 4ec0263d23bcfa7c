import { CONTENT_IDENTITY, type MoveContext } from './content-identity.ts';
import type { DataMove } from './run-moves.ts';

/** Long changes of data that releases brought, oldest first; one that is done costs a look at the end of its table. */
export const MOVES: readonly DataMove<MoveContext>[] = [CONTENT_IDENTITY];
