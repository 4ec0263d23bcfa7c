import type { PersonName } from '../document/sr-document.ts';

/**
 * Splits decoded PN text into its three component groups (PS3.5 6.2.1). Components stay as written, divided by "^".
 * Null when nothing is there.
 */
export function readPersonName(text: string): PersonName | null {
  const [alphabetic = '', ideographic = '', phonetic = ''] = text.split('=').map((group) => group.trim());
  if (alphabetic === '' && ideographic === '' && phonetic === '') return null;
  return { alphabetic, ideographic, phonetic };
}
