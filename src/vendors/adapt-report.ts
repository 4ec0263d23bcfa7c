import type { SrDocument } from '../dicom/sr-document.ts';
import { checkConsistency } from '../dxa/consistency.ts';
import { type AdaptResult, isRefusal, type VendorAdapter } from './adapter.ts';
import { geLunarAdapter } from './ge-lunar/adapter.ts';
import { genericAdapter } from './generic/adapter.ts';
import { describeDocument, mentionsDensitometry, otherKindOfReport } from './not-dxa.ts';

/** In order of trust: among equals the first one reads the report. */
export const ADAPTERS: readonly VendorAdapter[] = [geLunarAdapter, genericAdapter];

/** Below this an adapter has seen hints only. */
const RECOGNISED = 0.5;

/** Turns a structured report into the normalised shape, or says in codes and counts why it is not one of ours. */
export function adaptReport(document: SrDocument): AdaptResult {
  const other = otherKindOfReport(document);
  if (other !== null) {
    return { ok: false, code: 'NOT_DXA', facts: { reason: other, ...describeDocument(document) }, path: '1' };
  }
  const sure = ADAPTERS.map((adapter) => adapter.recognise(document));
  const best = Math.max(...sure);
  const adapter = best >= RECOGNISED ? ADAPTERS[sure.indexOf(best)] : undefined;
  if (adapter === undefined) {
    const code = mentionsDensitometry(document) ? 'UNSUPPORTED_VENDOR' : 'NOT_DXA';
    return { ok: false, code, facts: describeDocument(document), path: '1' };
  }
  const adapted = adapter.adapt(document);
  if (isRefusal(adapted)) return adapted;
  return { ok: true, report: { ...adapted, findings: [...adapted.findings, ...checkConsistency(adapted.values)] } };
}
