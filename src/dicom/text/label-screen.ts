import { lookup } from '../../dxa/values/lookup.ts';
import type { CodedConcept, DocumentHeader, PersonName, SrItem } from '../document/sr-document.ts';

/**
 * Takes out of the labels of unknown items, which are stored and listed inside the hospital, whatever could name a patient.
 * What leaves the hospital is judged by another rule (survey/screen.ts).
 */
export type LabelScreen = {
  /** A label without a code. */
  readonly label: (text: string) => string;
  /** Code and label of a concept; either is null where there is none. */
  readonly concept: (concept: CodedConcept) => { readonly key: string | null; readonly meaning: string | null };
};

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
type Read = { readonly header: DocumentHeader; readonly root: SrItem | null };

export function openLabelScreen(read: Read): LabelScreen {
  const secrets = secretsOf(read);
  const holdsSecret = (text: string) => {
    const lower = text.toLowerCase();
    return secrets.some((secret) => lower.includes(secret));
  };
  const label = (text: string): string => {
    if (text.length > 64 || holdsSecret(text)) return '<withheld>';
    if (DATE.test(text)) return '<date>';
    if (NUMBER.test(text) || LONG_NUMBER.test(text)) return '<number>';
    return PERSON.test(text) ? '<withheld>' : text;
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
  return {
    label,
    concept: (concept) => {
      const coded = concept.value !== '';
      const meaning = concept.meaning === '' ? null : label(concept.meaning);
      return { key: coded ? key(concept) : null, meaning };
    },
  };
}

function splitKey(key: string): readonly string[] {
  const colon = key.indexOf(':');
  return colon < 0 || key.startsWith('urn:') ? ['', key] : [key.slice(0, colon), key.slice(colon + 1)];
}

/** Words of a file that name a person, a place or an object, in lower case; a label may hold none of them. */
function secretsOf({ header, root }: Read): string[] {
  const { patient, study, equipment } = header;
  const names: (PersonName | null)[] = [patient.name];
  const texts: (string | null)[] = [patient.patientId, patient.birthDate?.raw ?? null, study.accessionNumber];
  texts.push(equipment.deviceSerialNumber, equipment.stationName, equipment.institutionName);
  const stack: SrItem[] = root === null ? [] : [root];
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
