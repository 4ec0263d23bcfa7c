import { DxaflowError, EXIT } from '../../errors/errors.ts';
import { isSortValue, type SortType } from '../sort-value.ts';

/** Where a page ended: the sort value and the id of its last row. Holds neither a name nor an id of a patient. */
export type Position = { readonly sort: string; readonly value: string; readonly id: string };

export function writeCursor({ sort, value, id }: Position): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

/** Reads a cursor back; throws CURSOR_INVALID for one of another order, or for anything else. */
export function readCursor(cursor: string, sort: string, type: SortType): Position {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === 3) {
      const [of, value, id]: unknown[] = parts;
      if (of === sort && typeof value === 'string' && typeof id === 'string' && /^\d{1,18}$/.test(id)) {
        if (isSortValue(type, value)) return { sort, value, id };
      }
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new DxaflowError(
    'CURSOR_INVALID',
    'The cursor does not belong to this list and order; start at the first page.',
    { exitCode: EXIT.usage },
  );
}
