import {
  type ElementTable,
  hasRows,
  nextOf,
  ROOT_ROW,
  tagOf,
  valueBytes,
  vrOf,
} from '../../../src/dicom/document/element-table.ts';
import { createFindings } from '../../../src/dicom/document/findings.ts';
import { READ_LIMITS } from '../../../src/dicom/encoding/limits.ts';
import { openFile } from '../../../src/dicom/encoding/open-file.ts';
import { dicomFile, type Element, type Item } from './dicom-bytes.ts';

/** Writes a file anew with what `change` makes of each of its values; the place is the tags from the outside in. */
export function rewrite(bytes: Buffer, change: (element: Element, place: string) => Element): Buffer {
  const { table, meta } = openFile(bytes, { limits: READ_LIMITS, findings: createFindings(), sopInstanceUid: null });
  const elements = itemAt(table, ROOT_ROW, '', change);
  return dicomFile(elements, { mediaStorageSopInstanceUid: meta.mediaStorageSopInstanceUid ?? '2.25.1' });
}

function itemAt(
  table: ElementTable,
  item: number,
  place: string,
  change: (element: Element, place: string) => Element,
): Item {
  const elements: Element[] = [];
  for (let row = item + 1; row < nextOf(table, item); row = nextOf(table, row)) {
    const tag = tagOf(table, row);
    const vr = vrOf(table, row) === 0 ? 'UN' : String.fromCharCode(vrOf(table, row) >>> 8, vrOf(table, row) & 0xff);
    const here = `${place}/${tag.toString(16).padStart(8, '0')}`;
    if (!hasRows(table, row)) {
      elements.push(change([tag, vr, valueBytes(table, row)], here));
      continue;
    }
    const items: Item[] = [];
    for (let child = row + 1; child < nextOf(table, row); child = nextOf(table, child)) {
      items.push(itemAt(table, child, here, change));
    }
    elements.push([tag, 'SQ', items]);
  }
  return elements;
}
