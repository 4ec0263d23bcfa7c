import type { Refusal, SrDocument, SrItem } from '../../../src/dicom/document/sr-document.ts';
import { READ_LIMITS, type ReadLimits } from '../../../src/dicom/encoding/limits.ts';
import { readReport } from '../../../src/dicom/read-report.ts';

/** Reads bytes that must be readable; a refusal fails the test with its code. */
export function read(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): SrDocument {
  const result = readReport(bytes, { ...READ_LIMITS, ...limits });
  if (!result.ok) throw new Error(`Refused: ${JSON.stringify(result.refusal)}`);
  return result.document;
}

/** Reads bytes that must be refused. */
export function refusalOf(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): Refusal {
  const result = readReport(bytes, { ...READ_LIMITS, ...limits });
  if (result.ok) throw new Error('The file was read, not refused.');
  return result.refusal;
}

export function codesOf(document: SrDocument): string[] {
  return document.findings.map(({ code }) => code);
}

/** All items in document order. */
export function itemsOf(root: SrItem): SrItem[] {
  const items: SrItem[] = [];
  const stack: SrItem[] = [root];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    items.push(item);
    stack.push(...item.children.toReversed());
  }
  return items;
}

type Typed<T, I extends SrItem = SrItem> = I extends SrItem ? (T extends I['valueType'] ? I : never) : never;

/** The item at a path; fails the test when there is none of that value type. */
export function itemAt<T extends SrItem['valueType']>(root: SrItem, path: string, valueType: T): Typed<T> {
  const item = itemsOf(root).find((candidate) => candidate.path === path);
  if (item?.valueType !== valueType)
    throw new Error(`No ${valueType} at ${path}, but ${item?.valueType ?? 'nothing'}.`);
  return item as Typed<T>;
}
