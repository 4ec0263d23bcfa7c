import type { CodedConcept } from '../document/sr-document.ts';
import { SNOMED_PAIRS } from './snomed.ts';

/** Coding scheme designators under which old SNOMED codes travel (PS3.16 section 8, "SRT" and its retired names). */
const OLD_SNOMED: ReadonlySet<string> = new Set(['SRT', 'SNM3', '99SDM']);

/**
 * The form by which concepts are compared: "SCHEME:value". SRT, SNM3 and 99SDM are one scheme, and their values become
 * SCT where the pair is known. A URN or URL as code value names its own scheme and
 * stands alone. "" when there is no value.
 */
export function conceptKey(scheme: string, value: string): string {
  if (value === '') return '';
  if (OLD_SNOMED.has(scheme)) {
    const concept = SNOMED_PAIRS.get(value);
    return concept === undefined ? `SRT:${value}` : `SCT:${concept}`;
  }
  if (scheme === '' || /^(?:urn|https?):/i.test(value)) return value;
  return `${scheme.includes(':') ? scheme.replaceAll(':', '%3A') : scheme}:${value}`;
}

export function codedConcept(value: string, scheme: string, meaning: string): CodedConcept {
  return { value, scheme, meaning, key: conceptKey(scheme, value) };
}
