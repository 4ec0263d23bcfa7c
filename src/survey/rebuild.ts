import { BARE_HEADER } from '../dicom/document/bare-header.ts';
import type { CodedConcept, DocumentHeader, SrDocument, SrItem } from '../dicom/document/sr-document.ts';
import { conceptKey } from '../dicom/tree/coded-concept.ts';
import { isMask } from './screen.ts';
import type { ShownConcept, TreeLine, XmlLine } from './survey-file.ts';

/** A day on which what is rebuilt was scanned, in the form that no reader takes for another. */
const DAY = '2024-03-05';
const day = { raw: '20240305', date: DAY, time: null, offsetMinutes: null };
export const RECEIVED_ON = DAY;

/** A header without a patient. */
export function rebuiltHeader(imageComments: string | null): DocumentHeader {
  return {
    ...BARE_HEADER,
    contentDate: day,
    imageComments,
    patient: { ...BARE_HEADER.patient, patientId: 'survey' },
    study: { ...BARE_HEADER.study, studyDate: day },
  };
}

/** What is not shown, as a word that no adapter knows and that can stand wherever a word can. */
export const spoken = (shown: string): string =>
  isMask(shown) ? `withheld-${shown.slice(1, -1).replaceAll(' ', '-')}` : shown;

/** The other way round, also where an adapter took the word into one of its own. */
export const unspoken = (text: string): string =>
  text.replace(
    /\bwithheld[- ](1[- ]word|2[- ]words|3[- ]words[- ]or[- ]more|date|number)\b/gi,
    (_all, mask: string) => `<${mask.replaceAll('-', ' ')}>`,
  );

function conceptOf(shown: ShownConcept): CodedConcept | null {
  const [scheme, value, meaning] = [spoken(shown.scheme), spoken(shown.code), spoken(shown.label)];
  const isNone = scheme === '' && value === '' && meaning === '';
  return isNone ? null : { scheme, value, meaning, key: conceptKey(scheme, value) };
}

/** A number that is plausible for most quantities. */
const NUMBER = '1.000';

/** A tree with the line that each of its items was made of, by its path. */
export type Rebuilt = { readonly document: SrDocument; readonly lines: ReadonlyMap<string, TreeLine> };

type Open = { readonly item: SrItem & { readonly children: SrItem[] }; readonly depth: number };

/** The trees that lines tell of, each with every item once, a number once for each of its units. */
export function rebuildTrees(lines: readonly TreeLine[]): readonly Rebuilt[] {
  const trees: { document: SrDocument; lines: Map<string, TreeLine> }[] = [];
  const open: Open[] = [];
  for (const line of lines) {
    while ((open.at(-1)?.depth ?? -1) >= line.depth) open.pop();
    const parent = open.at(-1)?.item;
    const units = line.units.length === 0 ? [null] : line.units;
    for (const unit of units) {
      const path = parent === undefined ? '1' : `${parent.path}.${parent.children.length + 1}`;
      const item = itemOf(line, unit, path);
      if (parent !== undefined) parent.children.push(item);
      else if (item.valueType === 'CONTAINER') {
        trees.push({ document: { header: rebuiltHeader(null), root: item, findings: [] }, lines: new Map() });
      } else continue;
      const times = unit?.times ?? line.times;
      trees.at(-1)?.lines.set(path, { ...line, times, files: Math.min(line.files, times) });
      if (unit === units[0]) open.push({ item, depth: line.depth });
    }
  }
  return trees;
}

function itemOf(line: TreeLine, unit: ShownConcept | null, path: string): Open['item'] {
  const base = {
    path,
    relationship: line.relationship,
    concept: conceptOf(line),
    observationDateTime: null,
    observationUid: null,
    templateId: null,
    children: [],
  };
  const isNumber = line.numbers > 0;
  switch (line.type) {
    case 'CONTAINER':
      return { ...base, valueType: 'CONTAINER', continuity: null };
    case 'NUM':
      return {
        ...base,
        valueType: 'NUM',
        number: isNumber ? { raw: NUMBER, decimal: NUMBER } : null,
        unit: unit === null ? null : conceptOf(unit),
        qualifier: null,
        floatingValue: null,
        rational: null,
      };
    case 'TEXT':
      return {
        ...base,
        valueType: 'TEXT',
        text: spoken(line.value?.label ?? '') || (isNumber ? `${NUMBER} ${spoken(unit?.label ?? '')}`.trim() : ''),
      };
    case 'CODE':
      return { ...base, valueType: 'CODE', code: line.value === undefined ? null : conceptOf(line.value) };
    default:
      return { ...base, valueType: 'UNKNOWN', rawValueType: null };
  }
}

const ESCAPES: readonly (readonly [RegExp, string])[] = [
  [/&/g, '&amp;'],
  [/</g, '&lt;'],
  [/"/g, '&quot;'],
];
const escaped = (text: string) => ESCAPES.reduce((so, [sign, entity]) => so.replace(sign, entity), text);

const isName = (name: string) => /^[A-Za-z_][\w.-]*$/.test(name);
const nameOf = (shown: string) => (isName(spoken(shown)) ? spoken(shown) : spoken('<1 word>'));

/** The XML that lines tell of, each element once. */
export function rebuildXml(lines: readonly XmlLine[]): readonly string[] {
  const texts: string[] = [];
  const open: { readonly name: string; readonly depth: number }[] = [];
  let text = '';
  const closeTo = (depth: number) => {
    while ((open.at(-1)?.depth ?? -1) >= depth) text += `</${open.pop()?.name ?? ''}>`;
    if (open.length === 0 && text !== '') {
      texts.push(text);
      text = '';
    }
  };
  for (const { depth, element, attributes, text: label, numbers } of lines) {
    closeTo(depth);
    const name = nameOf(element);
    const named = Object.entries(attributes).filter(([attribute]) => isName(attribute));
    const written = named.map(([attribute, value]) => ` ${attribute}="${escaped(attributeValue(attribute, value))}"`);
    const content =
      name.toUpperCase() === 'EXAM_DATE' ? DAY : label !== '' ? escaped(spoken(label)) : numbers > 0 ? NUMBER : '';
    text += `<${name}${written.join('')}>${content}`;
    open.push({ name, depth });
  }
  closeTo(0);
  return texts;
}

const attributeValue = (attribute: string, value: string) => (attribute.toLowerCase() === 'date' ? DAY : spoken(value));
