import type { ElementTable } from '../../dicom/document/element-table.ts';
import type { ContainerItem, SrDocument } from '../../dicom/document/sr-document.ts';
import type { ReadLimits } from '../../dicom/encoding/limits.ts';
import { type ImageRefusal, readImage } from '../report/open-image.ts';
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
 * Reads an image of a Lunar densitometer that carries the results XML in Image Comments, as a report whose tree is empty.
 * At some sites images come a day before the reports, or alone.
 */
export function readGeImage(
  bytes: Uint8Array,
  limits: ReadLimits,
): { readonly ok: true; readonly document: SrDocument; readonly table: ElementTable } | ImageRefusal {
  const read = readImage(bytes, limits, (image) => {
    const header = image.header();
    return findGeXml(header.imageComments) === null ? null : { header, table: image.table };
  });
  if (!read.ok) return read;
  const { header, table } = read.taken;
  return { ok: true, document: { header, root: NO_TREE, findings: read.findings }, table };
}
