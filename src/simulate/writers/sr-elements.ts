import type { DicomElement, DicomElements } from 'dcmjs';

/** value, scheme, meaning. */
export type Code = readonly [value: string, scheme: string, meaning: string];

export type Relationship = 'CONTAINS' | 'HAS OBS CONTEXT' | 'HAS CONCEPT MOD' | 'HAS ACQ CONTEXT';

/** Elements of one item by tag; dcmjs writes them in the order of their keys. */
export function elements(entries: Readonly<Record<string, DicomElement | null>>): DicomElements {
  const present = Object.entries(entries).filter((entry): entry is [string, DicomElement] => entry[1] !== null);
  return Object.fromEntries(present.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function element(vr: string, ...values: readonly unknown[]): DicomElement {
  return { vr, Value: [...values] };
}

/** A string element that is written empty (type 2) when there is no text. */
export function textElement(vr: string, text: string | null): DicomElement {
  return { vr, Value: text === null || text === '' ? [] : [text] };
}

export function codeSequence(code: Code): DicomElement {
  return element('SQ', codeItem(code));
}

export function codeItem([value, scheme, meaning]: Code): DicomElements {
  return elements({
    '00080100': element('SH', value),
    '00080102': element('SH', scheme),
    '00080104': element('LO', meaning),
  });
}

function item(relationship: Relationship, valueType: string, name: Code, rest: Record<string, DicomElement | null>) {
  return elements({
    '0040A010': element('CS', relationship),
    '0040A040': element('CS', valueType),
    '0040A043': codeSequence(name),
    ...rest,
  });
}

export function containerItem(name: Code, children: readonly DicomElements[]): DicomElements {
  return item('CONTAINS', 'CONTAINER', name, {
    '0040A050': element('CS', 'SEPARATE'),
    '0040A730': children.length === 0 ? null : element('SQ', ...children),
  });
}

export function numItem(name: Code, value: string | null, unit: Code): DicomElements {
  const measured = elements({ '004008EA': codeSequence(unit), '0040A30A': element('DS', value ?? '') });
  return item('CONTAINS', 'NUM', name, { '0040A300': value === null ? element('SQ') : element('SQ', measured) });
}

export function textItem(name: Code, text: string): DicomElements {
  return item('CONTAINS', 'TEXT', name, { '0040A160': element('UT', text) });
}

export function codeValueItem(relationship: Relationship, name: Code, value: Code): DicomElements {
  return item(relationship, 'CODE', name, { '0040A168': codeSequence(value) });
}

export function personNameItem(relationship: Relationship, name: Code, person: string): DicomElements {
  return item(relationship, 'PNAME', name, { '0040A123': element('PN', person) });
}

export function uidRefItem(relationship: Relationship, name: Code, uid: string): DicomElements {
  return item(relationship, 'UIDREF', name, { '0040A124': element('UI', uid) });
}
