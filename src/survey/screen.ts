import { isKnownHeaderCell } from '../vendors/hologic/header-cells.ts';
import { isKnownCode, isKnownLabel, isKnownScheme, isKnownUnit } from './known-words.ts';
import { namesThings } from './thing-words.ts';
import type { WitnessList } from './witnesses.ts';

/** What a text is where it stands. */
export type Place = 'label' | 'scheme' | 'code' | 'unit' | 'header cell' | 'name' | 'creator' | 'tag' | 'version';

/**
 * Decides which texts of files a survey shows. Nothing is shown but what one of two rules lets pass:
 *
 * 1. The text is as a whole one of densitometry that dxaflow itself knows (known-words.ts): it is written in our tables,
 *    and no patient can be told by it.
 * 2. The text stands at a place for names of things (a concept, a unit, a header cell, an element), is short and made of
 *    words rather than of a number, a date or a person's name, stands in the files of at least eleven patients who differ in
 *    ID, name and birth date alike, holds no word that stands at a place for names of persons, places or objects in any of
 *    all files, and every word of it is one for things (thing-words.ts). What identifies a patient is not shared with ten
 *    others under other names and birthdays. The name of an operator, a physician or a hospital may stand in the labels of
 *    many patients and in no header at all, but it is none of the words for things.
 *
 * A site can ask for less (`known`: the first rule alone) or, for words of a language that thing-words.ts does not have,
 * for more (`shared`: the second rule without its last condition). Then the names of staff are not excluded, so that the
 * texts that only this lets pass are told to whoever asked, to be looked through before the survey leaves the house.
 *
 * Values are never shown, whatever they are: no number, text, date, UID, name or comment of an item, of an element or of an
 * attribute. Every other text gives way to what it looks like ("<2 words>", "<date>"), so that different patients' texts
 * become one. Of files themselves nothing is kept, neither name nor size nor time.
 */
export type Screen = {
  /** What may be kept of a text until all files are read: itself, or what takes its place for good. */
  readonly keep: (text: string, place: Place) => string;
  /** What a kept text is shown as, once all files are read. */
  readonly show: (kept: string, place: Place) => string;
  /** Texts that were shown with words of which nothing is known but that many patients share them. */
  readonly unfamiliar: () => readonly string[];
};

/** Which texts a survey shows beside those that dxaflow knows as a whole. */
export type Shows = 'known' | 'things' | 'shared';

/** "12-Mar-2026", "03/05/2024", "2024-03-05", "Mar 5, 2024", "20240305": GE names trend containers by the date. */
const DATE =
  /\d{1,4}\s?[-/.]\s?(?:\d{1,2}|[\p{L}]{3,12}\.?)\s?[-/.]\s?\d{1,4}|\b\d{1,2}\.?\s+\p{L}{3,12}\.?,?\s+\d{2,4}|\p{L}{3,12}\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}:\d{2}/u;
/** "Doe^Jane", "Doe, Jane", "Dr. House". */
const PERSON = /\^|^\p{L}[\p{L}'’-]+,\s?\p{L}[\p{L}'’. -]*$|\b(?:Dr|Mr|Mrs|Ms|Prof)\b\.?/iu;
const NUMBER = /^[\s\d.,:;+/-]*\d[\s\d.,:;+/-]*$/;
const OF_WORDS = /^[\p{L}\p{M}\p{No}\d\s%°µ()[\].,:;/+*|&'’"_²³·−-]{1,48}$/u;
/** Beyond a vertebra and "33%" a number in a label may identify a person. */
const LONG_NUMBER = /\d{3}/;
const CODE = /^(?:\d{1,4}(?:-\d{1,3})?|[\p{L}][\p{L}\d_.-]{0,23})$/u;
const NAME = /^[A-Za-z_][\w.:-]{0,31}$/;
const VERSION = /^\d{1,3}(?:[.:]\d{1,4}){1,4}$/;

function looksAs(whole: string, place: Place): string {
  if (place === 'tag') return '<private element>';
  if (place === 'version') return '<version>';
  const text = place === 'code' ? whole.slice(whole.indexOf(':') + 1) : whole;
  if (DATE.test(text)) return '<date>';
  if (NUMBER.test(text) || LONG_NUMBER.test(text)) return '<number>';
  const words = text.split(/[\s_]+/).filter((word) => word !== '').length;
  return words <= 1 ? '<1 word>' : words === 2 ? '<2 words>' : '<3 words or more>';
}

/** Whether a text takes the place of one that is not shown. */
export const isMask = (text: string): boolean => /^<[\w ]+>$/.test(text);

function isKnown(text: string, place: Place): boolean {
  switch (place) {
    case 'label':
      return isKnownLabel(text);
    case 'scheme':
      return isKnownScheme(text);
    case 'code': {
      const at = text.indexOf(':');
      return isKnownCode(text.slice(0, at), text.slice(at + 1));
    }
    case 'unit':
      return isKnownUnit(text);
    case 'header cell':
      return isKnownHeaderCell(text);
    case 'name':
      return KNOWN_NAMES.has(text.toUpperCase());
    case 'creator':
      return KNOWN_CREATORS.has(text.toUpperCase());
    case 'tag':
      return KNOWN_GROUPS.test(text);
    case 'version':
      return false;
    default:
      return place satisfies never;
  }
}

/** Whether a text can be shown at all: whatever stands in all files alike is, if it looks so. */
function canBeCommon(text: string, place: Place): boolean {
  if (place === 'version') return VERSION.test(text);
  if (place === 'tag') return true;
  if (place === 'name') return NAME.test(text) && !LONG_NUMBER.test(text);
  if (place === 'code') return CODE.test(text.slice(text.indexOf(':') + 1));
  if (!OF_WORDS.test(text) || DATE.test(text) || PERSON.test(text)) return false;
  return !NUMBER.test(text) && !LONG_NUMBER.test(text) && text.split(/\s+/).length <= 6;
}

const MOST_JUDGED = 10_000;

/** Versions and tags have no words. */
function isOfThings(text: string, place: Place): boolean {
  if (place === 'version' || place === 'tag') return true;
  return namesThings(text, place !== 'label' && place !== 'header cell' && place !== 'unit');
}

export function openScreen(witnesses: WitnessList, shows: Shows): Screen {
  const unfamiliar = new Set<string>();
  const judged = new Map<string, { readonly kept: string; readonly candidate: boolean }>();
  const judge = (raw: string, place: Place) => {
    const text = raw.normalize('NFKC').replace(/\s+/g, ' ').trim();
    if (text === '' || isKnown(text, place)) return { kept: text, candidate: false };
    const candidate = shows !== 'known' && canBeCommon(text, place);
    return { kept: candidate ? text : looksAs(text, place), candidate };
  };
  return {
    keep: (raw, place) => {
      // The files of a site repeat a few hundred labels.
      const key = `${place} ${raw}`;
      const judgement = judged.get(key) ?? judge(raw, place);
      if (judged.size >= MOST_JUDGED) judged.clear();
      judged.set(key, judgement);
      if (judgement.candidate) witnesses.see(judgement.kept);
      return judgement.kept;
    },
    show: (kept, place) => {
      if (kept === '' || isMask(kept) || isKnown(kept, place)) return kept;
      // The numbers of a version are those of many things.
      const parts = place === 'version' ? 'as a whole' : 'in its words';
      if (!witnesses.isCommon(kept, parts)) return looksAs(kept, place);
      if (isOfThings(kept, place)) return kept;
      if (shows !== 'shared') return looksAs(kept, place);
      unfamiliar.add(kept);
      return kept;
    },
    unfamiliar: () => [...unfamiliar].sort(),
  };
}

/** Names of elements, attributes and variables that readers of densitometers know. */
const KNOWN_NAMES: ReadonlySet<string> = new Set([
  ...['DXA_RESULTS', 'DENSITOMETRY_RESULTS', 'CURRENT_EXAM', 'EXAM_DATE', 'SCAN', 'ROI', 'TREND', 'TREND_ROI', 'EXAM'],
  ...['BASELINE_EXAM_DATE', 'CHANGE', 'BMD_CHANGE', 'TYPE', 'VALUE', 'BMD', 'BMC', 'AREA', 'BMD_PYA', 'BMD_PAM', 'AGE'],
  ...['BMD_TSCORE', 'BMD_ZSCORE', 'YAT', 'AMZ', 'FAT_MASS', 'LEAN_MASS', 'VAT_VOLUME', 'VAT_MASS', 'ANDROID_PFAT'],
  ...['GYNOID_PFAT', 'AG_RATIO', 'REGION', 'ID', 'UNITS', 'DATE', 'TIME'],
  ...['SCANMODE', 'SCANMODE2', 'ANALPROTOCOL', 'PATIENTSEX', 'ETHNICITY', 'HEIGHT', 'WEIGHT', 'DOB', 'INSTITUTION'],
  ...['IMAGELATERALITY', 'ACF', 'BCF', 'K', 'D0', 'SCANID', 'REPORTTYPE', 'PATIENTNAME', 'PATIENTID', 'OPERATOR'],
  ...['RESULTSTABLE1', 'RESULTSTABLE2', 'RESULTSTABLE3', 'RESULTSTABLE4', 'HOLOGICHEADER1', 'JAVASCRIPTFILE'],
  ...['TABLENOTE', 'TABLENOTE1', 'TABLENOTE2', 'TABLENOTE3', 'TABLENOTE4'],
]);

const KNOWN_CREATORS: ReadonlySet<string> = new Set(['HOLOGIC', 'HOLOGIC, INC.', 'GEMS_LUNAR_RAW']);
/** "(0019,xx00)": groups in which densitometers are known to write. */
const KNOWN_GROUPS = /^\((?:0019|0021|0023|7003),xx[\dA-F]{2}\)$/;

/** Whether the name is one that readers know, so that a survey holds nothing new in it. */
export const isKnownName = (name: string): boolean => KNOWN_NAMES.has(name.toUpperCase());
