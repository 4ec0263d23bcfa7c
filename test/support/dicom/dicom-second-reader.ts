import { type DicomElements, data, log } from 'dcmjs';
import type { CodedConcept, SrItem } from '../../../src/dicom/document/sr-document.ts';
import { itemsOf } from './dicom-read.ts';

/** One content item in a form that two readers can both give: all as text, "" for nothing. */
export type PlainItem = {
  readonly path: string;
  readonly relationship: string;
  readonly valueType: string;
  readonly concept: string;
  readonly value: string;
  readonly unit: string;
};

log.setLevel('silent');
for (const logger of Object.values(log.getLoggers())) logger.setLevel('silent');

/** What dcmjs makes of the bytes, from its raw texts: its parsed numbers cannot be trusted. Throws what dcmjs throws. */
export function readWithDcmjs(bytes: Uint8Array): PlainItem[] {
  const copy = new Uint8Array(bytes);
  const { dict } = data.DicomMessage.readFile(copy.buffer);
  const items: PlainItem[] = [];
  const stack: { readonly elements: DicomElements; readonly path: string }[] = [{ elements: dict, path: '1' }];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { elements, path } = entry;
    items.push(plain(elements, path));
    const children = sequence(elements, '0040A730').map((child, i) => ({ elements: child, path: `${path}.${i + 1}` }));
    stack.push(...children.toReversed());
  }
  return items;
}

/** Our own tree in the same form. */
export function plainItems(root: SrItem): PlainItem[] {
  return itemsOf(root).map((item) => ({
    path: item.path,
    relationship: item.relationship ?? '',
    valueType:
      item.valueType === 'UNKNOWN'
        ? (item.rawValueType ?? '')
        : item.valueType === 'BY_REFERENCE'
          ? ''
          : item.valueType,
    concept: triple(item.concept),
    value: valueText(item),
    unit: item.valueType === 'NUM' ? triple(item.unit) : '',
  }));
}

function plain(elements: DicomElements, path: string): PlainItem {
  const valueType = text(elements, '0040A040');
  const [measured] = sequence(elements, '0040A300');
  const texts: Readonly<Record<string, () => string>> = {
    TEXT: () => text(elements, '0040A160', false),
    NUM: () => (measured === undefined ? '' : text(measured, '0040A30A')),
    CODE: () => code(elements, '0040A168'),
    DATETIME: () => text(elements, '0040A120'),
    DATE: () => text(elements, '0040A121'),
    TIME: () => text(elements, '0040A122'),
    PNAME: () => text(elements, '0040A123'),
    UIDREF: () => text(elements, '0040A124'),
    IMAGE: () => references(elements),
    COMPOSITE: () => references(elements),
    WAVEFORM: () => references(elements),
  };
  return {
    path,
    relationship: text(elements, '0040A010'),
    valueType,
    concept: code(elements, '0040A043'),
    value: Object.hasOwn(texts, valueType) ? (texts[valueType]?.() ?? '') : '',
    unit: valueType === 'NUM' && measured !== undefined ? code(measured, '004008EA') : '',
  };
}

function valueText(item: SrItem): string {
  switch (item.valueType) {
    case 'TEXT':
      return item.text;
    case 'NUM':
      return item.number?.raw ?? '';
    case 'CODE':
      return triple(item.code);
    case 'DATE':
    case 'TIME':
    case 'DATETIME':
      return item.value?.raw ?? '';
    case 'PNAME':
      return [item.name?.alphabetic, item.name?.ideographic, item.name?.phonetic].join('=').replace(/=+$/, '');
    case 'UIDREF':
      return item.uid ?? '';
    case 'IMAGE':
    case 'COMPOSITE':
    case 'WAVEFORM':
      return item.references.map(({ sopInstanceUid }) => sopInstanceUid ?? '').join(',');
    default:
      return '';
  }
}

function triple(concept: CodedConcept | null): string {
  return concept === null ? '' : [concept.value, concept.scheme, concept.meaning].join('|').replace(/^\|\|$/, '');
}

function code(elements: DicomElements, tag: string): string {
  const [item] = sequence(elements, tag);
  if (item === undefined) return '';
  return [text(item, '00080100'), text(item, '00080102'), text(item, '00080104')].join('|').replace(/^\|\|$/, '');
}

function references(elements: DicomElements): string {
  return sequence(elements, '00081199')
    .map((item) => text(item, '00081155'))
    .join(',');
}

function sequence(elements: DicomElements, tag: string): DicomElements[] {
  const value = elements[tag]?.Value;
  return Array.isArray(value) ? (value as DicomElements[]) : [];
}

/** The text as it stood, without padding. */
function text(elements: DicomElements, tag: string, leading = true): string {
  const element = elements[tag];
  const raw = element?._rawValue ?? element?.Value;
  const joined = (Array.isArray(raw) ? raw : [raw ?? '']).map((part) => personText(part)).join('\\');
  const end = joined.replace(/[ \0]+$/, '');
  return leading ? end.replace(/^ +/, '') : end;
}

function personText(part: unknown): string {
  if (typeof part === 'object' && part !== null && 'Alphabetic' in part) {
    const name = part as { Alphabetic?: string; Ideographic?: string; Phonetic?: string };
    return [name.Alphabetic ?? '', name.Ideographic ?? '', name.Phonetic ?? ''].join('=').replace(/=+$/, '');
  }
  return String(part ?? '');
}
