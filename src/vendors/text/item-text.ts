import type { CodedConcept, SrItem } from '../../dicom/document/sr-document.ts';
import type { CodeTriple } from '../../dxa/values/report.ts';

import { shortLabel } from './label.ts';

/** The text of a NUM or TEXT item as it stood in the file; null for any other item and for a NUM without a value. */
export function itemText(item: SrItem): string | null {
  if (item.valueType === 'TEXT') return item.text;
  if (item.valueType !== 'NUM') return null;
  return item.number?.raw ?? null;
}

export function itemUnit(item: SrItem): CodedConcept | null {
  return item.valueType === 'NUM' ? item.unit : null;
}

export function codeTriple(concept: CodedConcept | null): CodeTriple | null {
  return concept === null ? null : { value: concept.value, scheme: concept.scheme, meaning: concept.meaning };
}

/** Code and label of an item that no table knows: what a site needs to map it. Labels name things, not patients. */
export function conceptFacts(item: { readonly concept: Omit<CodedConcept, 'key'> | null }): Record<string, string> {
  const { concept } = item;
  return { value: concept?.value ?? '', scheme: concept?.scheme ?? '', label: shortLabel(concept?.meaning ?? '') };
}

/** Every item of a tree, parents before children, without recursion. */
export function* everyItem(root: SrItem): Generator<SrItem> {
  const stack: SrItem[] = [root];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    yield item;
    for (let index = item.children.length - 1; index >= 0; index -= 1) {
      const child = item.children[index];
      if (child !== undefined) stack.push(child);
    }
  }
}
