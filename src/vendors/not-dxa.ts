import type { SrDocument } from '../dicom/document/sr-document.ts';
import { lookup } from '../dxa/values/lookup.ts';
import { everyItem } from './text/item-text.ts';

/** SOP classes of reports that are never bone densitometry (PS3.4 B.5; retired classes are not in this list). */
export const OTHER_SR_CLASSES = lookup<string>({
  '1.2.840.10008.5.1.4.1.1.88.40': 'procedure log',
  '1.2.840.10008.5.1.4.1.1.88.50': 'mammography CAD',
  '1.2.840.10008.5.1.4.1.1.88.59': 'key object selection',
  '1.2.840.10008.5.1.4.1.1.88.65': 'chest CAD',
  '1.2.840.10008.5.1.4.1.1.88.67': 'radiation dose',
  '1.2.840.10008.5.1.4.1.1.88.68': 'radiopharmaceutical radiation dose',
  '1.2.840.10008.5.1.4.1.1.88.69': 'colon CAD',
  '1.2.840.10008.5.1.4.1.1.88.70': 'implantation plan',
  '1.2.840.10008.5.1.4.1.1.88.71': 'acquisition context',
  '1.2.840.10008.5.1.4.1.1.88.73': 'patient radiation dose',
  '1.2.840.10008.5.1.4.1.1.88.74': 'planned imaging agent administration',
  '1.2.840.10008.5.1.4.1.1.88.75': 'performed imaging agent administration',
  '1.2.840.10008.5.1.4.1.1.88.76': 'enhanced radiation dose',
});

/** Root concepts of other reports that come in the general SR classes, such as a CT dose report in Enhanced SR. */
export const OTHER_ROOTS = lookup<string>({
  'DCM:113701': 'radiation dose',
  'DCM:113500': 'radiopharmaceutical radiation dose',
  'DCM:111036': 'mammography CAD',
  'DCM:112220': 'colon CAD',
  'DCM:113000': 'key object selection',
  'DCM:121200': 'echocardiography',
  'DCM:125000': 'ultrasound',
});

const DXA_WORDS = /\b(?:dxa|dexa|bmd|bone mineral|densitometry|t-?score)\b/i;

/** Why a document cannot be about bone densitometry, by SOP class or root concept; null when neither says so. */
export function otherKindOfReport(document: SrDocument): string | null {
  const byClass = OTHER_SR_CLASSES[document.header.sopClassUid];
  const { concept } = document.root;
  const root = `${concept?.scheme ?? ''}:${concept?.value ?? ''}`;
  return byClass ?? OTHER_ROOTS[root] ?? null;
}

/** Whether any concept name of the tree speaks of bone densitometry. */
export function mentionsDensitometry(document: SrDocument): boolean {
  for (const { concept } of everyItem(document.root)) {
    if (concept !== null && DXA_WORDS.test(concept.meaning.replaceAll('_', ' '))) return true;
  }
  return false;
}

/** What a site or a maintainer needs to know about an unsupported report. Public codes and counts only. */
export function describeDocument(document: SrDocument): Record<string, string | number | boolean | null> {
  const schemes = new Map<string, number>();
  let items = 0;
  let numbers = 0;
  for (const item of everyItem(document.root)) {
    items += 1;
    if (item.valueType === 'NUM') numbers += 1;
    const scheme = item.concept?.scheme ?? '';
    schemes.set(scheme, (schemes.get(scheme) ?? 0) + 1);
  }
  const { concept, templateId } = document.root;
  return {
    sopClassUid: document.header.sopClassUid,
    rootValue: concept?.value ?? null,
    rootScheme: concept?.scheme ?? null,
    rootMeaning: concept?.meaning.slice(0, 64) ?? null,
    templateId,
    items,
    numbers,
    schemes: [...schemes]
      .map(([scheme, count]) => `${scheme || '-'}:${count}`)
      .sort()
      .join(' ')
      .slice(0, 200),
  };
}
