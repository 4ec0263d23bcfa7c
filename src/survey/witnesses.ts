import { isKnownWord } from './known-words.ts';

/**
 * So many different patients must have a text in their files before it may be shown: one more than the ten below which
 * public health statistics suppress a cell (CMS, cell size suppression policy).
 */
export const ENOUGH_PATIENTS = 11;

/** What tells patients apart, as it stands in a file; null where it does not. */
export type PatientKey = {
  readonly id: string | null;
  readonly name: string | null;
  readonly birthDate: string | null;
};

/** FNV-1a. Two texts of one number count as one patient too few, or hide a word too many: never the other way. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash | 0;
}

const plain = (text: string) => text.normalize('NFKC').toLowerCase().trim();
const wordsOf = (text: string) => plain(text).split(/[^\p{L}\p{N}]+/u);

/** A single letter, or the number of a vertebra. */
const TELLS_NOTHING = /^(?:\p{L}|\d{0,2})$/u;

/** More different texts than this are not kept apart: what comes after them is not shown. */
const MOST_TEXTS = 50_000;

type Witnesses = { readonly ids: Set<number>; readonly names: Set<number>; readonly births: Set<number> };

export type WitnessList = {
  /** Whose file is read next. */
  readonly begin: (patient: PatientKey) => void;
  /** A text stands at a place of the file that may be shown. */
  readonly see: (text: string) => void;
  /** A text of the file that names a person, place or object. */
  readonly hide: (text: string) => void;
  /** Whether a text stands in the files of enough patients and names nothing, as a whole and in its words. */
  readonly isCommon: (text: string, parts: 'in its words' | 'as a whole') => boolean;
};

/**
 * Counts in how many patients' files a text stands. Two files are of different patients only if ID, name and birth date all
 * differ, so that one person under several numbers, or a number under several names, counts once; what is missing counts as
 * one value. No text of a patient is kept, only numbers made of it.
 */
export function openWitnesses(): WitnessList {
  const seen = new Map<string, Witnesses>();
  const hidden = new Set<number>();
  let current: { readonly id: number; readonly name: number; readonly birth: number } = { id: 0, name: 0, birth: 0 };
  const add = (set: Set<number>, value: number) => {
    if (set.size < ENOUGH_PATIENTS) set.add(value);
  };
  return {
    begin: ({ id, name, birthDate }) => {
      current = { id: hashOf(plain(id ?? '')), name: hashOf(plain(name ?? '')), birth: hashOf(plain(birthDate ?? '')) };
    },
    see: (text) => {
      let witnesses = seen.get(text);
      if (witnesses === undefined) {
        if (seen.size >= MOST_TEXTS) return;
        witnesses = { ids: new Set(), names: new Set(), births: new Set() };
        seen.set(text, witnesses);
      }
      add(witnesses.ids, current.id);
      add(witnesses.names, current.name);
      add(witnesses.births, current.birth);
    },
    hide: (text) => {
      hidden.add(hashOf(plain(text)));
      // A word of one letter, and numbers of two digits, would strike out half of all labels ("L1").
      for (const word of wordsOf(text)) if (word.length >= 3 || /^\p{L}{2}$/u.test(word)) hidden.add(hashOf(word));
    },
    isCommon: (text, parts) => {
      const witnesses = seen.get(text);
      if (witnesses === undefined || hidden.has(hashOf(plain(text)))) return false;
      const { ids, names, births } = witnesses;
      if (Math.min(ids.size, names.size, births.size) < ENOUGH_PATIENTS) return false;
      if (parts === 'as a whole') return true;
      return wordsOf(text).every((word) => TELLS_NOTHING.test(word) || isKnownWord(word) || !hidden.has(hashOf(word)));
    },
  };
}
