import type { SrDocument } from '../dicom/document/sr-document.ts';
import type { IsoDate } from '../dxa/values/report.ts';
import { geLunarAdapter } from './ge-lunar/adapter.ts';
import { genericAdapter } from './generic/adapter.ts';
import { describeDocument, mentionsDensitometry, otherKindOfReport } from './not-dxa.ts';
import { type AdaptResult, isRefusal, type VendorAdapter } from './report/adapter.ts';
import { believeSides } from './report/believe-sides.ts';
import { finishReport } from './report/finish-report.ts';
import { isMapped, NO_MAPPING, type SiteMapping, useMapping } from './report/site-mapping.ts';
import { everyItem } from './text/item-text.ts';

/** In order of trust: among equals the first one reads the report. */
export const ADAPTERS: readonly VendorAdapter[] = [geLunarAdapter, genericAdapter];

/** Below this an adapter has seen hints only. */
export const RECOGNISED = 0.5;

/**
 * Turns a structured report into the normalised shape, or says in codes and counts why it is not one of ours. `receivedOn`
 * is the day, in UTC, on which the file came.
 */
export function adaptReport(document: SrDocument, receivedOn: IsoDate, mapping: SiteMapping = NO_MAPPING): AdaptResult {
  const other = otherKindOfReport(document);
  if (other !== null) {
    return { ok: false, code: 'NOT_DXA', facts: { reason: other, ...describeDocument(document) }, path: '1' };
  }
  const sure = ADAPTERS.map((adapter) => adapter.recognise(document));
  const best = Math.max(...sure);
  const recognised = best >= RECOGNISED ? ADAPTERS[sure.indexOf(best)] : undefined;
  const adapter = recognised ?? (isMappedDocument(document, mapping) ? genericAdapter : undefined);
  if (adapter === undefined) {
    const code = mentionsDensitometry(document) ? 'UNSUPPORTED_VENDOR' : 'NOT_DXA';
    return { ok: false, code, facts: describeDocument(document), path: '1' };
  }
  const use = useMapping(mapping);
  const adapted = adapter.adapt(document, receivedOn, use);
  if (isRefusal(adapted)) return adapted;
  return { ok: true, report: finishReport(believeSides(adapted, document.header), use) };
}

/** A vocabulary that no adapter knows can be read in full by what the site says about it. */
function isMappedDocument({ root }: SrDocument, mapping: SiteMapping): boolean {
  if (mapping.length === 0) return false;
  for (const { concept } of everyItem(root)) if (isMapped(mapping, concept)) return true;
  return false;
}
