import { findRow, hasRows, lengthOf, nextOf, startOf } from '../document/element-table.ts';
import { addFinding } from '../document/findings.ts';
import { formatTag } from '../document/refused.ts';
import type { CodedConcept } from '../document/sr-document.ts';
import { TAG } from '../encoding/tags.ts';
import { type CharacterSet, readCharacterSet } from '../text/character-set.ts';
import { type Reading, readString, readText } from '../text/values.ts';
import { codedConcept } from './coded-concept.ts';

/** Where something stands and how its text is decoded. `path` is null in the header, where the tag is the place. */
export type Context = { readonly path: string | null; readonly characterSet: CharacterSet };

/**
 * Concepts already read, by character set and bytes of their item: a report names the same few concepts over and over,
 * so each is decoded once and shared.
 */
export type ConceptCache = Map<CharacterSet, Map<string, CodedConcept>>;

/** The row of a sequence's only item, or -1 when the sequence is absent or empty. The first of several, with a finding. */
export function onlyItem(reading: Reading, parent: number, tag: number, path: string | null): number {
  const { table } = reading;
  const sequence = findRow(table, parent, tag);
  if (sequence < 0 || lengthOf(table, sequence) === 0) return -1;
  if (!hasRows(table, sequence)) {
    addFinding(reading.findings, 'VALUE_UNREADABLE', path ?? formatTag(tag), { tag: formatTag(tag) });
    return -1;
  }
  const item = sequence + 1;
  if (nextOf(table, item) < nextOf(table, sequence)) {
    addFinding(reading.findings, 'EXTRA_ITEMS', path ?? formatTag(tag), { tag: formatTag(tag) });
  }
  return item;
}

/** The coded concept of a code sequence (PS3.3 section 8.8), null when the sequence is absent or empty. */
export function readConcept(
  reading: Reading,
  cache: ConceptCache,
  parent: number,
  tag: number,
  context: Context,
): CodedConcept | null {
  const item = onlyItem(reading, parent, tag, context.path);
  if (item < 0) return null;
  const { table } = reading;
  const { characterSet } = context;
  let known = cache.get(characterSet);
  if (known === undefined) {
    known = new Map();
    cache.set(characterSet, known);
  }
  const start = startOf(table, item);
  const length = lengthOf(table, item);
  if (length > MAX_CACHED_BYTES) return decodeConcept(reading, item, context);
  const bytes = table.bytes.toString('latin1', start, start + length);
  const cached = known.get(bytes);
  if (cached !== undefined) return cached;
  const before = reading.findings.total;
  const concept = decodeConcept(reading, item, context);
  // A concept with findings is read each time, so that each place where it occurs is named.
  if (reading.findings.total === before) known.set(bytes, concept);
  return concept;
}

/** Every coded concept of a sequence that may hold several; none when it is absent or empty. */
export function conceptsAt(reading: Reading, parent: number, tag: number, context: Context): readonly CodedConcept[] {
  const { table } = reading;
  const sequence = findRow(table, parent, tag);
  if (sequence < 0) return [];
  const concepts: CodedConcept[] = [];
  for (let item = sequence + 1; item < nextOf(table, sequence); item = nextOf(table, item)) {
    concepts.push(decodeConcept(reading, item, context));
  }
  return concepts;
}

const MAX_CACHED_BYTES = 512;

function decodeConcept(reading: Reading, item: number, outer: Context): CodedConcept {
  const context = { ...outer, characterSet: characterSetOf(reading, item, outer) };
  const text = (tag: number) => {
    const row = findRow(reading.table, item, tag);
    return row < 0 ? '' : readText(reading, row, context.characterSet, context.path);
  };
  // The three kinds of code value exclude each other (PS3.3 table 8.8-1a); URNs are of the default repertoire.
  const value = text(TAG.CodeValue) || text(TAG.LongCodeValue) || text(TAG.URNCodeValue);
  return codedConcept(value, text(TAG.CodingSchemeDesignator), text(TAG.CodeMeaning));
}

/** The character set that holds inside an item: its own, else that of what is around it (PS3.5 6.1.2.4). */
export function characterSetOf(reading: Reading, item: number, outer: Context): CharacterSet {
  const row = findRow(reading.table, item, TAG.SpecificCharacterSet);
  if (row < 0) return outer.characterSet;
  const { characterSet, finding, term } = readCharacterSet(readString(reading, row, outer.path));
  if (finding !== null)
    addFinding(reading.findings, finding, outer.path ?? formatTag(TAG.SpecificCharacterSet), { term });
  return characterSet;
}
