import type { SrDocument } from '../dicom/document/sr-document.ts';
import type { IsoDate } from '../dxa/values/report.ts';
import { adaptWith, MAPPED_ADAPTER, recogniseAdapter } from './adapters.ts';
import { describeDocument, mentionsDensitometry, otherKindOfReport } from './not-dxa.ts';
import type { AdaptResult } from './report/adapter.ts';
import { isMapped, NO_MAPPING, type SiteMapping } from './report/site-mapping.ts';
import { everyItem } from './text/item-text.ts';

/**
 * Turns a structured report into the normalised shape, or says in codes and counts why it is not one of ours. `receivedOn`
 * is the day, in UTC, on which the file came.
 */
export function adaptReport(document: SrDocument, receivedOn: IsoDate, mapping: SiteMapping = NO_MAPPING): AdaptResult {
  const other = otherKindOfReport(document);
  if (other !== null) {
    return { ok: false, code: 'NOT_DXA', facts: { reason: other, ...describeDocument(document) }, path: '1' };
  }
  const adapter = recogniseAdapter(document) ?? (isMappedDocument(document, mapping) ? MAPPED_ADAPTER : undefined);
  if (adapter !== undefined) return adaptWith(adapter, document, receivedOn, mapping);
  const code = mentionsDensitometry(document) ? 'UNSUPPORTED_VENDOR' : 'NOT_DXA';
  return { ok: false, code, facts: describeDocument(document), path: '1' };
}

/** A vocabulary that no adapter knows can be read in full by what the site says about it. */
function isMappedDocument({ root }: SrDocument, mapping: SiteMapping): boolean {
  if (mapping.length === 0) return false;
  for (const { concept } of everyItem(root)) if (isMapped(mapping, concept)) return true;
  return false;
}
