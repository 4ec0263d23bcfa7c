import { type ElementTable, nextOf, startOf, tagOf, valueBytes } from '../document/element-table.ts';
import { addFinding, type FindingList } from '../document/findings.ts';
import { formatTag, Refused } from '../document/refused.ts';
import { TAG } from './tags.ts';

/** Attributes that the reader looks at; whatever else stands twice cannot change what is read. */
const READ_TAGS: ReadonlySet<number> = new Set(Object.values(TAG));

/** Rows that do not come after their predecessor by tag, each with the item it stands in. */
export type OrderBook = { readonly disordered: { readonly parent: number; readonly row: number }[] };

export function noteDisorder(order: OrderBook, parent: number, row: number): void {
  order.disordered.push({ parent, row });
}

/**
 * Judges what parseDataSet noted. PS3.5 7.1 wants each attribute once and in order. Out of order is harmless; twice
 * with the same value is, too; twice with different values leaves no way to tell which is true, so it is refused where
 * the value is read.
 */
export function checkOrder(table: ElementTable, order: OrderBook, findings: FindingList): void {
  const firstRows = new Map<number, Map<number, number>>();
  let outOfOrder = 0;
  for (const { parent, row } of order.disordered) {
    let known = firstRows.get(parent);
    if (known === undefined) {
      known = indexRows(table, parent);
      firstRows.set(parent, known);
    }
    const tag = tagOf(table, row);
    const first = known.get(tag) ?? row;
    if (first === row) {
      outOfOrder++;
      continue;
    }
    if (parent === 0 && tag === TAG.SOPInstanceUID)
      throw new Refused('TWO_FILES_IN_ONE', { offset: startOf(table, row) });
    const same = valueBytes(table, first).equals(valueBytes(table, row));
    if (!same && READ_TAGS.has(tag)) {
      throw new Refused('DUPLICATE_ELEMENT', { offset: startOf(table, row), path: formatTag(tag) });
    }
    addFinding(findings, 'ELEMENT_REPEATED', formatTag(tag));
  }
  if (outOfOrder > 0) addFinding(findings, 'ELEMENTS_OUT_OF_ORDER', null, { count: outOfOrder });
}

function indexRows(table: ElementTable, parent: number): Map<number, number> {
  const first = new Map<number, number>();
  const end = nextOf(table, parent);
  for (let row = parent + 1; row < end; row = nextOf(table, row)) {
    const tag = tagOf(table, row);
    if (!first.has(tag)) first.set(tag, row);
  }
  return first;
}
