import { lookup } from '../../dxa/values/lookup.ts';
import type { CodedConcept, DocumentHeader, PersonName, SrItem } from '../document/sr-document.ts';

/** Decides what of a document may stand in a survey. Everything that is not plainly a code or a label is replaced. */
export type Screen = {
  /** Key and label of a concept; both null where there is none. */
  readonly concept: (concept: CodedConcept | null) => { readonly key: string | null; readonly meaning: string | null };
  /** A label without a code. */
  readonly label: (text: string) => string;
  /** A defined term such as a value type, a relationship or a template number. */
  readonly word: (term: string | null) => string | null;
  readonly equipment: {
    readonly manufacturer: string | null;
    readonly modelName: string | null;
    readonly softwareVersions: readonly string[];
  };
};

const MANUFACTURERS = [
  'GE',
  'Hologic',
  'Norland',
  'Lunar',
  'DMS',
  'Medilink',
  'OsteoSys',
  'BeamMed',
  'Mindways',
  'Medimaps',
];
const MODELS = [
  'Prodigy',
  'iDXA',
  'DPX',
  'enCORE',
  'Aria',
  'Discovery',
  'Horizon',
  'QDR',
  'Delphi',
  'Explorer',
  'Stratos',
];

/** "12-Mar-2026", "03/05/2024", "2024-03-05", "Mar 5, 2024", "20240305": GE names trend containers by the date. */
const DATE =
  /\d{1,4}\s?[-/.]\s?(?:\d{1,2}|[\p{L}]{3,12}\.?)\s?[-/.]\s?\d{1,4}|\b\d{1,2}\.?\s+\p{L}{3,12}\.?,?\s+\d{2,4}|\p{L}{3,12}\.?\s+\d{1,2},?\s+\d{4}|(?<!\d)(?:19|20)\d{6}(?!\d)|\d{1,2}:\d{2}/u;
const NUMBER = /^[\s\d.,:;+/-]*\d[\s\d.,:;+/-]*$/;
/** "Doe^Jane" or "Doe, Jane". A comma after a vertebra ("L1,L3-L4") has digits around it. */
const PERSON = /\^|^\p{L}[\p{L}'’-]+,\s?\p{L}[\p{L}'’. -]*$|\b(?:Dr|Mr|Mrs|Ms|Prof)\b\.?/iu;
const LONG_NUMBER = /\d{5,}/;

/** Codes of public schemes are what their publishers say, whatever the digits look like. */
const PUBLIC_CODES = lookup<RegExp>({
  DCM: /^\d{6}$/,
  LN: /^\d{1,7}-\d$/,
  SCT: /^\d{6,18}$/,
  SRT: /^[A-Z]\d?-[0-9A-FX-Z]{1,8}$/,
  UCUM: /^[A-Za-z0-9%{}/.*'"_^[\]+-]{1,24}$/,
});

/** `root` is null for an image, which has no tree. */
export function createScreen(document: { readonly header: DocumentHeader; readonly root: SrItem | null }): Screen {
  const secrets = secretsOf(document);
  const holdsSecret = (text: string) => {
    const lower = text.toLowerCase();
    return secrets.some((secret) => lower.includes(secret));
  };
  const label = (text: string): string => {
    if (text.length > 64 || holdsSecret(text)) return '<withheld>';
    if (DATE.test(text)) return '<date>';
    if (NUMBER.test(text) || LONG_NUMBER.test(text)) return '<number>';
    if (PERSON.test(text)) return '<withheld>';
    return text;
  };
  const codeText = (text: string): string => (/^[\w.%{}()/^[\]+-]{1,64}$/.test(text) ? label(text) : '<withheld>');
  const key = (concept: CodedConcept): string => {
    const [scheme = '', value = ''] = splitKey(concept.key);
    if (PUBLIC_CODES[scheme]?.test(value) && !holdsSecret(value)) return concept.key;
    // A number in a private scheme is a code if it is short ("2000-19" is one of Lunar's scans), unless its label shows
    // that dates or names are used as concepts here.
    const short =
      /^\d{1,4}(?:-\d{1,3})?$/.test(value) || (/^\d{5,6}$/.test(value) && label(concept.meaning) === concept.meaning);
    const screened = short && !holdsSecret(value) ? value : codeText(value);
    return scheme === '' ? screened : `${codeText(scheme)}:${screened}`;
  };
  const { equipment } = document.header;
  return {
    label,
    concept: (concept) => {
      if (concept === null) return { key: null, meaning: null };
      const coded = concept.value !== '';
      return {
        key: coded ? key(concept) : null,
        meaning: concept.meaning === '' ? null : coded ? label(concept.meaning) : '<withheld>',
      };
    },
    word: (term) =>
      term === null ? null : /^[A-Z0-9][A-Z0-9 _]{0,15}$/.test(term) ? label16(term, holdsSecret) : '<withheld>',
    equipment: {
      manufacturer: knownWord(equipment.manufacturer, MANUFACTURERS),
      modelName: knownWord(equipment.modelName, MODELS),
      softwareVersions: equipment.softwareVersions.filter((version) => /^\d{1,3}(?:[.:]\d{1,4}){1,4}$/.test(version)),
    },
  };
}

function label16(term: string, holdsSecret: (text: string) => boolean): string {
  return holdsSecret(term) ? '<withheld>' : term;
}

function splitKey(key: string): readonly string[] {
  const colon = key.indexOf(':');
  return colon < 0 || key.startsWith('urn:') ? ['', key] : [key.slice(0, colon), key.slice(colon + 1)];
}

/** A maker's or model's name only as a word we know: the attribute is free text, and some add a serial number. */
function knownWord(text: string | null, words: readonly string[]): string | null {
  if (text === null) return null;
  return words.find((word) => new RegExp(`\\b${word}\\b`, 'i').test(text)) ?? '<other>';
}

/** Words of the document that name a person, a place or an object, in lower case; a label may hold none of them. */
function secretsOf(document: { readonly header: DocumentHeader; readonly root: SrItem | null }): string[] {
  const { patient, study, equipment } = document.header;
  const names: (PersonName | null)[] = [patient.name];
  const texts: (string | null)[] = [patient.patientId, patient.birthDate?.raw ?? null, study.accessionNumber];
  texts.push(equipment.deviceSerialNumber, equipment.stationName, equipment.institutionName);
  const stack: SrItem[] = document.root === null ? [] : [document.root];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (item.valueType === 'PNAME') names.push(item.name);
    stack.push(...item.children);
  }
  const words = names.flatMap((name) =>
    name === null
      ? []
      : [name.alphabetic, name.ideographic, name.phonetic].flatMap((group) => group.split(/[\^\s,.-]+/)),
  );
  // Shorter words would strike out half of all labels ("L1", "AP", "BMD").
  return [...words, ...texts]
    .filter((word) => word !== null && word.length >= 3)
    .map((word) => (word ?? '').toLowerCase());
}
