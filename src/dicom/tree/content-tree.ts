import { findRow, hasRows, nextOf, ROOT_ROW } from '../document/element-table.ts';
import { addFinding } from '../document/findings.ts';
import { Refused } from '../document/refused.ts';
import type { ContainerItem, SrItem } from '../document/sr-document.ts';
import { TAG } from '../encoding/tags.ts';
import type { Reading } from '../text/values.ts';
import { type ConceptCache, type Context, characterSetOf } from './code-sequence.ts';
import { type ItemContext, readItem } from './content-item.ts';
import { stringAt } from './content-value.ts';

/** A Content Sequence whose items are being read. */
type OpenSequence = {
  next: number;
  readonly end: number;
  readonly children: SrItem[];
  readonly context: ItemContext;
};

/** Reads the content tree from its root (the data set itself) down, in document order, with its own stack. */
export function readContentTree(reading: Reading, header: Context): ContainerItem {
  const { table } = reading;
  const cache: ConceptCache = new Map();
  const content = findRow(table, ROOT_ROW, TAG.ContentSequence);
  if (content < 0 || !hasRows(table, content)) throw new Refused('NO_CONTENT', { path: '1' });
  const rootContext: ItemContext = { path: '1', characterSet: header.characterSet };
  const children: SrItem[] = [];
  const root = readRoot(reading, cache, rootContext, children);
  const references: { readonly path: string; readonly target: string }[] = [];
  const paths = new Set(['1']);

  const stack: OpenSequence[] = [];
  let open: OpenSequence | undefined = {
    next: content + 1,
    end: nextOf(table, content),
    children,
    context: rootContext,
  };
  while (open !== undefined) {
    if (open.next >= open.end) {
      open = stack.pop();
      continue;
    }
    const row: number = open.next;
    open.next = nextOf(table, row);
    const path = `${open.context.path}.${open.children.length + 1}`;
    const context: ItemContext = {
      path,
      characterSet: characterSetOf(reading, row, { path, characterSet: open.context.characterSet }),
    };
    const below: SrItem[] = [];
    const item = readItem(reading, cache, row, context, below);
    open.children.push(item);
    paths.add(path);
    if (item.valueType === 'BY_REFERENCE') references.push({ path, target: item.target });
    const sequence = findRow(table, row, TAG.ContentSequence);
    if (sequence >= 0 && hasRows(table, sequence)) {
      stack.push(open);
      open = { next: sequence + 1, end: nextOf(table, sequence), children: below, context };
    }
  }
  for (const { path, target } of references) {
    if (!paths.has(target)) addFinding(reading.findings, 'REFERENCE_DANGLING', path);
  }
  return root;
}

/**
 * The root must be a container (PS3.3 C.17.3). Where the value type is missing, it can be nothing else, and the finding
 * says so; where another one stands, the file contradicts itself.
 */
function readRoot(reading: Reading, cache: ConceptCache, context: ItemContext, children: SrItem[]): ContainerItem {
  const valueType = stringAt(reading, ROOT_ROW, TAG.ValueType, '1');
  if (valueType !== null && valueType !== 'CONTAINER') throw new Refused('ROOT_NOT_CONTAINER', { path: '1' });
  const item = readItem(reading, cache, ROOT_ROW, context, children, 'CONTAINER');
  if (item.valueType !== 'CONTAINER') throw new Refused('ROOT_NOT_CONTAINER', { path: '1' });
  if (valueType === null) addFinding(reading.findings, 'ROOT_VALUE_TYPE_MISSING', '1');
  return item;
}
