import type { IsoDate } from '../dxa/values/report.ts';
import { geLunarAdapter } from './ge-lunar/adapter.ts';
import { genericAdapter } from './generic/adapter.ts';
import { hologicAdapter } from './hologic/adapter.ts';
import { type AdaptResult, type Content, isRefusal, type VendorAdapter } from './report/adapter.ts';
import { finishReport } from './report/finish-report.ts';
import { type SiteMapping, useMapping } from './report/site-mapping.ts';

/** In order of trust: among equals the first one reads the content, and images are searched in this order. */
export const ADAPTERS: readonly VendorAdapter[] = [hologicAdapter, geLunarAdapter, genericAdapter];

/** Below this an adapter has seen hints only. */
export const RECOGNISED = 0.5;

/** Who reads content that no adapter recognises, by what the site says of it. */
export const MAPPED_ADAPTER: VendorAdapter | undefined = ADAPTERS.find((adapter) => adapter.readsWhatIsMapped);

/** The adapter that is surest, if it is sure enough. */
export function recogniseAdapter(content: Content): VendorAdapter | undefined {
  const sure = ADAPTERS.map((adapter) => adapter.recognise(content));
  const best = Math.max(...sure);
  return best >= RECOGNISED ? ADAPTERS[sure.indexOf(best)] : undefined;
}

/** Turns content into the normalised shape, with what every report gets. */
export function adaptWith(
  adapter: VendorAdapter,
  content: Content,
  receivedOn: IsoDate,
  mapping: SiteMapping,
): AdaptResult {
  const use = useMapping(mapping);
  const adapted = adapter.adapt(content, receivedOn, use);
  return isRefusal(adapted) ? adapted : { ok: true, report: finishReport(adapted, use) };
}
