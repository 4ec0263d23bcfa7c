import { conceptKey } from '../dicom/tree/coded-concept.ts';
import { lookup } from '../dxa/values/lookup.ts';
import { SCAN_TYPES } from '../dxa/values/region.ts';
import { ALL_GE_QUIRKS } from '../vendors/ge-lunar/quirks.ts';
import { resolveRegion } from '../vendors/ge-lunar/region.ts';
import { TREND } from '../vendors/ge-lunar/scan.ts';
import { CHANGE_KINDS } from '../vendors/ge-lunar/trend.ts';
import {
  GE_SCHEME,
  lookupScan,
  MEASURE_CODES,
  MEASURES,
  REGION_CODES,
  SCAN_CODES,
} from '../vendors/ge-lunar/vocabulary.ts';
import { DXA_PANEL } from '../vendors/generic/adapter.ts';
import {
  CODED_MEASURES,
  FINDING_SITE,
  LATERALITY,
  LATERALITY_CODES,
  MEASURE_LABELS,
  REFERENCE,
  REGION_LABELS,
  SITE_CODES,
  VERTEBRA_CODES,
} from '../vendors/generic/vocabulary.ts';
import { FOREARM_PARTS, HIP_ROWS, readScanMode, readWholeBodyRow, splitBone } from '../vendors/hologic/vocabulary.ts';
import { NO_MAPPING, useMapping } from '../vendors/report/site-mapping.ts';
import { normaliseLabel } from '../vendors/text/label.ts';
import { splitSide } from '../vendors/text/side.ts';
import { readSpineLabel } from '../vendors/text/spine-label.ts';
import { normaliseUnit, UNIT_SPELLINGS } from '../vendors/text/unit.ts';

/** Concepts of the standard that densitometry reports are built of, by canonical key. */
const STANDARD: Readonly<Record<string, readonly string[]>> = lookup({
  'DCM:126000': ['imaging measurement report'],
  'DCM:126010': ['imaging measurements'],
  'DCM:125007': ['measurement group'],
  'DCM:112039': ['tracking identifier'],
  'DCM:112040': ['tracking unique identifier'],
  'DCM:111027': ['image laterality'],
  'DCM:121049': ['language of content item and descendants', 'language'],
  'DCM:121005': ['observer type'],
  'DCM:121006': ['person'],
  'DCM:121007': ['device'],
  'DCM:121008': ['person observer name'],
  'DCM:121012': ['device observer uid'],
  'DCM:121058': ['procedure reported'],
  'DCM:113071': ['z score'],
  'DCM:121405': ['reference authority', 'population'],
  'DCM:121406': ['reference authority', 'population'],
  'DCM:121416': ['z score of measurement'],
  'SCT:363698007': ['finding site'],
  'SRT:G-C0E3': ['finding site'],
  'SCT:272741003': ['laterality'],
  'SCT:7771000': ['left'],
  'SCT:24028007': ['right'],
  'SCT:51440002': ['right and left', 'bilateral'],
  'SCT:122496007': ['lumbar spine'],
  'SCT:71341001': ['femur', 'bone structure of femur'],
  'SCT:29836001': ['hip', 'hip region structure'],
});

const GROUPING: ReadonlySet<string> = new Set([
  ...[
    'dxa report',
    'dxa',
    'bone densitometry',
    'bone density',
    'results',
    'result',
    'history',
    'age',
    'scan',
    'region',
  ],
  ...[
    'left',
    'right',
    'mean',
    'both',
    'diff',
    'difference',
    '|diff|',
    'roc vs previous',
    'no units',
    'unit',
    'date',
    'exam',
  ],
  ...['language', 'observer type', 'person observer name', 'comment', 'previous exam', 'baseline', 'percent', 'unity'],
]);

const OF_GE = { quirks: ALL_GE_QUIRKS, mapping: useMapping(NO_MAPPING), headerSide: 'left' } as const;

function isGeRegion(label: string): boolean {
  return SCAN_TYPES.some((scanType) => {
    const laterality = scanType === 'spine' || scanType === 'whole_body' ? 'none' : null;
    const read = resolveRegion(label, { scanType, laterality }, OF_GE);
    return read.kind !== 'problem' || read.code !== 'UNKNOWN_REGION';
  });
}

function isHologicRow(label: string): boolean {
  const { rest } = splitSide(label, 'abbreviated');
  const part = splitBone(splitSide(label, 'whole').rest).rest;
  if (rest === '' || HIP_ROWS[rest] !== undefined) return true;
  return part === '' || FOREARM_PARTS[part] !== undefined || readWholeBodyRow(label) !== null;
}

/** Without its sides, which may stand anywhere in it. */
const isGenericRegion = (label: string) =>
  REGION_LABELS[
    normaliseLabel(label)
      .split(' ')
      .filter((word) => word !== 'left' && word !== 'right')
      .join(' ')
  ] !== undefined;

/**
 * Whether a label is one of densitometry that dxaflow itself knows, as a whole. All such labels are made of the tables of
 * the adapters and of the standard: which of them stands in a file tells nothing of a patient.
 */
export function isKnownLabel(text: string): boolean {
  const label = normaliseLabel(text);
  if (label === '' || label.length > 64) return label === '';
  if (GROUPING.has(label) || Object.values(STANDARD).some((names) => names.includes(label))) return true;
  if (MEASURES[label] !== undefined || MEASURE_LABELS[label] !== undefined || CHANGE_KINDS[label] !== undefined)
    return true;
  if (readScanMode(text, 'abbreviated') !== null || lookupScan(text) !== undefined) return true;
  const place = text.replace(TREND, '').replace(/^\s*(?:ap |pa )?(?:lumbar )?spine[\s:,-]+/i, '');
  return readSpineLabel(place) !== null || isGeRegion(place) || isHologicRow(place) || isGenericRegion(place);
}

/** Whether a code is one that an adapter or the standard knows under its scheme. */
export function isKnownCode(scheme: string, value: string): boolean {
  const key = conceptKey(scheme, value);
  if (scheme === GE_SCHEME) {
    const isRegion = Object.values(REGION_CODES).some((codes) => codes[value] !== undefined);
    return MEASURE_CODES[value] !== undefined || SCAN_CODES[value] !== undefined || isRegion;
  }
  if (scheme === 'UCUM') return isKnownUnit(value);
  return (
    STANDARD[key] !== undefined ||
    CODED_MEASURES.has(key) ||
    VERTEBRA_CODES.has(key) ||
    SITE_CODES.has(key) ||
    LATERALITY_CODES.has(key) ||
    DXA_PANEL.has(key)
  );
}

const SCHEMES: ReadonlySet<string> = new Set(['', 'DCM', 'LN', 'SCT', 'SRT', 'SNM3', '99SDM', 'UCUM', GE_SCHEME]);
export const isKnownScheme = (scheme: string): boolean => SCHEMES.has(scheme);

const OTHER_UNITS: ReadonlySet<string> = new Set(['mg/cm2', 'mg/cm3', 'm/s', 'kg', 'mg', 'cm', 'a', 'years', 'cm3']);

export function isKnownUnit(text: string): boolean {
  const unit = normaliseUnit(text);
  return OTHER_UNITS.has(unit) || Object.values(UNIT_SPELLINGS).some((spellings) => spellings.includes(unit));
}

const MAKERS = ['GE', 'Hologic', 'Norland', 'Lunar', 'DMS', 'Medilink', 'OsteoSys', 'BeamMed', 'Mindways', 'Medimaps'];
const MODELS = [
  ...['Prodigy', 'iDXA', 'DPX', 'enCORE', 'Aria', 'Discovery', 'Horizon', 'QDR', 'Delphi', 'Explorer', 'Stratos'],
];

/** A maker's or model's name only as a word we know: the attribute is free text, and some add a serial number. */
function knownWordOf(text: string | null, words: readonly string[]): string {
  if (text === null) return '<none>';
  return words.find((word) => new RegExp(`\\b${word}\\b`, 'i').test(text)) ?? '<other>';
}

export const makerOf = (manufacturer: string | null): string => knownWordOf(manufacturer, MAKERS);
export const modelOf = (modelName: string | null): string => knownWordOf(modelName, MODELS);

const MODALITIES: ReadonlySet<string> = new Set(
  'SR OT BMD BD BDUS DX CR SC RG MG CT MR US PR KO DOC XA RF NM PT'.split(' '),
);
export const modalityOf = (modality: string | null): string =>
  modality === null ? '<none>' : MODALITIES.has(modality) ? modality : '<other>';

/** A syntax by its UID: they are all of the standard's (PS3.5), whose arc is closed. */
export const transferSyntaxOf = (uid: string | null): string =>
  uid === null ? '<none>' : /^1\.2\.840\.10008\.1\.2(?:\.[1-7](?:\.\d{1,3})?)?$/.test(uid) ? uid : '<other>';

/** Names of the concepts whose value names a place: that value is a label. */
export const namesPlace = (key: string): boolean => FINDING_SITE.has(key) || LATERALITY.has(key) || REFERENCE.has(key);

/** Every word of the vocabulary: beside an unknown word, none of these can be a person's name. */
export const isKnownWord = (word: string): boolean => KNOWN_WORDS.has(word);

const KNOWN_WORDS: ReadonlySet<string> = new Set(
  [
    ...Object.keys(MEASURES),
    ...Object.keys(MEASURE_LABELS),
    ...Object.keys(REGION_LABELS),
    ...Object.keys(HIP_ROWS),
    ...Object.keys(FOREARM_PARTS),
    ...GROUPING,
    ...Object.values(STANDARD).flat(),
    'a f e x l r lt rt hip hips forearm spine lumbar ap pa lateral femur dualfemur neck upper lower total body whole arm arms',
    'cm kg mg g/cm2 cm2 m s percent leg legs ribs trunk pelvis head subtotal radius ulna area bmc bmd t z pr am score tscore zscore trend vs',
  ].flatMap((text) => normaliseLabel(text).split(/[^\p{L}\p{N}]+/u)),
);
