import { SaxesParser } from 'saxes';
import { lookup } from '../../dxa/values/lookup.ts';

/** An element with what was read of it; `complete` is false when the text ended inside it. */
export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  readonly complete: boolean;
  /** "DXA_RESULTS/SCAN[1]/ROI[2]". */
  readonly path: string;
};

export type XmlRead = {
  readonly root: XmlElement | null;
  /** `broken`: malformed or cut off, the root holds what came before. `refused`: not read at all. */
  readonly state: 'whole' | 'broken' | 'refused';
};

type Open = {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  text: string;
  complete: boolean;
  path: string;
  counts: Map<string, number>;
};

/** LT holds 10 240 characters; some systems write more. */
export const XML_MAX_CHARACTERS = 262_144;
export const XML_MAX_DEPTH = 16;

/** XML's own entities, and single characters that HTML names and some writers take for XML's own. */
const ENTITIES = lookup({
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  sup2: '²',
  nbsp: ' ',
  middot: '·',
});

/**
 * Reads XML without DTD: a document type declaration, and so every entity but those of single characters, is refused
 * before anything is expanded. Text that is cut off gives the elements that were complete before the cut.
 */
export function readXml(text: string): XmlRead {
  if (text.length > XML_MAX_CHARACTERS) return { root: null, state: 'refused' };
  const parser = new SaxesParser({ xmlns: false });
  Object.assign(parser, { ENTITIES });
  const stack: Open[] = [];
  const read: { root: Open | null; state: XmlRead['state'] } = { root: null, state: 'whole' };
  // saxes goes on after an error; nothing after it is used.
  const reading = () => read.state === 'whole';
  parser.on('error', () => {
    if (reading()) read.state = 'broken';
  });
  parser.on('doctype', () => {
    read.state = 'refused';
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (!reading()) return;
    if (stack.length >= XML_MAX_DEPTH) {
      read.state = 'refused';
      return;
    }
    const parent = stack.at(-1);
    const count = (parent?.counts.get(name) ?? 0) + 1;
    parent?.counts.set(name, count);
    const path = parent === undefined ? name : `${parent.path}/${name}[${count}]`;
    const element: Open = { name, attributes, children: [], text: '', complete: false, path, counts: new Map() };
    parent?.children.push(element);
    read.root ??= element;
    stack.push(element);
  });
  parser.on('text', (chunk) => {
    const open = stack.at(-1);
    if (reading() && open !== undefined) open.text += chunk;
  });
  parser.on('cdata', (chunk) => {
    const open = stack.at(-1);
    if (reading() && open !== undefined) open.text += chunk;
  });
  parser.on('closetag', () => {
    if (!reading()) return;
    const open = stack.pop();
    if (open !== undefined) open.complete = true;
  });
  parser.write(text.replace(/^\uFEFF/, '').trim()).close();
  return read.state === 'refused' ? { root: null, state: read.state } : { ...read };
}

/** Names are compared without case and without a namespace prefix. */
export function isNamed(element: XmlElement, name: string): boolean {
  return upperName(element.name) === upperName(name);
}

/** A name without the prefix of its namespace, which may be anything. */
export const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1);

const upperName = (name: string): string => localName(name).toUpperCase();

export function attribute(element: XmlElement, name: string): string {
  const found = Object.entries(element.attributes).find(([key]) => upperName(key) === upperName(name));
  return found?.[1] ?? '';
}

export function childrenNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => isNamed(child, name));
}

/** Text of the first child of that name, trimmed; null when it is absent or was cut off. */
export function childText(element: XmlElement, name: string): string | null {
  const child = element.children.find((candidate) => isNamed(candidate, name));
  return child === undefined || !child.complete ? null : child.text.trim();
}
