import type { ContainerItem } from '../../dicom/document/sr-document.ts';
import type { Found } from '../report/adapter.ts';
import type { OpenImage } from '../report/open-image.ts';
import { findGeXml } from './xml-text.ts';

const NO_TREE: ContainerItem = {
  path: '1',
  relationship: null,
  concept: null,
  observationDateTime: null,
  observationUid: null,
  templateId: null,
  children: [],
  valueType: 'CONTAINER',
  continuity: null,
};

/**
 * Finds the results XML in Image Comments of an image of a Lunar densitometer, as a report whose tree is empty. At some
 * sites images come a day before the reports, or alone.
 */
export function findGeReport(image: OpenImage): Found | null {
  const header = image.header();
  return findGeXml(header.imageComments) === null ? null : { header, root: NO_TREE };
}
